/* library: libcloister's sessions without a transport, plain, against an engine in memory:
 * commands, their input and output, and every way to end. Options and documents are in
 * library_options.c; real listeners, proofs and copies in tests/integration/library.sh. */
#include "runtime/channel/cloister.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/library.h"

static struct cloister_error error;

/* --- The owner of a command ------------------------------------------------------------------- */

struct taker {
	char texts[3][64];
	size_t sizes[3];
	int answer;
	struct cloister_command *cancelled; /* in the middle of a callback; null: none */
};

static int take(void *data, int stream, const void *bytes, size_t size)
{
	struct taker *taker = data;

	assert_true(stream == 1 || stream == 2);
	if (taker->sizes[stream] + size < sizeof taker->texts[stream])
		(void)memcpy(taker->texts[stream] + taker->sizes[stream], bytes, size);
	taker->sizes[stream] += size;
	if (taker->cancelled != NULL)
		cloister_cancel(taker->cancelled);
	return taker->answer;
}

struct giver {
	size_t left;
	bool is_late;
};

static size_t give(void *data, void *bytes, size_t size)
{
	struct giver *giver = data;

	if (giver->is_late)
		return CLOISTER_LATER;
	size = giver->left < size ? giver->left : size;
	(void)memset(bytes, 'x', size);
	giver->left -= size;
	return size;
}

static struct cloister_command *start(
	struct cloister *session, struct taker *taker, const char *word)
{
	const char *const words[] = {word, NULL};
	struct cloister_command *command = cloister_command_new(words);

	assert_non_null(command);
	*taker = (struct taker){0};
	cloister_command_output(command, take, taker);
	assert_int_equal(cloister_start(session, command, &error), 0);
	return command;
}

static void ends(struct cloister_command *command, int wanted, const char *word)
{
	int status = -1;

	assert_true(cloister_is_done(command));
	assert_int_equal(cloister_outcome(command, &status, &error), *word == '\0' ? 0 : -1);
	assert_int_equal(status, wanted);
	if (*word != '\0')
		assert_string_equal(error.word, word);
	cloister_command_free(command);
}

/* --- Tests ------------------------------------------------------------------------------------ */

static void a_command_runs(void **unused)
{
	const char *const words[] = {"cat", NULL};
	struct cloister_command *command;
	struct library_server server;

	(void)unused;
	for (size_t most = 1; most < 100000; most *= 7) {
		struct cloister *session = library_begin(&server, most);
		struct taker taker = {0};

		command = cloister_command_new(words);
		cloister_command_input_bytes(command, "xxxxxxxxxx", 10);
		cloister_command_output(command, take, &taker);
		assert_int_equal(cloister_start(session, command, &error), 0);
		assert_false(cloister_is_done(command));
		assert_int_equal(library_run(session, &server), 0);
		assert_string_equal(taker.texts[1], "xxxxxxxxxx");
		assert_string_equal(taker.texts[2], "over");
		assert_int_equal(cloister_start(session, command, &error), -1);
		assert_string_equal(error.word, "usage");
		ends(command, 7, "");
		library_end(session, &server);
	}
}

static void input_is_asked_for_when_it_can_go(void **unused)
{
	struct library_server server;
	struct cloister *session = library_begin(&server, 3000);
	const char *const words[] = {"cat", NULL};
	struct cloister_command *command = cloister_command_new(words);
	struct giver giver = {.left = 300000, .is_late = true};
	struct taker taker = {0};

	(void)unused;
	cloister_command_input(command, give, &giver);
	cloister_command_output(command, take, &taker);
	assert_int_equal(cloister_start(session, command, &error), 0);
	assert_int_equal(library_run(session, &server), 0);
	assert_int_equal(taker.sizes[1], 0);
	giver.is_late = false;
	cloister_resume(command);
	assert_int_equal(library_run(session, &server), 0);
	assert_int_equal(taker.sizes[1], 300000);
	ends(command, 7, "");
	library_end(session, &server);
}

static void what_does_not_run_says_why(void **unused)
{
	struct library_server server;
	struct cloister *session = library_begin(&server, 1000);
	struct cloister_command *refusal, *nothing, *odd;
	struct taker taker;
	const char *const no_words[] = {NULL};

	(void)unused;
	refusal = start(session, &taker, "refuse");
	assert_int_equal(library_run(session, &server), 0);
	ends(refusal, 125, "denied");
	assert_non_null(strstr(error.text, "not you"));
	nothing = start(session, &taker, "nothing");
	assert_int_equal(library_run(session, &server), 0);
	ends(nothing, 127, "not_found");
	odd = start(session, &taker, "odd");
	assert_int_equal(library_run(session, &server), 0);
	ends(odd, 125, "protocol");
	odd = cloister_command_new(no_words);
	assert_int_equal(cloister_start(session, odd, &error), -1);
	assert_string_equal(error.word, "usage");
	cloister_command_free(odd);
	library_end(session, &server);
}

static void commands_are_stopped(void **unused)
{
	struct library_server server;
	struct cloister *session = library_begin(&server, 1000);
	struct cloister_command *command;
	struct taker taker;
	int status;

	(void)unused;
	command = start(session, &taker, "wait");
	assert_int_equal(library_run(session, &server), 0);
	assert_int_equal(cloister_outcome(command, &status, &error), -1);
	assert_string_equal(error.word, "usage");
	cloister_signal(command, 15);
	assert_int_equal(library_run(session, &server), 0);
	assert_int_equal(server.signal, 15);
	ends(command, 128 + 15, "");
	command = start(session, &taker, "wait");
	assert_int_equal(library_run(session, &server), 0);
	cloister_cancel(command);
	assert_int_equal(library_run(session, &server), 0);
	assert_int_equal(server.reset, SLC_REASON_CANCELLED);
	ends(command, 125, "cancelled");
	server.reset = 0;
	command = start(session, &taker, "wait");
	assert_int_equal(library_run(session, &server), 0);
	cloister_command_free(command);
	assert_int_equal(library_run(session, &server), 0);
	assert_int_equal(server.reset, SLC_REASON_CANCELLED);
	library_end(session, &server);
}

static void who_takes_output_can_end_it(void **unused)
{
	for (unsigned how = 0; how < 2; how++) {
		struct library_server server;
		struct cloister *session = library_begin(&server, 1000);
		const char *const words[] = {"cat", NULL};
		struct cloister_command *command = cloister_command_new(words);
		struct giver giver = {.left = 10000000};
		struct taker taker = {.answer = how == 0, .cancelled = how == 1 ? command : NULL};

		(void)unused;
		cloister_command_input(command, give, &giver);
		cloister_command_output(command, take, &taker);
		assert_int_equal(cloister_start(session, command, &error), 0);
		assert_int_equal(library_run(session, &server), 0);
		assert_true(giver.left > 0);
		ends(command, 125, "cancelled");
		library_end(session, &server);
	}
}

static void a_lost_peer_is_told(void **unused)
{
	struct library_server server;
	struct cloister *session = library_begin(&server, 1000);
	struct cloister_command *command;
	struct taker taker;

	(void)unused;
	command = start(session, &taker, "wait");
	assert_int_equal(library_run(session, &server), 0);
	cloister_feed_end(session);
	assert_int_equal(library_run(session, &server), -1);
	assert_int_equal(cloister_step(session, 0, &error), -1);
	assert_string_equal(error.word, "lost");
	assert_int_equal(cloister_state(session), CLOISTER_OVER);
	assert_int_equal(cloister_step(session, 0, NULL), -1);
	ends(command, 125, "lost");
	command = cloister_command_new((const char *const[]){"cat", NULL});
	assert_int_equal(cloister_start(session, command, &error), -1);
	assert_string_equal(error.word, "closing");
	cloister_command_free(command);
	library_end(session, &server);
}

static void sessions_end_in_good_order(void **unused)
{
	struct library_server server;
	struct cloister *session = library_begin(&server, 1000);
	struct cloister_command *command;
	struct taker taker;

	(void)unused;
	command = start(session, &taker, "wait");
	assert_int_equal(library_run(session, &server), 0);
	cloister_leave(session);
	assert_int_equal(library_run(session, &server), 0);
	cloister_signal(command, 1);
	while (cloister_state(session) != CLOISTER_OVER)
		(void)library_run(session, &server);
	assert_int_equal(cloister_step(session, 0, &error), -1);
	assert_string_equal(error.word, "none");
	ends(command, 128 + 1, "");
	while (library_carry(session, &server))
		continue;
	(void)cloister_step(session, 0, NULL);
	assert_true(cloister_output_ends(session));
	library_end(session, &server);
	assert_int_equal(server.closed, 1);
}

static void time_passes_without_a_peer(void **unused)
{
	struct cloister_options *options = cloister_options_new();
	struct cloister *session;
	int wait;

	(void)unused;
	assert_int_equal(cloister_set(options, "timeout", "1", &error), 0);
	assert_int_equal(cloister_set(options, "insecure_dev", "true", &error), 0);
	assert_int_equal(cloister_new(&session, options, &error), 0);
	while (cloister_step(session, 0, &error) == 0) {
		wait = cloister_wait(session);
		assert_true(wait >= 0);
		assert_true(wait <= 1000);
	}
	assert_string_equal(error.word, "timeout");
	assert_int_equal(cloister_ping(session, NULL, &error), -1);
	assert_string_equal(error.word, "usage");
	cloister_free(session);
	cloister_options_free(options);
}

/* Whatever the peer sends instead, with TLS or without: the session ends, with a word. */
static void what_is_no_protocol_ends_it(void **unused)
{
	static const char *const words[] = {"tls", "protocol", "version", "lost"};
	uint8_t bytes[256];

	(void)unused;
	for (unsigned seed = 0; seed < 64; seed++) {
		struct cloister_options *options = cloister_options_new();
		struct cloister *session;
		uint32_t random = seed * 2654435761u + 1;
		bool is_known = false;

		assert_int_equal(cloister_set(options, "insecure_dev",
					 seed % 2 == 0 ? "true" : "false", &error),
			0);
		assert_int_equal(cloister_new(&session, options, &error), 0);
		for (size_t i = 0; i < sizeof bytes; i++) {
			random = random * 1664525u + 1013904223u;
			bytes[i] = (uint8_t)(random >> 24);
		}
		bytes[0] = seed % 8 < 4 ? bytes[0] : 22; /* of a handshake */
		assert_int_equal(cloister_feed(session, bytes, sizeof bytes), sizeof bytes);
		assert_true(cloister_step(session, 0, &error) <= 0);
		cloister_feed_end(session);
		while (cloister_step(session, 0, &error) == 0)
			continue;
		for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
			is_known = is_known || strcmp(error.word, words[i]) == 0;
		if (!is_known)
			fail_msg("seed %u: %s: %s", seed, error.word, error.text);
		cloister_free(session);
		cloister_options_free(options);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_runs),
		cmocka_unit_test(input_is_asked_for_when_it_can_go),
		cmocka_unit_test(what_does_not_run_says_why),
		cmocka_unit_test(commands_are_stopped),
		cmocka_unit_test(who_takes_output_can_end_it),
		cmocka_unit_test(a_lost_peer_is_told),
		cmocka_unit_test(sessions_end_in_good_order),
		cmocka_unit_test(time_passes_without_a_peer),
		cmocka_unit_test(what_is_no_protocol_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
