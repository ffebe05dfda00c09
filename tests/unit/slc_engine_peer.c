/* slc_engine_peer: an end of the secure local channel and a peer that keeps no rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tests/lib/slc_served.h"

/* GOODBYE with this reason, and nothing after it, whatever the peer still says. */
static void ends_for(uint32_t reason)
{
	struct iovec parts[8];
	unsigned closed = side->closed;

	peer_awaits(side->slc, SLC_FRAME_GOODBYE, 0, reason);
	assert_true(slc_is_silent(side->slc));
	peer_number(side->slc, SLC_FRAME_PING, 0, 1);
	assert_int_equal(peer_bytes(side->slc, zeros, sizeof zeros), sizeof zeros);
	assert_int_equal(slc_output(side->slc, parts, 8), 0);
	slc_written(side->slc, 0);
	assert_int_equal(closed, 0);
	slc_lost(side->slc);
	assert_int_equal(side->closed, 1);
	assert_int_equal(side->reason, reason);
}

/* --- Greeting --------------------------------------------------------------------------------- */

static void another_version_is_refused(void **unused)
{
	struct slc_hello hello = usual_hello;

	(void)unused;
	hello.version = 2;
	greet_with(&hello);
	assert_int_equal(side->opened, 0);
	ends_for(SLC_REASON_VERSION);
}

static void a_version_that_nobody_knows_may_have_any_length(void **unused)
{
	(void)unused;
	pair_open(&pair);
	peer_frame(side->slc, SLC_FRAME_HELLO, 0, 0, "\0\0\0\3 and a thousand things", 26);
	ends_for(SLC_REASON_VERSION);
}

static void a_greeting_has_its_length_and_its_ranges(void **unused)
{
	struct slc_hello hello = usual_hello;
	uint8_t payload[SLC_HELLO_SIZE + 1] = {0};

	(void)unused;
	wire_put_hello(payload, &hello);
	for (size_t size = 0; size <= sizeof payload; size++) {
		if (size == SLC_HELLO_SIZE)
			continue;
		pair_setup(&pair, 1);
		pair_open(&pair);
		peer_frame(side->slc, SLC_FRAME_HELLO, 0, 0, payload, size);
		ends_for(SLC_REASON_PROTOCOL);
		pair_free(&pair);
	}
	pair_setup(&pair, 1);
	hello.limit = 1023;
	greet_with(&hello);
	ends_for(SLC_REASON_PROTOCOL);
}

static void nothing_comes_before_the_greeting(void **unused)
{
	(void)unused;
	for (uint32_t type = SLC_FRAME_AUTH; type <= SLC_FRAME_RESET; type++) {
		uint32_t channel = type <= SLC_FRAME_SESSION_LAST ? 0 : 1;
		bool says_why = type == SLC_FRAME_GOODBYE;

		pair_setup(&pair, 1);
		pair_open(&pair);
		peer_number(side->slc, type, channel, SLC_REASON_CLOSING);
		ends_for(says_why ? SLC_REASON_CLOSING : SLC_REASON_PROTOCOL);
		assert_int_equal(side->count + side->opened, 0);
		pair_free(&pair);
	}
	pair_setup(&pair, 1);
	pair_open(&pair);
	peer_bytes(side->slc, "\1\0\0\0\0\0\4\1", 8); /* a first frame of 1,025 bytes */
	ends_for(SLC_REASON_PROTOCOL);
}

static void nobody_greets_twice_or_authenticates(void **unused)
{
	(void)unused;
	greet_with(&usual_hello);
	assert_int_equal(side->opened, 1);
	peer_hello(side->slc, &usual_hello);
	ends_for(SLC_REASON_PROTOCOL);
	pair_free(&pair);
	pair_setup(&pair, 1);
	greet_with(&usual_hello);
	peer_number(side->slc, SLC_FRAME_AUTH, 0, 1);
	ends_for(SLC_REASON_PROTOCOL);
}

static void a_wish_for_proofs_can_not_be_met(void **unused)
{
	struct slc_hello hello = usual_hello;

	(void)unused;
	hello.features = 2;
	greet_with(&hello);
	ends_for(SLC_REASON_AUTH_REQUIRED);
	pair_free(&pair);
	pair_setup(&pair, 1);
	side->options.must_prove = true;
	greet_with(&usual_hello);
	assert_int_equal(side->opened, 0);
	ends_for(SLC_REASON_AUTH_REQUIRED);
}

/* --- Frames of the session -------------------------------------------------------------------- */

static void a_bad_header_ends_the_session(void **unused)
{
	static const uint8_t headers[][SLC_FRAME_SIZE] = {
		{0, 0, 0, 0, 0, 0, 0, 0},  /* no type 0 */
		{15, 0, 0, 1, 0, 0, 0, 0}, /* no type 15 */
		{9, 3, 0, 1, 0, 0, 0, 1},  /* no stream 3 */
		{9, 0, 0, 0, 0, 0, 0, 1},  /* DATA of the session */
		{3, 0, 0, 1, 0, 0, 0, 4},  /* PING of a channel */
		{9, 0, 0, 1, 0, 1, 0, 1},  /* one byte above the limit */
	};

	(void)unused;
	for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
		pair_setup(&pair, 1);
		greet_with(&usual_hello);
		(void)opened_channel(1);
		peer_bytes(side->slc, headers[i], sizeof headers[i]);
		end_is(&side->ends[0], CHANNEL_LOST, SLC_REASON_LOST);
		ends_for(SLC_REASON_PROTOCOL);
		assert_string_not_equal(side->text, "");
		pair_free(&pair);
	}
	pair_setup(&pair, 1);
	greet_with(&usual_hello);
}

static void session_frames_have_one_shape(void **unused)
{
	static const struct {
		uint32_t type, stream;
		size_t size;
	} frames[] = {
		{SLC_FRAME_PING, 0, 3},
		{SLC_FRAME_PING, 0, 5},
		{SLC_FRAME_PONG, 0, 0},
		{SLC_FRAME_PONG, 1, 4},
		{SLC_FRAME_AUTH, 0, 3},
		{SLC_FRAME_GOODBYE, 0, 3},
		{SLC_FRAME_GOODBYE, 0, 517},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
		pair_setup(&pair, 1);
		greet_with(&usual_hello);
		peer_frame(side->slc, frames[i].type, frames[i].stream, 0, zeros, frames[i].size);
		ends_for(SLC_REASON_PROTOCOL);
		pair_free(&pair);
	}
	pair_setup(&pair, 1);
	greet_with(&usual_hello);
}

static void goodbye_is_answered(void **unused)
{
	static struct heard heard;
	struct end *end;
	char text[4 + SLC_TEXT_MAX] = {0, 0, 0, 14};

	(void)unused;
	greet_with(&usual_hello);
	end = opened_channel(1);
	memset(text + 4, 'x', SLC_TEXT_MAX);
	while (peer_hear(side->slc, &heard)) {
	}
	peer_frame(side->slc, SLC_FRAME_GOODBYE, 0, 0, text, sizeof text);
	end_is(end, CHANNEL_LOST, SLC_REASON_LOST);
	assert_int_equal(side->slc->out.control.used, SLC_FRAME_SIZE + 4); /* no echo */
	ends_for(SLC_REASON_SPACE);
	assert_int_equal(strlen(side->text), SLC_TEXT_MAX);
}

/* --- Numbers of channels ---------------------------------------------------------------------- */

static void numbers_have_owners(void **unused)
{
	static const struct {
		uint32_t type, number;
	} frames[] = {
		{SLC_FRAME_OPEN, 2},   /* this end's number */
		{SLC_FRAME_OPEN, 1},   /* in use */
		{SLC_FRAME_STATUS, 4}, /* this end's, and not in use */
		{SLC_FRAME_RESET, 4},
		{SLC_FRAME_CREDIT, 65534},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
		pair_setup(&pair, 1);
		greet_with(&usual_hello);
		(void)opened_channel(1);
		peer_number(side->slc, frames[i].type, frames[i].number, 1);
		ends_for(SLC_REASON_PROTOCOL);
		pair_free(&pair);
	}
	pair_setup(&pair, 1);
	greet_with(&usual_hello);
}

static void a_late_frame_is_dropped(void **unused)
{
	(void)unused;
	greet_with(&usual_hello);
	peer_awaits(side->slc, SLC_FRAME_HELLO, 0, 1);
	peer_number(side->slc, SLC_FRAME_CREDIT, 7, 1);
	peer_number(side->slc, SLC_FRAME_RESET, 65535, 1);
	peer_frame(side->slc, SLC_FRAME_DATA, 0, 7, zeros, 60000);
	peer_frame(side->slc, SLC_FRAME_END, 0, 7, NULL, 0);
	peer_hears_nothing(side->slc);
	peer_number(side->slc, SLC_FRAME_PING, 0, 77);
	peer_awaits(side->slc, SLC_FRAME_PONG, 0, 77);
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, open_session, free_session)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(another_version_is_refused),
		TEST(a_version_that_nobody_knows_may_have_any_length),
		TEST(a_greeting_has_its_length_and_its_ranges),
		TEST(nothing_comes_before_the_greeting),
		TEST(nobody_greets_twice_or_authenticates),
		TEST(a_wish_for_proofs_can_not_be_met),
		TEST(a_bad_header_ends_the_session),
		TEST(session_frames_have_one_shape),
		TEST(goodbye_is_answered),
		TEST(numbers_have_owners),
		TEST(a_late_frame_is_dropped),
	};

	return cmocka_run_group_tests_name("slc_engine_peer", tests, NULL, NULL);
}
