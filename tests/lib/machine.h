/* machine: what the unit tests of all machines share: the examples of the spec pages, and walks
 * that try every symbol in every state. Include the machine's gen/ header first. */
#ifndef CLOISTER_TESTS_LIB_MACHINE_H
#define CLOISTER_TESTS_LIB_MACHINE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fsm/fsm.h"

/* One line of an event example. */
#define EXAMPLE_STEP(NAME, m, event, n, state, effects)                                            \
	do {                                                                                       \
		assert_int_equal(NAME##_step(m, event, n), effects);                               \
		EXAMPLE_STATE(NAME, m, state);                                                     \
	} while (0)

/* The state is compared by name, so that a failure reads well. */
#define EXAMPLE_STATE(NAME, m, state)                                                              \
	do {                                                                                       \
		assert_string_equal(NAME##_kind.states[(m)->cs], NAME##_kind.states[state]);       \
		assert_true(NAME##_ok(m));                                                         \
	} while (0)

/* A byte example: fed whole, byte by byte, and cut in two at every place. */
#define EXAMPLE_BYTES(NAME, fresh, bytes, size, used, check)                                       \
	do {                                                                                       \
		struct NAME example;                                                               \
		size_t eaten = 0;                                                                  \
		for (size_t cut = 0; cut <= (size); cut++) {                                       \
			example = *(fresh);                                                        \
			eaten = NAME##_feed(&example, bytes, cut);                                 \
			assert_true(NAME##_ok(&example));                                          \
			eaten += NAME##_feed(&example, (bytes) + cut, (size)-cut);                 \
			assert_int_equal(eaten, used);                                             \
			check(&example);                                                           \
		}                                                                                  \
		example = *(fresh);                                                                \
		for (eaten = 0; eaten < (size) && !NAME##_ended(&example); eaten++) {              \
			assert_int_equal(NAME##_feed(&example, (bytes) + eaten, 1), 1);            \
			assert_true(NAME##_ok(&example));                                          \
		}                                                                                  \
		assert_int_equal(eaten, used);                                                     \
		check(&example);                                                                   \
	} while (0)

/* A machine as the walks see it: a piece of memory and five functions. */
struct walk {
	size_t size;
	void (*init)(void *m);
	uint32_t (*step)(void *m, unsigned symbol, uint32_t n);
	int (*ok)(const void *m);
	int (*state)(const void *m);
	const struct fsm_kind *kind;
};

/* Breadth first from init: every symbol with every amount in every situation, up to `situations`
 * different ones. Asserts that each step keeps the invariant, that no situation is outside the
 * named states, and that every state was entered. */
void walk_events(const struct walk *walk, const uint32_t *amounts, size_t count, size_t situations);

/* The same over bytes 0..255, with one situation per state. */
void walk_bytes(const struct walk *walk);

/* The shims that walk_events needs, for an event machine whose init takes no more than itself. */
#define WALK_EVENTS(NAME)                                                                          \
	WALK_COMMON(NAME)                                                                          \
	static void NAME##_walk_init(void *m)                                                      \
	{                                                                                          \
		NAME##_init(m);                                                                    \
	}                                                                                          \
	static uint32_t NAME##_walk_step(void *m, unsigned symbol, uint32_t n)                     \
	{                                                                                          \
		return NAME##_step(m, (enum NAME##_event)symbol, n);                               \
	}                                                                                          \
	WALK_RECORD(NAME)

/* The same for a byte machine; INIT is its init with arguments, over `m`. */
#define WALK_BYTES(NAME, INIT)                                                                     \
	WALK_COMMON(NAME)                                                                          \
	static void NAME##_walk_init(void *memory)                                                 \
	{                                                                                          \
		struct NAME *m = memory;                                                           \
		INIT;                                                                              \
	}                                                                                          \
	static uint32_t NAME##_walk_step(void *m, unsigned symbol, uint32_t n)                     \
	{                                                                                          \
		(void)n;                                                                           \
		NAME##_step(m, (uint8_t)symbol);                                                   \
		return 0;                                                                          \
	}                                                                                          \
	WALK_RECORD(NAME)

#define WALK_COMMON(NAME)                                                                          \
	static int NAME##_walk_ok(const void *m)                                                   \
	{                                                                                          \
		return NAME##_ok(m);                                                               \
	}                                                                                          \
	static int NAME##_walk_state(const void *m)                                                \
	{                                                                                          \
		return ((const struct NAME *)m)->cs;                                               \
	}

#define WALK_RECORD(NAME)                                                                          \
	static const struct walk NAME##_walk = {                                                   \
		.size = sizeof(struct NAME),                                                       \
		.init = NAME##_walk_init,                                                          \
		.step = NAME##_walk_step,                                                          \
		.ok = NAME##_walk_ok,                                                              \
		.state = NAME##_walk_state,                                                        \
		.kind = &NAME##_kind,                                                              \
	};

#endif
