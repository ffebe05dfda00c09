/* init_unit_life: what unit files say of readiness, health, stops and relations, and refusals. */
#include "services/init/unit_file.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/unit_text.h"

static void its_life_is_read(void **unused)
{
	(void)unused;
	assert_int_equal(load("ExecStart = \"a\"\n"
			      "Type = \"notify\"\n"
			      "StartTimeout = 60\n"
			      "ExecStop = \"stop --now 'a b'\"\n"
			      "StopSignal = \"SIGINT\"\n"
			      "Watchdog = 5\n"
			      "HealthExec = [\"check\", \"it\"]\n"
			      "HealthInterval = 7\n"
			      "HealthRetries = 2\n"
			      "OnFailure = \"poweroff\"\n"
			      "Wants = [\"v\"]\n"
			      "Milestone = [\"m\"]\n"
			      "BindsTo = [\"b\"]\n"),
		0);
	assert_int_equal(unit.life.type, UNIT_TYPE_NOTIFY);
	assert_true(unit_file_notifies(&unit));
	assert_int_equal(unit_file_start_seconds(&unit), 60);
	assert_int_equal(unit.life.stop.count, 3);
	assert_string_equal(unit.life.stop.words[2], "a b");
	assert_null(unit.life.stop.words[3]);
	assert_int_equal(unit.life.stop_signal, SIGINT);
	assert_int_equal(unit.life.watchdog, 5);
	assert_string_equal(unit.life.health.words[1], "it");
	assert_int_equal(unit.life.health_interval, 7);
	assert_int_equal(unit.life.health_retries, 2);
	assert_int_equal(unit.life.on_failure, UNIT_FAILURE_POWEROFF);
	assert_string_equal(unit.wanted.list[0], "v");
	assert_string_equal(unit.milestones.list[0], "m");
	assert_string_equal(unit.bound.list[0], "b");
	assert_int_equal(load("ExecStart = \"a\"\nType = \"oneshot\"\n"), 0);
	assert_int_equal(unit_file_start_seconds(&unit), UNIT_ONESHOT_DEFAULT);
	assert_false(unit_file_notifies(&unit));
	assert_int_equal(load("ExecStart = \"a\"\nReadyFd = 3\n"), 0);
	assert_int_equal(unit.life.ready_fd, 3);
	assert_int_equal(unit_file_start_seconds(&unit), UNIT_START_DEFAULT);
	assert_int_equal(load("ExecStart = \"a\"\nReadySocket = \"tcp:127.0.0.1:80\"\n"), 0);
	assert_string_equal(unit.life.ready_socket, "tcp:127.0.0.1:80");
	assert_int_equal(load("ExecStart = \"a\"\nReadyExec = \"true\"\n"), 0);
	assert_string_equal(unit.life.ready.words[0], "true");
}

static void a_life_that_is_none_is_refused(void **unused)
{
	static const char *const cases[][3] = {{"Type = \"forking\"", "range", "one.service:2:"},
		{"ReadyFd = 2", "range", "one.service:2:"},
		{"ReadyFd = 64", "range", "one.service:2:"},
		{"ReadyFd = 5\nReadyExec = \"true\"", "range", "in one way"},
		{"ReadyFd = 5\nType = \"notify\"", "range", "in one way"},
		{"ReadyFd = 4\nSockets = [\"tcp:127.0.0.1:1\", \"tcp:127.0.0.1:2\"]", "range",
			"one of its Sockets"},
		{"ReadySocket = \"tcp:localhost:80\"", "range", "by its number"},
		{"ReadySocket = \"nonsense\"", "address", "one.service:2:"},
		{"ReadyExec = \"\"", "range", "no program"},
		{"ExecStop = \"'open\"", "syntax", "one.service:2:"},
		{"StopSignal = \"TERM\"", "range", "one.service:2:"},
		{"StartTimeout = 0", "range", "one.service:2:"},
		{"Watchdog = 0", "range", "one.service:2:"},
		{"OnFailure = \"halt\"", "range", "one.service:2:"},
		{"Type = \"oneshot\"\nRestart = \"always\"", "range", "Restart"},
		{"Type = \"oneshot\"\nWatchdog = 1", "range", "Watchdog"},
		{"Wants = [\"a b\"]", "name", "one.service:2:"}};
	char text[256];

	(void)unused;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		(void)snprintf(text, sizeof text, "ExecStart = \"a\"\n%s\n", cases[i][0]);
		assert_refused(text, cases[i][1], cases[i][2]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(its_life_is_read),
		cmocka_unit_test(a_life_that_is_none_is_refused),
	};

	return cmocka_run_group_tests_name("init_unit_life", tests, NULL, NULL);
}
