/* machine: what the fuzz harnesses of all machines share. A harness is one line:
 *   FUZZ_BYTES(slc_frame, slc_frame_init(m, seed % (SLC_FRAME_LIMIT_MAX + 1u)))
 *   FUZZ_EVENTS(unit, UNIT_RESET, unit_init(m))
 * The first four input bytes are `seed`, for arguments of init and for places to cut; the rest are
 * the bytes of a byte machine, or, for an event machine, pairs of an event and the amount it
 * carries. Oracles: the invariant holds after each step; the same chart compiled as tables
 * (ragel -T0, functions NAME_t0_step and so on) takes the same step; an end is never left; the
 * result does not depend on how the bytes were cut.
 *
 * With FUZZ_TABLES the tables are linked and compared. With FUZZ_ROWS (the header that
 * fsm/tool/rows.py makes) the harness is built for the replay of corpora: at exit it prints how
 * often each row of the page's table and each arrow of the machine was walked, and fails the test
 * if one was not. */
#ifndef CLOISTER_FUZZ_MACHINE_H
#define CLOISTER_FUZZ_MACHINE_H

#include "fuzz/input.h"

#ifdef FUZZ_ROWS
#include <stdio.h>
/* Keeps a compiler that instruments from folding branches that the fuzzer is to tell apart. */
#ifdef __clang__
#define FUZZ_BRANCHES __attribute__((optnone))
#else
#define FUZZ_BRANCHES
#endif
#include FUZZ_ROWS
static inline void fuzz_print_walked(const char *machine, const char *what,
	const char *const *labels, const unsigned long *walked, size_t count)
{
	size_t missing = 0;

	for (size_t i = 0; i < count; i++) {
		printf("%s %s %s %lu\n", what, machine, labels[i], walked[i]);
		if (walked[i] == 0 && ++missing)
			printf("not ok - no input of fuzz/corpus/%s walks %s %s\n", machine, what,
				labels[i]);
	}
	if (missing == 0)
		printf("ok - all %zu %ss of %s are walked\n", count, what, machine);
}
#define FUZZ_WALKED(NAME)                                                                          \
	static unsigned long rows_walked[sizeof NAME##_rows / sizeof *NAME##_rows];                \
	static unsigned long arrows_walked[sizeof NAME##_arrows / sizeof *NAME##_arrows];          \
	__attribute__((destructor)) static void print_walked(void)                                 \
	{                                                                                          \
		fuzz_print_walked(#NAME, "row", NAME##_rows, rows_walked,                          \
			sizeof rows_walked / sizeof *rows_walked);                                 \
		fuzz_print_walked(#NAME, "arrow", NAME##_arrows, arrows_walked,                    \
			sizeof arrows_walked / sizeof *arrows_walked);                             \
	}
#define FUZZ_WALK(NAME, m, symbol, n)                                                              \
	do {                                                                                       \
		int row = NAME##_row(m, symbol, n), arrow = NAME##_arrow(m, symbol, n);            \
		FUZZ_REQUIRE(row >= 0 && arrow >= 0);                                              \
		rows_walked[row]++;                                                                \
		arrows_walked[arrow]++;                                                            \
	} while (0)
#else
#define FUZZ_WALKED(NAME)
#define FUZZ_WALK(NAME, m, symbol, n)
#endif

#ifdef FUZZ_TABLES
#define FUZZ_SAME(condition) FUZZ_REQUIRE(condition)
#else
#define FUZZ_SAME(condition) (void)tables
#endif

#define FUZZ_BYTES(NAME, INIT)                                                                     \
	FUZZ_WALKED(NAME)                                                                          \
	void NAME##_t0_step(struct NAME *m, uint8_t c);                                            \
	static void fuzz_init(struct NAME *m, uint32_t seed)                                       \
	{                                                                                          \
		(void)seed;                                                                        \
		memset(m, 0, sizeof *m);                                                           \
		INIT;                                                                              \
	}                                                                                          \
	int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)                               \
	{                                                                                          \
		uint32_t seed = fuzz_seed(&data, &size);                                           \
		size_t cut = size ? seed % size : 0, whole_used, cut_used, i;                      \
		struct NAME single, tables, whole, parts, before;                                  \
		fuzz_init(&single, seed);                                                          \
		tables = whole = parts = single;                                                   \
		for (i = 0; i < size && !NAME##_ended(&single); i++) {                             \
			FUZZ_WALK(NAME, &single, data[i], data[i]);                                \
			NAME##_step(&single, data[i]);                                             \
			FUZZ_SAME((NAME##_t0_step(&tables, data[i]), 1));                          \
			FUZZ_REQUIRE(NAME##_ok(&single));                                          \
			FUZZ_SAME(memcmp(&single, &tables, sizeof tables) == 0);                   \
		}                                                                                  \
		whole_used = NAME##_feed(&whole, data, size);                                      \
		cut_used = NAME##_feed(&parts, data, cut);                                         \
		cut_used += NAME##_feed(&parts, data + cut, size - cut);                           \
		FUZZ_REQUIRE(whole_used == i && cut_used == i);                                    \
		FUZZ_REQUIRE(memcmp(&single, &whole, sizeof whole) == 0);                          \
		FUZZ_REQUIRE(memcmp(&single, &parts, sizeof parts) == 0);                          \
		before = single;                                                                   \
		if (NAME##_ended(&single) && i < size) {                                           \
			FUZZ_WALK(NAME, &single, data[i], data[i]);                                \
			NAME##_step(&single, data[i]);                                             \
			FUZZ_REQUIRE(memcmp(&single, &before, sizeof before) == 0);                \
		}                                                                                  \
		return 0;                                                                          \
	}

#define FUZZ_EVENTS(NAME, LAST, INIT)                                                              \
	FUZZ_WALKED(NAME)                                                                          \
	uint32_t NAME##_t0_step(struct NAME *m, enum NAME##_event event, uint32_t n);              \
	int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)                               \
	{                                                                                          \
		uint32_t seed = fuzz_seed(&data, &size);                                           \
		struct NAME machine, tables, *m = &machine;                                        \
		(void)seed;                                                                        \
		memset(m, 0, sizeof *m);                                                           \
		INIT;                                                                              \
		tables = machine;                                                                  \
		for (size_t i = 0; i + 1 < size; i += 2) {                                         \
			enum NAME##_event event =                                                  \
				(enum NAME##_event)(1u + data[i] % (unsigned)(LAST));              \
			uint32_t n = fuzz_amount(data[i + 1]);                                     \
			FUZZ_WALK(NAME, m, (unsigned)event, n);                                    \
			uint32_t effects = NAME##_step(m, event, n);                               \
			FUZZ_SAME(NAME##_t0_step(&tables, event, n) == effects);                   \
			(void)effects;                                                             \
			FUZZ_REQUIRE(NAME##_ok(m));                                                \
			FUZZ_SAME(memcmp(m, &tables, sizeof tables) == 0);                         \
		}                                                                                  \
		return 0;                                                                          \
	}

#endif
