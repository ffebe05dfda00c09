/* machine: the trace hook and the counters, driven by a machine that is not its own. */
#include "runtime/kernel/machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "gen/slc_frame.h"
#include "gen/unit.h"

MACHINE_EVENTS(unit)
MACHINE_BYTES(slc_frame)

static int trace[2];

static int open_trace(void **unused)
{
	(void)unused;
	if (pipe(trace) != 0)
		return -1;
	machine_trace_to(trace[1]);
	return 0;
}

static int close_trace(void **unused)
{
	(void)unused;
	machine_trace_setup(NULL);
	machine_trace_to(STDERR_FILENO);
	close(trace[0]);
	close(trace[1]);
	return 0;
}

/* What was traced so far, as text. */
static const char *traced_text(void)
{
	static char text[4096];
	ssize_t got;

	assert_int_equal(write(trace[1], "", 1), 1);
	got = read(trace[0], text, sizeof text);
	assert_true(got > 0);
	return text;
}

static void an_event_is_one_line(void **unused)
{
	struct unit m;

	(void)unused;
	machine_trace_setup("boot,unit");
	unit_init(&m);
	assert_int_equal(unit_step(&m, UNIT_START, 0), 0);
	assert_int_equal(unit_drive(&m, 7, UNIT_CLEAR, 0), UNIT_DO_SPAWN + UNIT_DO_ARM);
	assert_string_equal(traced_text(),
		"{\"machine\":\"unit\",\"instance\":7,\"from\":\"blocked\",\"event\":\"CLEAR\","
		"\"n\":0,\"to\":\"starting\",\"effects\":[\"spawn\",\"arm\"]}\n");
}

static void a_slice_of_bytes_is_one_line(void **unused)
{
	struct slc_frame m;

	(void)unused;
	machine_trace_setup("all");
	slc_frame_init(&m, 16u);
	assert_int_equal(slc_frame_drive(&m, 1, (const uint8_t *)"\x03\x00\x00", 3), 3);
	assert_string_equal(traced_text(),
		"{\"machine\":\"slc_frame\",\"instance\":1,\"from\":\"type\",\"bytes\":3,"
		"\"to\":\"channel0\"}\n");
}

static void what_was_not_asked_for_is_not_traced(void **unused)
{
	struct unit m;

	(void)unused;
	machine_trace_setup("uni,units,slc_frame");
	unit_init(&m);
	(void)unit_drive(&m, 7, UNIT_START, 0);
	assert_string_equal(traced_text(), "");
}

static void steps_and_moves_are_counted(void **unused)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	struct unit m;

	(void)unused;
	unit_init(&m);
	(void)unit_drive(&m, 1, UNIT_STOP, 0);
	machine_counters_print(stream);
	fclose(stream);
	assert_non_null(strstr(text, "{\"machine\":\"unit\",\"steps\":3,\"moves\":2}\n"));
	assert_non_null(strstr(text, "{\"machine\":\"slc_frame\",\"steps\":1,\"moves\":1}\n"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_event_is_one_line, open_trace, close_trace),
		cmocka_unit_test_setup_teardown(
			a_slice_of_bytes_is_one_line, open_trace, close_trace),
		cmocka_unit_test_setup_teardown(
			what_was_not_asked_for_is_not_traced, open_trace, close_trace),
		cmocka_unit_test(steps_and_moves_are_counted),
	};

	return cmocka_run_group_tests_name("machine", tests, NULL, NULL);
}
