/* child: see child.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lib/child.h"

static void started(struct child *child)
{
	((struct told *)child)->starts++;
}

static void failed(struct child *child, const struct fault *reason)
{
	struct told *told = (struct told *)child;

	assert_int_equal(child->pid, 0);
	told->failures++;
	told->fault = *reason;
}

static void ended(struct child *child, int code, bool was_signal)
{
	struct told *told = (struct told *)child;

	told->ends++;
	told->code = code;
	told->was_signal = was_signal;
	if (!told->is_kept)
		child_reap(child);
}

void told_start(struct told *told, struct loop *loop, const struct child_plan *plan)
{
	struct fault fault;

	told->child.started = started;
	told->child.failed = failed;
	told->child.ended = ended;
	assert_int_equal(child_start(&told->child, loop, plan, &fault), 0);
}

void told_ended(const struct told *told, int code, bool was_signal)
{
	assert_int_equal(told->starts, 1);
	assert_int_equal(told->failures, 0);
	assert_int_equal(told->ends, 1);
	assert_int_equal(told->code, code);
	assert_int_equal(told->was_signal, was_signal);
}
