/* pipeline_exec: the verb exec against a listener that does what it is told, wrong things too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/pipeline.h"

static struct pipeline_result result;

/* --- How it ends ------------------------------------------------------------------------------ */

static void statuses_are_passed_on(void **state)
{
	static const int statuses[] = {0, 1, 7, 125, 126, 127, 128, 137, 255};
	struct pipeline_server *server = *state;
	char text[8];

	for (unsigned i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
		(void)snprintf(text, sizeof text, "%d", statuses[i]);
		assert_int_equal(RUN("exec", "--", "status", text), statuses[i]);
		assert_string_equal(result.errors, "");
		assert_string_equal(result.output, "");
	}
	assert_int_equal(server->lost, 0);
}

static void a_status_that_is_none_is_the_peers_fault(void **state)
{
	struct pipeline_server *server = *state;

	assert_int_equal(RUN("exec", "--", "status", "256"), 125);
	assert_non_null(strstr(result.errors, "reason: protocol\n"));
}

static void a_command_that_did_not_run_has_a_reason(void **state)
{
	struct pipeline_server *server = *state;

	assert_int_equal(RUN("exec", "--", "nothing", "127", "11"), 127);
	assert_string_equal(
		result.errors, "pipeline: nothing: it was not there\nreason: not_found\n");
	assert_int_equal(RUN("exec", "--", "nothing", "126", "12"), 126);
	assert_non_null(strstr(result.errors, "reason: not_executable\n"));
	assert_int_equal(RUN("exec", "--", "nothing", "125", "7"), 125);
	assert_non_null(strstr(result.errors, "reason: limit\n"));
}

static void refusals_and_resets_have_their_codes(void **state)
{
	struct pipeline_server *server = *state;

	assert_int_equal(RUN("exec", "--", "refuse", "10"), 125);
	assert_string_equal(result.errors,
		"pipeline: the command was refused: not \\x1b[31mred\nreason: denied\n");
	assert_int_equal(RUN("exec", "--", "refuse", "11"), 127);
	assert_int_equal(RUN("exec", "--", "reset", "14"), 125);
	assert_string_equal(
		result.errors, "pipeline: the command was given up: that is all\nreason: space\n");
	assert_int_equal(RUN("exec", "--", "reset", "4711"), 125);
	assert_non_null(strstr(result.errors, "reason: unknown\n"));
}

static void a_listener_that_vanishes_is_told_so(void **state)
{
	struct pipeline_server *server = *state;

	assert_int_equal(RUN("exec", "--", "vanish"), 125);
	assert_non_null(strstr(result.errors, "reason: lost\n"));
	assert_non_null(strstr(result.errors, server->address));
}

/* --- Streams ---------------------------------------------------------------------------------- */

static void outputs_stay_apart(void **state)
{
	struct pipeline_server *server = *state;

	assert_int_equal(RUN("exec", "--", "both", "3000"), 0);
	assert_int_equal(strspn(result.output, "o"), 3000);
	assert_int_equal(strspn(result.errors, "e"), 3000);
	assert_int_equal(strlen(result.output) + strlen(result.errors), 6000);
}

static void input_is_passed_on_only_when_wanted(void **state)
{
	struct pipeline_server *server = *state;
	const char *const *with = WORDS("exec", "-i", "--", "echo");
	const char *const *without = WORDS("exec", "--", "echo");

	assert_int_equal(pipeline_run(server, &result, "some\n\001bytes\377", with), 0);
	assert_string_equal(result.output, "some\n\001bytes\377");
	assert_int_equal(pipeline_run(server, &result, "some", without), 0);
	assert_string_equal(result.output, "");
	assert_int_equal(pipeline_run(server, &result, "", with), 0);
	assert_string_equal(result.output, "");
}

/* More than any window, from a file, which no loop can wait for. */
static void much_input_comes_back(void **state)
{
	struct pipeline_server *server = *state;
	size_t size = 3000000;
	char *input = malloc(size + 1);

	for (size_t i = 0; i < size; i++)
		input[i] = (char)('a' + i % 23);
	input[size] = '\0';
	assert_int_equal(
		pipeline_run(server, &result, input, WORDS("exec", "-i", "--", "echo")), 0);
	assert_int_equal(result.output_size, size);
	assert_memory_equal(result.output, input, sizeof result.output - 1);
	free(input);
}

/* The command ends while the client waits for input that never comes. */
static void an_end_does_not_wait_for_input(void **state)
{
	struct pipeline_server *server = *state;
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pipeline_start(server, &result, ends[0], WORDS("exec", "-i", "--", "status", "3"));
	pipeline_wait(server, &result);
	told_ended(&result.told, 3, false);
	assert_string_equal(result.errors, "");
	close(ends[1]);
}

/* Input that the peer doesn't take is not read without end. */
static void a_peer_that_does_not_read_stops_the_input(void **state)
{
	struct pipeline_server *server = *state;
	size_t size = 3000000;
	char *input = malloc(size + 1);

	memset(input, 'x', size);
	input[size] = '\0';
	pipeline_start(server, &result, pipeline_input(input), WORDS("exec", "-i", "--", "deaf"));
	while (server->received < slc_usual.window)
		pipeline_server_turn(server);
	assert_int_equal(kill(result.told.child.pid, SIGUSR1), 0);
	pipeline_wait(server, &result);
	told_ended(&result.told, 128 + SIGUSR1, false);
	assert_int_equal(server->received, slc_usual.window);
	free(input);
}

/* --- Signals ---------------------------------------------------------------------------------- */

static void signals_are_passed_on(void **state)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};
	struct pipeline_server *server = *state;

	for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		server->is_input_over = false;
		pipeline_start(server, &result, pipeline_input(""), WORDS("exec", "--", "hold"));
		while (!server->is_input_over) /* it was accepted, and signals are watched */
			pipeline_server_turn(server);
		assert_int_equal(kill(result.told.child.pid, numbers[i]), 0);
		pipeline_wait(server, &result);
		told_ended(&result.told, 128 + numbers[i], false);
		assert_string_equal(result.errors, "");
	}
}

static void a_client_that_is_killed_is_lost(void **state)
{
	struct pipeline_server *server = *state;

	pipeline_start(server, &result, pipeline_input(""), WORDS("exec", "--", "hold"));
	while (!server->is_input_over)
		pipeline_server_turn(server);
	assert_int_equal(kill(result.told.child.pid, SIGKILL), 0);
	pipeline_wait(server, &result);
	told_ended(&result.told, SIGKILL, true);
	assert_int_equal(server->lost, 1);
	assert_null(server->channel);
}

/* As in `pipeline exec -- yes | head -1`. */
static void a_reader_that_leaves_ends_it_quietly(void **state)
{
	static const char command[] =
		"\"$0\" --insecure-dev exec -- flood 2>&1 | head -c 5; exit \"${PIPESTATUS[0]}\"";
	struct pipeline_server *server = *state;
	char address[160], *program = pipeline_program();
	struct child_plan plan = {.program = "bash", .path = SHELL_PATH};
	struct told told = {0};

	(void)snprintf(address, sizeof address, "CLOISTER_ADDR=%s", server->address);
	plan.argv = WORDS("bash", "-c", command, program);
	plan.environment = WORDS(address, "PATH=" SHELL_PATH);
	told_start(&told, server->loop, &plan);
	while (told.ends == 0 || server->slc != NULL)
		pipeline_server_turn(server);
	told_ended(&told, 128 + SIGPIPE, false);
	assert_int_equal(server->reset, SLC_REASON_CANCELLED);
	assert_int_equal(server->lost, 0);
	free(program);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIPELINE_TEST(statuses_are_passed_on),
		PIPELINE_TEST(a_status_that_is_none_is_the_peers_fault),
		PIPELINE_TEST(a_command_that_did_not_run_has_a_reason),
		PIPELINE_TEST(refusals_and_resets_have_their_codes),
		PIPELINE_TEST(a_listener_that_vanishes_is_told_so),
		PIPELINE_TEST(outputs_stay_apart),
		PIPELINE_TEST(input_is_passed_on_only_when_wanted),
		PIPELINE_TEST(much_input_comes_back),
		PIPELINE_TEST(an_end_does_not_wait_for_input),
		PIPELINE_TEST(a_peer_that_does_not_read_stops_the_input),
		PIPELINE_TEST(signals_are_passed_on),
		PIPELINE_TEST(a_client_that_is_killed_is_lost),
		PIPELINE_TEST(a_reader_that_leaves_ends_it_quietly),
	};

	return cmocka_run_group_tests_name("pipeline_exec", tests, NULL, NULL);
}
