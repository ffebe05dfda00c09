/* input: what all fuzz harnesses share: how they take their input apart, and how they say that
 * something is wrong. A harness is a file fuzz/NAME.c with LLVMFuzzerTestOneInput in it; it must do
 * the same for the same input, and leave nothing behind. */
#ifndef CLOISTER_FUZZ_INPUT_H
#define CLOISTER_FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_REQUIRE(condition)                                                                    \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

/* Takes the seed off the input; an input shorter than a seed is taken as seed 0. */
static inline uint32_t fuzz_seed(const uint8_t **data, size_t *size)
{
	uint32_t seed = 0;

	if (*size >= sizeof seed) {
		memcpy(&seed, *data, sizeof seed);
		*data += sizeof seed;
		*size -= sizeof seed;
	}
	return seed;
}

/* Takes one byte off the input; 0 when there is none. */
static inline uint8_t fuzz_byte(const uint8_t **data, size_t *size)
{
	if (*size == 0)
		return 0;
	--*size;
	return *(*data)++;
}

/* Amounts near the edges of what machines compare: 0..239 as they are, then large ones. */
static inline uint32_t fuzz_amount(uint8_t byte)
{
	static const uint32_t large[16] = {255, 256, 1023, 4096, 65535, 65536, 65537, 1048575,
		1048576, 1048577, 16777215, 2147483647, 2147483648u, 4294901760u, 4294967294u,
		4294967295u};

	return byte < 240 ? byte : large[byte - 240];
}

/* Changes one byte of what a harness has built itself, so that a decoder sees what is nearly right:
 * the upper 24 bits of `how` say where, the lower 8 what. Returns 0 if nothing is changed. */
static inline int fuzz_bend(uint8_t *bytes, size_t size, uint32_t how)
{
	if (size == 0 || how % 256 == 0)
		return 0;
	bytes[how / 256 % size] ^= (uint8_t)(how % 256);
	return 1;
}

#endif
