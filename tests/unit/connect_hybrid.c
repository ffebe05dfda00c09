/* connect: the greeting of hybrid addresses, from servers that answer right, slowly, wrongly, or
 * never. */
#include "runtime/net/connect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/net.h"

static struct accepting accepting;
static struct connecting connecting;
static int server; /* the server's end */

/* Dials hybrid:FOLDER/v.sock:5005 up to where the server has read the request. */
static void dial(void)
{
	struct address listened = net_address("unix:%s/v.sock");
	struct address dialled = net_address("hybrid:%s/v.sock:5005");
	char request[64] = "";
	size_t used = 0;

	net_listen(&accepting, &listened, 1);
	net_connect(&connecting, &dialled, 10 * CLOCK_SECOND);
	net_until(&accepting.some);
	server = accepting.accepted[0];
	while (strchr(request, '\n') == NULL) {
		ssize_t got = read(server, request + used, sizeof request - 1 - used);

		assert_true(got > 0 || (got < 0 && errno == EAGAIN));
		used += got > 0 ? (size_t)got : 0;
		net_turn();
	}
	assert_string_equal(request, "CONNECT 5005\n");
	assert_false(connecting.done);
}

static void answer(const char *text)
{
	assert_int_equal(write(server, text, strlen(text)), strlen(text));
}

static void hang_up(void)
{
	if (connecting.fd >= 0)
		close(connecting.fd);
	net_listen_no_more(&accepting);
}

/* What the connected end reads now. */
static void assert_reads(const char *text)
{
	char got[64] = "";

	assert_int_equal(read(connecting.fd, got, sizeof got - 1), strlen(text));
	assert_string_equal(got, text);
}

static void what_is_behind_the_greeting_belongs_to_the_stream(void **unused)
{
	(void)unused;
	dial();
	answer("OK 1073741824\nOK 5\nhello");
	net_until(&connecting.done);
	assert_true(connecting.fd >= 0);
	assert_reads("OK 5\nhello");
	net_joined(connecting.fd, server);
	hang_up();
}

static void an_answer_may_come_byte_by_byte(void **unused)
{
	static const char line[] = "OK 4294967295\n";

	(void)unused;
	dial();
	for (size_t i = 0; i < sizeof line - 1; i++) {
		assert_false(connecting.done);
		assert_int_equal(write(server, line + i, 1), 1);
		for (int turn = 0; turn < 5; turn++)
			net_turn();
	}
	assert_true(connecting.done);
	assert_true(connecting.fd >= 0);
	assert_int_equal(read(connecting.fd, &(char){0}, 1), -1);
	assert_int_equal(errno, EAGAIN);
	hang_up();
}

static void a_wrong_answer_is_refused_at_its_first_wrong_byte(void **unused)
{
	static const struct {
		const char *line, *reason;
	} wrong[] = {
		{"HTTP/1.1 200 OK\n", "does not begin with 'OK '"},
		{"OK\n", "does not begin with 'OK '"},
		{"CONNECT 5005\n", "does not begin with 'OK '"},
		{"OK 05\n", "no number"},
		{"OK 5\r\n", "no number"},
		{"OK 4294967296", "too large"},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		dial();
		answer(wrong[i].line);
		net_until(&connecting.done);
		assert_int_equal(connecting.fd, -1);
		assert_string_equal(connecting.fault.word, "greeting");
		assert_non_null(strstr(connecting.fault.text, wrong[i].reason));
		assert_non_null(strstr(connecting.fault.text, "cannot connect to hybrid:"));
		hang_up();
	}
}

static void a_server_that_closes_has_nobody_behind_the_port(void **unused)
{
	(void)unused;
	dial();
	answer("OK 1");
	close(server);
	accepting.accepted[0] = -1;
	net_until(&connecting.done);
	assert_int_equal(connecting.fd, -1);
	assert_string_equal(connecting.fault.word, "refused");
	hang_up();
}

static void a_server_that_never_answers_is_given_up_at_the_deadline(void **unused)
{
	(void)unused;
	dial();
	answer("OK 1");
	for (int i = 0; i < 100; i++)
		net_turn();
	net.now += 10 * CLOCK_SECOND - 1;
	for (int i = 0; i < 100; i++)
		net_turn();
	assert_false(connecting.done);
	net.now += 1;
	net_until(&connecting.done);
	assert_int_equal(connecting.fd, -1);
	assert_string_equal(connecting.fault.word, "timeout");
	hang_up();
}

static void a_greeting_can_be_cancelled(void **unused)
{
	(void)unused;
	dial();
	connect_cancel(&connecting.connector);
	assert_int_equal(write(server, "OK 1\n", 5), -1);
	for (int i = 0; i < 10; i++)
		net_turn();
	assert_false(connecting.done);
	connecting.fd = -1;
	hang_up();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NET_TEST(what_is_behind_the_greeting_belongs_to_the_stream),
		NET_TEST(an_answer_may_come_byte_by_byte),
		NET_TEST(a_wrong_answer_is_refused_at_its_first_wrong_byte),
		NET_TEST(a_server_that_closes_has_nobody_behind_the_port),
		NET_TEST(a_server_that_never_answers_is_given_up_at_the_deadline),
		NET_TEST(a_greeting_can_be_cancelled),
	};

	return cmocka_run_group_tests_name("connect_hybrid", tests, NULL, NULL);
}
