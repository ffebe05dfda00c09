/* init_unit_file: what unit files say, and what is refused with file, line and column. */
#include "services/init/unit_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "tests/lib/unit_text.h"

static void all_keys_are_read(void **unused)
{
	(void)unused;
	assert_int_equal(load("ExecStart = \"serve --name 'a b'\"\n"
			      "Environment = [\"A=1\", \"B=x y\"]\n"
			      "WorkingDirectory = \"/srv\"\n"
			      "User = \"web\"\n"
			      "Group = \"www\"\n"
			      "EnvFile = [\"/etc/a\", \"-/etc/b\"]\n"
			      "Restart = \"on-failure\"\n"
			      "RestartSec = 3\n"
			      "RestartLimit = 4\n"
			      "RestartWindow = 20\n"
			      "StopTimeout = 7\n"
			      "MemoryMax = 67_108_864\n"
			      "TasksMax = 20\n"
			      "CPUMax = 150\n"
			      "ServiceEnable = false\n"
			      "LogConsole = false\n"
			      "LogLimit = 1_048_576\n"
			      "LogFiles = 4\n"
			      "LogTimes = false\n"
			      "LogSeal = \"/etc/logs.pub\"\n"
			      "After = [\"x\", \"y.service\"]\n"
			      "Before = [\"z\"]\n"
			      "Requires = [\"x\"]\n"
			      "RequiredBy = [\"w.service\"]\n"),
		0);
	assert_int_equal(unit.argument_count, 3);
	assert_string_equal(unit.arguments[0], "serve");
	assert_string_equal(unit.arguments[2], "a b");
	assert_null(unit.arguments[3]);
	assert_string_equal(unit.environment[1], "B=x y");
	assert_null(unit.environment[2]);
	assert_string_equal(unit_file_value(&unit, "A"), "1");
	assert_null(unit_file_value(&unit, "AB"));
	assert_string_equal(unit.directory, "/srv");
	assert_string_equal(unit.user, "web");
	assert_string_equal(unit.group, "www");
	assert_int_equal(unit.environment_files.count, 2);
	assert_string_equal(unit.environment_files.list[1], "-/etc/b");
	assert_int_equal(unit.restart.policy, RESTART_ON_FAILURE);
	assert_int_equal(unit.restart.base, 3000);
	assert_int_equal(unit.restart.limit, 4);
	assert_int_equal(unit.restart.window, 20000);
	assert_int_equal(unit.stop_seconds, 7);
	assert_int_equal(unit.memory_max, 67108864);
	assert_int_equal(unit.tasks_max, 20);
	assert_int_equal(unit.cpu_max, 150);
	assert_true(unit_file_is_limited(&unit));
	assert_int_equal(unit.is_enabled, 0);
	assert_int_equal(unit.is_shown, 0);
	assert_int_equal(unit.logs.bytes, 1048576);
	assert_int_equal(unit.logs.files, 4);
	assert_int_equal(unit.logs.has_times, 0);
	assert_string_equal(unit.seal, "/etc/logs.pub");
	assert_int_equal(unit.after.count, 2);
	assert_string_equal(unit.after.list[1], "y");
	assert_string_equal(unit.before.list[0], "z");
	assert_string_equal(unit.required.list[0], "x");
	assert_string_equal(unit.required_by.list[0], "w");
}

static void rights_are_read(void **unused)
{
	(void)unused;
	assert_int_equal(load("ExecStart = \"a\"\n"
			      "NoNewPrivileges = true\n"
			      "Capabilities = [\"CAP_CHOWN\", \"CAP_CHECKPOINT_RESTORE\"]\n"
			      "LimitNOFILE = 100\n"
			      "LimitCORE = \"infinity\"\n"
			      "SeccompProfile = \"no-network\"\n"
			      "LandlockRead = [\"/usr\"]\n"
			      "LandlockWrite = [\"/tmp\", \"-/run\"]\n"),
		0);
	assert_int_equal(unit.rights.bars, 1);
	assert_int_equal(unit.rights.is_capped, 1);
	assert_int_equal(unit.rights.capabilities, 1 | UINT64_C(1) << 40);
	assert_int_equal(unit.rights.rlimits_named,
		1u << (unsigned)RLIMIT_NOFILE | 1u << (unsigned)RLIMIT_CORE);
	assert_int_equal(unit.rights.rlimits[RLIMIT_NOFILE], 100);
	assert_true(unit.rights.rlimits[RLIMIT_CORE] == UNIT_RLIMIT_UNLIMITED);
	assert_int_equal(unit.rights.filter, UNIT_FILTER_NO_NETWORK);
	assert_int_equal(unit.rights.is_landlocked, 1);
	assert_string_equal(unit.rights.readable.list[0], "/usr");
	assert_string_equal(unit.rights.writable.list[1], "-/run");
	assert_int_equal(load("ExecStart = \"a\"\nCapabilities = []\n"), 0);
	assert_int_equal(unit.rights.is_capped, 1);
	assert_int_equal(unit.rights.capabilities, 0);
	assert_int_equal(unit.rights.bars, -1);
	assert_int_equal(load("ExecStart = \"a\"\nLandlockRead = []\n"), 0);
	assert_int_equal(unit.rights.is_landlocked, 1);
	assert_int_equal(load("ExecStart = \"a\"\nNoNewPrivileges = false\n"), 0);
	assert_int_equal(unit.rights.bars, 0);
}

static void sockets_are_read(void **unused)
{
	static const char *const cases[][3] = {
		{"\"tcp:localhost:80\"", "range", "Sockets: 'tcp:localhost:80' has a name"},
		{"\"tcp:80\"", "address", "one.service:2:1: Sockets: "},
		{"\"unix:run/x\"", "range", "no path from the root"},
		{"\"hybrid:/run/x:80\"", "range", "no address to listen on"},
		{"\"tcp:127.0.0.1:65536\"", "address", "one.service:2:"},
		{"\"\"", "address", "one.service:2:"},
		{"5", "type", "one.service:2:"},
		{"\"vsock:any:1\", \"vsock:any:2\", \"vsock:any:3\", \"vsock:any:4\", "
		 "\"vsock:any:5\", "
		 "\"vsock:any:6\", \"vsock:any:7\", \"vsock:any:8\", \"vsock:any:9\"",
			"limit", "8 addresses"},
	};

	(void)unused;
	assert_int_equal(load("ExecStart = \"a\"\nSockets = [\"tcp:0.0.0.0:80\", \"tcp:[::]:80\", "
			      "\"unix:/run/x\", \"unix:@x\", \"vsock:any:5000\"]\n"),
		0);
	assert_int_equal(unit.socket_count, 5);
	assert_string_equal(unit.sockets[4], "vsock:any:5000");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[512];

		(void)snprintf(
			text, sizeof text, "ExecStart = \"a\"\nSockets = [%s]\n", cases[i][0]);
		assert_refused(text, cases[i][1], cases[i][2]);
	}
}

static void rights_that_are_none_are_refused(void **unused)
{
	static const char *const cases[][3] = {
		{"NoNewPrivileges = 1", "type", "one.service:2:"},
		{"Capabilities = \"CAP_KILL\"", "type", "one.service:2:"},
		{"Capabilities = [\"CAP_KILL\", \"KILL\"]", "range", "'KILL' is no capability"},
		{"LimitNOFILE = -1", "range", "one.service:2:"},
		{"LimitNOFILE = \"many\"", "range", "one.service:2:"},
		{"LimitNOFILE = [1]", "type", "one.service:2:"},
		{"LimitNOTHING = 1", "unknown", "one.service:2:1"},
		{"SeccompProfile = \"some\"", "range",
			"SeccompProfile: it is none, default, no-network or strict"},
		{"LandlockRead = [\"usr\"]", "range", "one.service:2:"},
		{"LandlockWrite = \"/usr\"", "type", "one.service:2:"},
		{"NoNewPrivileges = false\nSeccompProfile = \"strict\"", "range",
			"one.service:3:1: SeccompProfile: it can't be kept"},
		{"NoNewPrivileges = false\nLandlockRead = []", "range", "one.service:3:"},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[256];

		(void)snprintf(text, sizeof text, "ExecStart = \"a\"\n%s\n", cases[i][0]);
		assert_refused(text, cases[i][1], cases[i][2]);
	}
}

static void defaults(void **unused)
{
	(void)unused;
	assert_int_equal(load("ExecStart = [\"a\", \"\", \"b c\"]\nRestartSec = 0\n"), 0);
	assert_int_equal(unit.argument_count, 3);
	assert_string_equal(unit.arguments[1], "");
	assert_string_equal(unit.arguments[2], "b c");
	assert_null(unit.directory);
	assert_null(unit.user);
	assert_int_equal(unit.restart.policy, RESTART_NO);
	assert_int_equal(unit.restart.base, RESTART_DELAY_MIN);
	assert_int_equal(unit.restart.limit, RESTART_LIMIT);
	assert_int_equal(unit.restart.window, RESTART_WINDOW);
	assert_int_equal(unit.stop_seconds, UNIT_STOP_DEFAULT);
	assert_false(unit_file_is_limited(&unit));
	assert_int_equal(unit.is_enabled, 1);
	assert_int_equal(unit.is_shown, 1);
	assert_int_equal(unit.logs.bytes, LOG_LIMIT_DEFAULT);
	assert_int_equal(unit.logs.files, LOG_FILES_DEFAULT);
	assert_int_equal(unit.logs.has_times, 1);
	assert_int_equal(load("ExecStart = \"a\"\nLogLimit = 0\n"), 0);
	assert_int_equal(unit.logs.bytes, 0);
	assert_null(unit.seal);
	assert_int_equal(load("ExecStart = \"a\"\nLogSeal = \"/k\"\n"), 0);
	assert_int_equal(unit.is_shown, 0);
	assert_int_equal(load("ExecStart = \"a\"\nLogSeal = \"/k\"\nLogConsole = true\n"), 0);
	assert_int_equal(unit.is_shown, 1);
}

static void faults_have_a_place(void **unused)
{
	(void)unused;
	assert_refused("ExecStart = \"a\"\nRestrat = \"no\"\n", "unknown", "one.service:2:1");
	assert_refused("ExecStart = \"a\"\nRestart = \"yes\"\n", "range", "one.service:2:");
	assert_refused("ExecStart = \"a 'b\"\n", "syntax", "one.service:1:");
	assert_refused("ExecStart = 5\n", "type", "one.service:1:");
	assert_refused("ExecStart = \"  \"\n", "range", "names no program");
	assert_refused("ExecStart = []\n", "range", "names no program");
	assert_refused("User = \"x\"\n", "missing", "ExecStart");
	assert_refused("ExecStart = \"a\"\nRestartSec = 3601\n", "range", "one.service:2:");
	assert_refused("ExecStart = \"a\"\nRestartWindow = 0\n", "range", "one.service:2:");
	assert_refused("ExecStart = \"a\"\nStopTimeout = 0\n", "range", "one.service:2:");
	assert_refused("ExecStart = \"a\"\nMemoryMax = 65535\n", "range", "one.service:2:");
	assert_refused("ExecStart = \"a\"\nTasksMax = 0\n", "range", "one.service:2:");
	assert_refused("ExecStart = \"a\"\nLogLimit = 16383\n", "range", "one.service:2:");
	assert_refused("ExecStart = \"a\"\nLogLimit = -1\n", "range", "one.service:2:");
	assert_refused("ExecStart = \"a\"\nLogFiles = 0\n", "range", "one.service:2:");
	assert_refused("ExecStart = \"a\"\nLogFiles = 17\n", "range", "one.service:2:");
	assert_refused("ExecStart = \"a\"\nLogSeal = \"logs.pub\"\n", "range", "one.service:2:");
	assert_refused("ExecStart = \"a\"\nCPUMax = \"20%\"\n", "type", "one.service:2:");
	assert_refused("ExecStart = \"a\"\nEnvironment = [\"=x\"]\n", "syntax", "one.service:2:");
	assert_refused("ExecStart = \"a\"\nAfter = [\"../x\"]\n", "name", "one.service:2:");
	assert_refused("ExecStart = \"a\"\nUser = \"\"\n", "range", "one.service:2:");
	assert_refused("ExecStart = \"a\"\nGroup = 5\n", "type", "one.service:2:");
	assert_refused("ExecStart = \"a\"\nEnvFile = \"/a\"\n", "type", "one.service:2:");
	assert_refused("ExecStart = \"a\"\nEnvFile = [\"a\"]\n", "range", "one.service:2:");
	assert_refused("ExecStart = \"a\"\nEnvFile = [\"-\"]\n", "range", "one.service:2:");
	assert_refused("ExecStart = \"a\"\nCPUQuota = 20\n", "unknown", "one.service:2:1");
	assert_refused("[unit]\nExecStart = \"a\"\n", "missing", "ExecStart");
	assert_refused("ExecStart = \"a\n", "syntax", "one.service:1:");
}

static void limits_hold(void **unused)
{
	static char text[CONF_TEXT_MAX];
	size_t used = (size_t)snprintf(text, sizeof text, "ExecStart = \"");

	(void)unused;
	for (unsigned i = 0; i <= UNIT_WORDS_MAX; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "a ");
	(void)snprintf(text + used, sizeof text - used, "\"\n");
	assert_refused(text, "limit", "64 arguments");
	used = (size_t)snprintf(text, sizeof text, "ExecStart = \"");
	memset(text + used, 'a', UNIT_TEXT_MAX + 1u);
	(void)snprintf(text + used + UNIT_TEXT_MAX + 1u, 8, "\"\n");
	assert_refused(text, "limit", "bytes");
	used = (size_t)snprintf(text, sizeof text, "ExecStart = \"x\"\nAfter = [");
	for (unsigned i = 0; i <= UNIT_NAMES_MAX; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "\"u%u\",", i);
	(void)snprintf(text + used, sizeof text - used, "]\n");
	assert_refused(text, "limit", "32 names");
}

static void a_variable_counts_once(void **unused)
{
	(void)unused;
	assert_int_equal(
		load("ExecStart = \"a\"\nEnvironment = [\"A=1\", \"A=2\", \"AB=3\"]\n"), 0);
	assert_int_equal(unit.variable_count, 2);
	assert_string_equal(unit_file_value(&unit, "A"), "1");
	assert_string_equal(unit_file_value(&unit, "AB"), "3");
}

static void an_instance_knows_its_name(void **unused)
{
	static const char text[] = "ExecStart = \"a %i '%%i' 100%%\"\n"
				   "Environment = [\"NAME=%i-%i\"]\nAfter = [\"db@%i\"]\n"
				   "Sockets = [\"unix:/run/%i.sock\"]\n";
	static const char wrong[] = "ExecStart = \"a\"\nEnvironment = [\"A=50%\"]\n";
	static const char large[] = "ExecStart = \"a %i%i%i%i\"\n";
	char name[UNIT_NAME_MAX];

	(void)unused;
	unit_file_begin(&unit, "w@one");
	assert_int_equal(unit_file_read(&unit, &conf, "w@", text, strlen(text), &fault), 0);
	assert_string_equal(unit.arguments[1], "one");
	assert_string_equal(unit.arguments[2], "%i");
	assert_string_equal(unit.arguments[3], "100%");
	assert_string_equal(unit.environment[0], "NAME=one-one");
	assert_string_equal(unit.after.list[0], "db@one");
	assert_string_equal(unit.sockets[0], "unix:/run/one.sock");
	assert_int_equal(load(text), -1); /* of no instance: db@%i is no name */
	unit_file_begin(&unit, "w@one");
	assert_int_equal(unit_file_read(&unit, &conf, "w@", wrong, strlen(wrong), &fault), -1);
	assert_string_equal(fault.word, "syntax");
	assert_non_null(strstr(fault.text, "w@:2:1: Environment: 'A=50%': "));
	(void)snprintf(name, sizeof name, "w@%061d", 0);
	unit_file_begin(&unit, name);
	unit.used = UNIT_TEXT_MAX - 4u * 61u;
	assert_int_equal(unit_file_read(&unit, &conf, "w@", large, strlen(large), &fault), -1);
	assert_string_equal(fault.word, "limit");
}

static void names_are_checked(void **unused)
{
	static const char *const good[] = {"a", "web-1", "x@y", "A_b.c", "a:b"};
	static const char *const bad[] = {"", ".", "..", ".a", "a/b", "a b", "\xc3\xa4"};
	char longest[UNIT_NAME_MAX + 1u];

	(void)unused;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_true(unit_name_ok(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(unit_name_ok(bad[i]));
	memset(longest, 'a', sizeof longest);
	longest[UNIT_NAME_MAX] = '\0';
	assert_false(unit_name_ok(longest));
	longest[UNIT_NAME_MAX - 1u] = '\0';
	assert_true(unit_name_ok(longest));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_keys_are_read),
		cmocka_unit_test(rights_are_read),
		cmocka_unit_test(sockets_are_read),
		cmocka_unit_test(rights_that_are_none_are_refused),
		cmocka_unit_test(defaults),
		cmocka_unit_test(faults_have_a_place),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(a_variable_counts_once),
		cmocka_unit_test(an_instance_knows_its_name),
		cmocka_unit_test(names_are_checked),
	};

	return cmocka_run_group_tests_name("init_unit_file", tests, NULL, NULL);
}
