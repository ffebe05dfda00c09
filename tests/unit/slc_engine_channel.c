/* slc_engine_channel: channels of the secure local channel, and a peer that keeps no rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tests/lib/slc_served.h"

/* --- Frames of a channel ---------------------------------------------------------------------- */

/* The peer's frame has cost it this channel, and nothing else. */
static void resets_for(uint32_t reason)
{
	end_is(&side->ends[0], CHANNEL_RESET, reason);
	peer_awaits(side->slc, SLC_FRAME_RESET, 1, reason);
	peer_frame(side->slc, SLC_FRAME_DATA, 0, 1, zeros, 60000); /* on its way: discarded */
	peer_number(side->slc, SLC_FRAME_CREDIT, 1, 0);
	peer_hears_nothing(side->slc);
	assert_int_equal(slc_channels(side->slc), 1);
	peer_number(side->slc, SLC_FRAME_RESET, 1, reason);
	assert_int_equal(slc_channels(side->slc), 0);
	peer_number(side->slc, SLC_FRAME_OPEN, 1, SLC_EXEC);
	peer_awaits(side->slc, SLC_FRAME_ACCEPT, 1, 0);
	assert_int_equal(side->closed, 0);
}

static void violations_cost_the_channel(void **unused)
{
	static const struct {
		uint32_t type, stream;
		size_t size;
		uint32_t reason;
	} frames[] = {
		{SLC_FRAME_DATA, 0, 0, SLC_REASON_PROTOCOL},
		{SLC_FRAME_DATA, 1, 1, SLC_REASON_PROTOCOL}, /* the accepter's stream */
		{SLC_FRAME_DATA, 2, 1, SLC_REASON_PROTOCOL}, /* a stream that openers lack */
		{SLC_FRAME_END, 1, 0, SLC_REASON_PROTOCOL},
		{SLC_FRAME_END, 2, 0, SLC_REASON_PROTOCOL},
		{SLC_FRAME_END, 0, 1, SLC_REASON_PROTOCOL},
		{SLC_FRAME_CREDIT, 0, 3, SLC_REASON_PROTOCOL},
		{SLC_FRAME_CREDIT, 1, 4, SLC_REASON_PROTOCOL},
		{SLC_FRAME_CREDIT, 0, 4, SLC_REASON_FLOW}, /* of no bytes */
		{SLC_FRAME_MESSAGE, 0, 0, SLC_REASON_PROTOCOL},
		{SLC_FRAME_MESSAGE, 0, 6, SLC_REASON_PROTOCOL},
		{SLC_FRAME_MESSAGE, 0, 68, SLC_REASON_PROTOCOL},
		{SLC_FRAME_ACCEPT, 0, 0, SLC_REASON_PROTOCOL},
		{SLC_FRAME_REFUSE, 0, 4, SLC_REASON_PROTOCOL},
		{SLC_FRAME_STATUS, 0, 4, SLC_REASON_PROTOCOL}, /* from the opener */
		{SLC_FRAME_RESET, 0, 3, SLC_REASON_PROTOCOL},
		{SLC_FRAME_RESET, 0, 517, SLC_REASON_PROTOCOL},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
		pair_setup(&pair, 1);
		greet_with(&usual_hello);
		(void)opened_channel(1);
		peer_frame(side->slc, frames[i].type, frames[i].stream, 1, zeros, frames[i].size);
		resets_for(frames[i].reason);
		pair_free(&pair);
	}
	pair_setup(&pair, 1);
	greet_with(&usual_hello);
}

/* What can't be right is not waited for. */
static void a_wrong_length_is_seen_in_the_header(void **unused)
{
	uint8_t header[SLC_FRAME_SIZE];

	(void)unused;
	greet_with(&usual_hello);
	(void)opened_channel(1);
	wire_put_frame(header, SLC_FRAME_MESSAGE, 0, 1, 60000);
	peer_bytes(side->slc, header, sizeof header);
	end_is(&side->ends[0], CHANNEL_RESET, SLC_REASON_PROTOCOL);
	peer_bytes(side->slc, zeros, 60000);
	resets_for(SLC_REASON_PROTOCOL);
}

static void keep(struct end *end)
{
	end->is_lazy = true;
	end->is_raw = true;
	channel_accept(end->channel);
}

static void a_flood_costs_the_channel(void **unused)
{
	(void)unused;
	side->options.window = 100000;
	side->on_asked = keep;
	greet_with(&usual_hello);
	(void)opened_channel(1);
	peer_frame(side->slc, SLC_FRAME_DATA, 0, 1, zeros, 60000);
	peer_frame(side->slc, SLC_FRAME_DATA, 0, 1, zeros, 40000);
	assert_int_equal(side->ends[0].ended, 0);
	peer_frame(side->slc, SLC_FRAME_DATA, 0, 1, zeros, 1);
	assert_int_equal(side->ends[0].got[0], 100000);
	resets_for(SLC_REASON_FLOW);
}

/* The rest of a frame whose channel has ended is nobody's, though its place has a new channel. */
static void half_a_frame_stays_with_its_channel(void **unused)
{
	uint8_t header[SLC_FRAME_SIZE];
	struct end *end;

	(void)unused;
	side->options.channels = 1;
	side->on_asked = keep;
	greet_with(&usual_hello);
	(void)opened_channel(1);
	wire_put_frame(header, SLC_FRAME_DATA, 0, 1, 1000);
	peer_bytes(side->slc, header, sizeof header);
	peer_bytes(side->slc, zeros, 400);
	assert_int_equal(side->ends[0].got[0], 400);
	assert_true(channel_conclude(side->ends[0].channel, 0, NULL, 0));
	peer_awaits(side->slc, SLC_FRAME_STATUS, 1, 0);
	end = side_open(side, SLC_EXEC, NULL, 0, 0);
	assert_non_null(end);
	peer_bytes(side->slc, zeros, 600);
	assert_int_equal(end->got[0] + end->got[1], 0);
	peer_frame(side->slc, SLC_FRAME_ACCEPT, 0, 2, NULL, 0);
	assert_int_equal(end->accepted, 1);
}

static void no_byte_comes_behind_the_end(void **unused)
{
	(void)unused;
	side->on_asked = keep;
	side->output = 300000; /* more than its credit: it can't conclude */
	greet_with(&usual_hello);
	(void)opened_channel(1);
	peer_frame(side->slc, SLC_FRAME_END, 0, 1, NULL, 0);
	peer_frame(side->slc, SLC_FRAME_DATA, 0, 1, zeros, 1);
	resets_for(SLC_REASON_FLOW);
}

static void a_grant_must_not_overflow(void **unused)
{
	(void)unused;
	greet_with(&usual_hello);
	(void)opened_channel(1);
	peer_number(side->slc, SLC_FRAME_CREDIT, 1, SLC_CHANNEL_CREDIT_MAX - 262144 + 10);
	assert_int_equal(side->ends[0].ended, 0); /* 10 bytes were sent, so this is just right */
	peer_number(side->slc, SLC_FRAME_CREDIT, 1, 1);
	resets_for(SLC_REASON_FLOW);
}

static void an_open_without_a_type_is_refused(void **unused)
{
	(void)unused;
	greet_with(&usual_hello);
	peer_frame(side->slc, SLC_FRAME_OPEN, 0, 1, zeros, 3);
	peer_awaits(side->slc, SLC_FRAME_REFUSE, 1, SLC_REASON_REQUEST);
	peer_frame(side->slc, SLC_FRAME_OPEN, 1, 1, "\0\0\0\1", 4); /* on a stream */
	peer_awaits(side->slc, SLC_FRAME_REFUSE, 1, SLC_REASON_REQUEST);
	assert_int_equal(side->count, 0);
	assert_int_equal(slc_channels(side->slc), 0);
	assert_int_equal(side->closed, 0);
}

static void data_before_the_answer_is_wrong(void **unused)
{
	(void)unused;
	side->on_asked = NULL;
	greet_with(&usual_hello);
	peer_awaits(side->slc, SLC_FRAME_HELLO, 0, 1);
	assert_non_null(side_open(side, SLC_FORWARD, NULL, 0, 0));
	peer_awaits(side->slc, SLC_FRAME_OPEN, 2, SLC_FORWARD);
	peer_frame(side->slc, SLC_FRAME_DATA, 1, 2, zeros, 1);
	end_is(&side->ends[0], CHANNEL_RESET, SLC_REASON_PROTOCOL);
	peer_awaits(side->slc, SLC_FRAME_RESET, 2, SLC_REASON_PROTOCOL);
	peer_number(side->slc, SLC_FRAME_REFUSE, 2, SLC_REASON_DENIED); /* crossed it */
	assert_int_equal(slc_channels(side->slc), 0);
}

/* --- What the opener takes -------------------------------------------------------------------- */

/* Channel 2, which this end has opened and the peer accepted. */
static struct end *own_channel(void)
{
	struct end *end;

	greet_with(&usual_hello);
	end = side_open(side, SLC_EXEC, NULL, 0, 0);
	end->is_raw = true;
	peer_frame(side->slc, SLC_FRAME_ACCEPT, 0, 2, "\200\0\0\0\0\1x", 7); /* may be skipped */
	assert_int_equal(end->accepted, 1);
	return end;
}

static void fields_of_accept_must_be_known(void **unused)
{
	struct end *end;

	(void)unused;
	greet_with(&usual_hello);
	end = side_open(side, SLC_EXEC, NULL, 0, 0);
	peer_frame(side->slc, SLC_FRAME_ACCEPT, 0, 2, "\0\21\0\0\0\1x", 7);
	end_is(end, CHANNEL_RESET, SLC_REASON_PROTOCOL);
}

static void a_status_comes_last(void **unused)
{
	for (unsigned ends = 0; ends < 4; ends++) {
		struct end *end;

		pair_setup(&pair, 1);
		end = own_channel();
		if (ends % 2 == 1)
			peer_frame(side->slc, SLC_FRAME_END, 1, 2, NULL, 0);
		if (ends / 2 == 1)
			peer_frame(side->slc, SLC_FRAME_END, 2, 2, NULL, 0);
		peer_number(side->slc, SLC_FRAME_STATUS, 2, 7);
		if (ends == 3)
			end_is(end, CHANNEL_DONE, 0);
		else
			end_is(end, CHANNEL_RESET, SLC_REASON_PROTOCOL);
		assert_int_equal(end->statuses, ends == 3);
		pair_free(&pair);
	}
	pair_setup(&pair, 1);
	(void)own_channel();
	(void)unused;
}

static void a_reset_of_reason_0_is_no_success(void **unused)
{
	struct end *end = own_channel();

	(void)unused;
	peer_number(side->slc, SLC_FRAME_RESET, 2, SLC_REASON_NONE);
	end_is(end, CHANNEL_RESET, SLC_REASON_NONE);
	peer_awaits(side->slc, SLC_FRAME_RESET, 2, SLC_REASON_NONE);
}

/* --- Whatever --------------------------------------------------------------------------------- */

/* Any frame on one of four numbers; seldom one that ends the session. */
static void say_anything(void)
{
	uint64_t random = pair_random(&pair);
	uint32_t type = 1 + (uint32_t)(random % SLC_FRAME_RESET);
	uint32_t channel = 1 + (uint32_t)(random / 100 % 4);
	uint32_t stream = (uint32_t)(random / 1000 % 3);
	size_t size = random / 10000 % 3 == 0 ? random / 100000 % 1200 : 4;

	if ((type <= SLC_FRAME_AUTH || type == SLC_FRAME_GOODBYE) && (random >> 40) % 30 != 0)
		type = SLC_FRAME_DATA;
	if (type != SLC_FRAME_DATA && type != SLC_FRAME_END)
		stream = 0;
	peer_frame(side->slc, type, stream, type <= SLC_FRAME_SESSION_LAST ? 0 : channel, zeros,
		type == SLC_FRAME_END ? 0 : size);
}

static void any_frames_in_any_order(void **unused)
{
	static struct heard heard;

	(void)unused;
	for (uint64_t seed = 1; seed <= 400; seed++) {
		pair_setup(&pair, seed);
		side->options.window = 3000;
		side->output = 100;
		side->on_asked = seed % 2 == 0 ? keep : NULL;
		greet_with(&usual_hello);
		for (unsigned i = 0; i < 300 && side->count < ENDS_MAX - 1; i++) {
			say_anything();
			if (pair_random(&pair) % 16 == 0)
				(void)side_open(side, SLC_EXEC, NULL, 0, 0);
			for (unsigned end = 0; end < side->count; end++)
				side->ends[end].is_raw = true;
			side_ok(side);
			if (pair_random(&pair) % 3 == 0)
				(void)peer_hear(side->slc, &heard);
		}
		slc_lost(side->slc);
		assert_int_equal(side->closed, 1);
		pair_free(&pair);
	}
	pair_setup(&pair, 1);
	pair_open(&pair);
}

/* So that one channel at a time touches the memory of one. */
static void the_place_used_last_is_used_again(void **unused)
{
	const struct channel *first;

	(void)unused;
	greet_with(&usual_hello);
	first = opened_channel(1)->channel;
	assert_non_null(first);
	for (uint32_t number = 3; number <= 9; number += 2) {
		peer_awaits(side->slc, SLC_FRAME_ACCEPT, number - 2, 0);
		peer_number(side->slc, SLC_FRAME_RESET, number - 2, SLC_REASON_TIMEOUT);
		peer_awaits(side->slc, SLC_FRAME_RESET, number - 2, SLC_REASON_TIMEOUT);
		assert_int_equal(slc_channels(side->slc), 0);
		assert_ptr_equal(opened_channel(number)->channel, first);
	}
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, open_session, free_session)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(violations_cost_the_channel),
		TEST(a_wrong_length_is_seen_in_the_header),
		TEST(half_a_frame_stays_with_its_channel),
		TEST(a_flood_costs_the_channel),
		TEST(no_byte_comes_behind_the_end),
		TEST(a_grant_must_not_overflow),
		TEST(an_open_without_a_type_is_refused),
		TEST(data_before_the_answer_is_wrong),
		TEST(fields_of_accept_must_be_known),
		TEST(a_status_comes_last),
		TEST(a_reset_of_reason_0_is_no_success),
		TEST(any_frames_in_any_order),
		TEST(the_place_used_last_is_used_again),
	};

	return cmocka_run_group_tests_name("slc_engine_channel", tests, NULL, NULL);
}
