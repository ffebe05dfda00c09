/* child: what the unit tests of processes share. Include it behind cmocka's headers. */
#ifndef CLOISTER_TESTS_LIB_CHILD_H
#define CLOISTER_TESTS_LIB_CHILD_H

#include "runtime/kernel/child.h"

#define SHELL_PATH "/usr/bin:/bin"

/* A plan for a command of the shell. */
#define SHELL(COMMAND)                                                                             \
	{                                                                                          \
		.program = "sh", .path = SHELL_PATH, .argv = (const char *const[])                 \
		{                                                                                  \
			"sh", "-c", COMMAND, NULL                                                  \
		}                                                                                  \
	}

/* A child that remembers what it was told. */
struct told {
	struct child child;
	unsigned starts, ends, failures;
	int code;
	bool was_signal;
	struct fault fault;
	bool is_kept; /* not reaped when it has ended */
};

/* Starts it; a refusal fails the test. */
void told_start(struct told *told, struct loop *loop, const struct child_plan *plan);

/* Fails the test unless it was started, and has ended like this. */
void told_ended(const struct told *told, int code, bool was_signal);

/* Turns until the condition holds. */
#define AWAIT(loop, condition)                                                                     \
	while (!(condition))                                                                       \
	assert_int_equal(loop_turn(loop, UINT64_MAX, &fault), 0)

#endif
