/* machine: what the fuzz harnesses of all machines share. A harness is one line:
 *   FUZZ_BYTES(slc_frame, slc_frame_init(m, seed % (SLC_FRAME_LIMIT_MAX + 1u)))
 *   FUZZ_EVENTS(unit, UNIT_RESET, unit_init(m))
 * The first four input bytes are `seed`, for arguments of init and for places to cut; the rest are
 * the bytes of a byte machine, or, for an event machine, pairs of an event and the amount it
 * carries. Oracles: the invariant holds after each step, an end is never left, and the result does
 * not depend on how the bytes were cut. */
#ifndef CLOISTER_FUZZ_MACHINE_H
#define CLOISTER_FUZZ_MACHINE_H

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

/* Amounts near the edges of what machines compare: 0..239 as they are, then large ones. */
static inline uint32_t fuzz_amount(uint8_t byte)
{
	static const uint32_t large[16] = {255, 256, 1023, 4096, 65535, 65536, 65537, 1048575,
		1048576, 1048577, 16777215, 2147483647, 2147483648u, 4294901760u, 4294967294u,
		4294967295u};

	return byte < 240 ? byte : large[byte - 240];
}

#define FUZZ_BYTES(NAME, INIT)                                                                     \
	static void NAME##_fuzz_init(struct NAME *m, uint32_t seed)                                \
	{                                                                                          \
		(void)seed;                                                                        \
		memset(m, 0, sizeof *m);                                                           \
		INIT;                                                                              \
	}                                                                                          \
	int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)                               \
	{                                                                                          \
		uint32_t seed = fuzz_seed(&data, &size);                                           \
		size_t cut = size ? seed % size : 0, whole_used, cut_used, i;                      \
		struct NAME single, whole, parts, before;                                          \
		NAME##_fuzz_init(&single, seed);                                                   \
		whole = parts = single;                                                            \
		for (i = 0; i < size && !NAME##_ended(&single); i++) {                             \
			NAME##_step(&single, data[i]);                                             \
			FUZZ_REQUIRE(NAME##_ok(&single));                                          \
		}                                                                                  \
		whole_used = NAME##_feed(&whole, data, size);                                      \
		cut_used = NAME##_feed(&parts, data, cut);                                         \
		cut_used += NAME##_feed(&parts, data + cut, size - cut);                           \
		FUZZ_REQUIRE(whole_used == i && cut_used == i);                                    \
		FUZZ_REQUIRE(memcmp(&single, &whole, sizeof whole) == 0);                          \
		FUZZ_REQUIRE(memcmp(&single, &parts, sizeof parts) == 0);                          \
		before = single;                                                                   \
		if (NAME##_ended(&single) && i < size) {                                           \
			NAME##_step(&single, data[i]);                                             \
			FUZZ_REQUIRE(memcmp(&single, &before, sizeof before) == 0);                \
		}                                                                                  \
		return 0;                                                                          \
	}

#define FUZZ_EVENTS(NAME, LAST, INIT)                                                              \
	int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)                               \
	{                                                                                          \
		uint32_t seed = fuzz_seed(&data, &size);                                           \
		struct NAME machine, *m = &machine;                                                \
		(void)seed;                                                                        \
		memset(m, 0, sizeof *m);                                                           \
		INIT;                                                                              \
		for (size_t i = 0; i + 1 < size; i += 2) {                                         \
			unsigned event = 1u + data[i] % (unsigned)(LAST);                          \
			(void)NAME##_step(m, (enum NAME##_event)event, fuzz_amount(data[i + 1]));  \
			FUZZ_REQUIRE(NAME##_ok(m));                                                \
		}                                                                                  \
		return 0;                                                                          \
	}

#endif
