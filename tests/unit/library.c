/* library: libcloister's sessions without a transport, plain, against an engine in memory: options,
 * commands, their input and output, and every way to end. Real listeners, proofs and copies are in
 * tests/integration/library.sh. */
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

#define DOCUMENT "tests/data/attestation/document.cbor"

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

static void refused(
	struct cloister_options *options, const char *name, const char *value, const char *word)
{
	assert_int_equal(cloister_set(options, name, value, &error), -1);
	assert_string_equal(error.word, word);
	assert_int_equal(cloister_set(options, name, value, NULL), -1);
}

static void options_are_checked(void **unused)
{
	struct cloister_options *options = cloister_options_new();
	struct cloister *session;

	(void)unused;
	refused(options, "adress", "unix:/s", "usage");
	refused(options, "address", "nonsense", "address");
	refused(options, "timeout", "0", "usage");
	refused(options, "timeout", "86401", "usage");
	refused(options, "timeout", "-1", "usage");
	refused(options, "accept_debug", "yes", "usage");
	assert_int_equal(cloister_connect(&session, options, &error), -1);
	assert_null(session);
	assert_string_equal(error.word, "usage");
	assert_int_equal(cloister_set(options, "address", "unix:/nobody/is/here", &error), 0);
	assert_int_equal(cloister_set(options, "enclave", "web", &error), 0);
	assert_int_equal(cloister_connect(&session, options, &error), -1);
	assert_string_equal(error.word, "usage");
	assert_int_equal(cloister_set(options, "enclave", NULL, &error), 0);
	assert_int_equal(cloister_connect(&session, options, &error), -1);
	assert_string_equal(error.word, "refused");
	assert_int_equal(cloister_set(options, "policy", "/nobody/is/here", &error), 0);
	assert_int_equal(cloister_connect(&session, options, &error), -1);
	assert_string_equal(error.word, "not_found");
	assert_int_equal(cloister_set(options, "accept_debug", "true", &error), 0);
	assert_int_equal(cloister_new(&session, options, &error), -1);
	assert_string_equal(error.word, "usage");
	cloister_options_free(options);
	cloister_options_free(NULL);
	cloister_command_free(NULL);
	cloister_close(NULL);
	assert_string_equal(cloister_version(), CLOISTER_VERSION);
}

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

static void documents_are_judged(void **unused)
{
	static uint8_t bytes[16384];
	struct cloister_options *options = cloister_options_new();
	FILE *file = fopen(DOCUMENT, "rb");
	uint8_t pcr[64];
	size_t size;

	(void)unused;
	assert_non_null(file);
	size = fread(bytes, 1, sizeof bytes, file);
	(void)fclose(file);
	assert_int_equal(cloister_pcr(bytes, size, 0, pcr), 48);
	assert_int_equal(cloister_pcr(bytes, size, 32, pcr), 0);
	assert_int_equal(cloister_pcr(bytes, size - 1, 0, pcr), 0);
	assert_int_equal(cloister_verify(options, bytes, size, NULL, 0, &error), -1);
	assert_string_equal(error.word, "root");
	assert_int_equal(cloister_verify(options, bytes, size - 1, NULL, 0, &error), -1);
	assert_string_equal(error.word, "malformed");
	assert_int_equal(cloister_verify(options, bytes, size, bytes, 5000, &error), -1);
	assert_string_equal(error.word, "usage");
	cloister_options_free(options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_checked),
		cmocka_unit_test(a_command_runs),
		cmocka_unit_test(input_is_asked_for_when_it_can_go),
		cmocka_unit_test(what_does_not_run_says_why),
		cmocka_unit_test(commands_are_stopped),
		cmocka_unit_test(who_takes_output_can_end_it),
		cmocka_unit_test(a_lost_peer_is_told),
		cmocka_unit_test(sessions_end_in_good_order),
		cmocka_unit_test(time_passes_without_a_peer),
		cmocka_unit_test(documents_are_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
