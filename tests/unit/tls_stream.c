/* tls_stream: TLS over sockets: bytes, half-close, readiness, peers that don't speak it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <unistd.h>

#include "tests/lib/tls.h"

#define MANY 3000000u

/* --- Two ends that mean it -------------------------------------------------------------------- */

static void bytes_go_both_ways_over_every_form(void **unused)
{
	(void)unused;
	for (unsigned i = 0; net_form(i) != NULL; i++) {
		ends_open(net_form(i), MANY, MANY / 2);
		end_begin(&ends[0]);
		end_begin(&ends[1]);
		ends_until_over();
		assert_int_equal(ends[0].result, STREAM_END);
		assert_int_equal(ends[1].result, STREAM_END);
		assert_int_equal(ends[0].got, MANY / 2);
		assert_int_equal(ends[1].got, MANY);
		assert_true(ends[0].is_done && ends[1].is_done);
		ends_close();
	}
}

static void small_writes_and_none_arrive(void **unused)
{
	(void)unused;
	ends_open("unix:%s/socket", 1000, 0);
	ends[0].step = 7;
	end_begin(&ends[0]);
	end_begin(&ends[1]);
	ends_until_over();
	assert_int_equal(ends[1].got, 1000);
	assert_int_equal(ends[0].got, 0);
	assert_int_equal(ends[0].result + ends[1].result, 2 * STREAM_END);
	ends_close();
}

static void each_direction_has_its_own_end(void **unused)
{
	(void)unused;
	ends_open("unix:%s/socket", 10, 20);
	end_begin(&ends[0]);
	end_settle(&ends[1]);
	net_until(&ends[1].is_over); /* which has said nothing yet */
	assert_int_equal(ends[1].result, STREAM_END);
	assert_false(ends[0].is_over);
	end_begin(&ends[1]);
	net_until(&ends[0].is_over);
	assert_int_equal(ends[0].got, 20);
	assert_int_equal(ends[0].result, STREAM_END);
	ends_close();
}

static void who_wants_nothing_is_told_nothing(void **unused)
{
	(void)unused;
	ends_open("unix:%s/socket", 50000, 0);
	ends[1].is_idle = true;
	end_begin(&ends[0]);
	end_settle(&ends[1]);
	for (unsigned i = 0; i < 20; i++)
		net_turn();
	assert_false(ends[1].tls.is_up);
	ends[1].is_idle = false;
	end_settle(&ends[1]);
	net_until(&ends[1].is_over);
	assert_int_equal(ends[1].got, 50000);
	ends_close();
}

/* The socket has been read empty, and TLS holds the rest. */
static void what_tls_holds_is_told(void **unused)
{
	static uint8_t bytes[100];
	size_t got = 0, done;

	(void)unused;
	ends_open("unix:%s/socket", 16000, 0);
	end_begin(&ends[0]);
	ends[1].is_idle = true;
	while (got < 16000) {
		struct end *end = &ends[1];

		end->is_idle = end->is_over = true;
		stream_want(end->stream, STREAM_READ);
		if (stream_read(end->stream, bytes, sizeof bytes, &done, &end->fault) ==
			STREAM_DONE) {
			got += done;
			assert_true(got == 16000 || end->tls.again.loop != NULL);
			continue;
		}
		assert_int_equal(got, 0);
		net_turn();
		if (end->got > 0)
			break; /* the callback has read it all */
	}
	ends_close();
}

static void nothing_of_it_has_a_descriptor(void **unused)
{
	(void)unused;
	ends_open("unix:%s/socket", 0, 0);
	assert_int_equal(stream_descriptor(ends[0].stream), -1);
	ends_close();
}

/* --- Peers that don't speak it ---------------------------------------------------------------- */

static void plain_bytes_are_refused_at_both_ends(void **unused)
{
	(void)unused;
	for (int side = 0; side < 2; side++) {
		int fds[2];

		net_pair("unix:%s/socket", fds);
		end_open(&ends[0], side == 0 ? tls_contexts[0] : NULL, fds[0], 5000);
		end_open(&ends[1], side == 1 ? tls_contexts[1] : NULL, fds[1], 5000);
		ends[1 - side].is_idle = ends[1 - side].is_over = true; /* it need not read */
		end_begin(&ends[0]);
		end_begin(&ends[1]);
		while (!ends[side].is_over)
			net_turn();
		assert_int_equal(ends[side].result, STREAM_FAILED);
		assert_string_equal(ends[side].fault.word, "tls");
		assert_int_equal(ends[side].got, 0);
		assert_false(ends[side].tls.is_up);
		ends_close();
	}
}

static void a_peer_that_leaves_at_once_is_told(void **unused)
{
	int fds[2];

	(void)unused;
	net_pair("unix:%s/socket", fds);
	close(fds[0]);
	end_open(&ends[1], tls_contexts[1], fds[1], 0);
	end_settle(&ends[1]);
	net_until(&ends[1].is_over);
	assert_int_equal(ends[1].result, STREAM_FAILED);
	assert_string_equal(ends[1].fault.word, "reset");
	stream_close(ends[1].stream);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NET_TEST(bytes_go_both_ways_over_every_form),
		NET_TEST(small_writes_and_none_arrive),
		NET_TEST(each_direction_has_its_own_end),
		NET_TEST(who_wants_nothing_is_told_nothing),
		NET_TEST(what_tls_holds_is_told),
		NET_TEST(nothing_of_it_has_a_descriptor),
		NET_TEST(plain_bytes_are_refused_at_both_ends),
		NET_TEST(a_peer_that_leaves_at_once_is_told),
	};

	return cmocka_run_group_tests(tests, tls_make_contexts, tls_drop_contexts);
}
