/* slc_engine_unread: an end of the secure local channel, and a peer that does not read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tests/lib/slc_served.h"

static void keep(struct end *end)
{
	end->is_lazy = true;
	end->is_raw = true;
	channel_accept(end->channel);
}

static void a_storm_of_pings_owes_one_pong(void **unused)
{
	static struct heard heard;
	unsigned pongs = 0;

	(void)unused;
	greet_with(&usual_hello);
	for (uint32_t i = 0; i < 100000; i++)
		peer_number(side->slc, SLC_FRAME_PING, 0, i);
	while (peer_hear(side->slc, &heard))
		if (heard.type == SLC_FRAME_PONG) {
			assert_int_equal(heard.value, 99999);
			pongs++;
		}
	assert_int_equal(pongs, 1);
}

static void credit_that_waits_is_added_up(void **unused)
{
	static struct heard heard;
	struct iovec parts[8];
	unsigned credits = 0;

	(void)unused;
	side->options.window = 1000;
	side->on_asked = keep;
	greet_with(&usual_hello);
	(void)opened_channel(1);
	for (unsigned i = 0; i < 2; i++) {
		peer_frame(side->slc, SLC_FRAME_DATA, 0, 1, zeros, 500);
		end_consume(&side->ends[0]);
		(void)slc_output(side->slc, parts, 8); /* the transport takes nothing */
		slc_written(side->slc, 0);
	}
	while (peer_hear(side->slc, &heard))
		if (heard.type == SLC_FRAME_CREDIT) {
			assert_int_equal(heard.value, 1000);
			credits++;
		}
	assert_int_equal(credits, 1);
}

/* Not even credit, which else goes ahead of what waits. */
static void nothing_comes_behind_a_status(void **unused)
{
	struct iovec parts[8];
	unsigned count;
	size_t size = 0;

	(void)unused;
	side->options.window = 1000;
	side->on_asked = keep;
	greet_with(&usual_hello);
	(void)opened_channel(1);
	peer_frame(side->slc, SLC_FRAME_DATA, 0, 1, zeros, 500);
	end_consume(&side->ends[0]);
	assert_true(channel_conclude(side->ends[0].channel, 0, NULL, 0));
	count = slc_output(side->slc, parts, 8); /* all that waits, but for what is owed */
	for (unsigned i = 0; i < count; i++)
		size += parts[i].iov_len;
	slc_written(side->slc, size);
	assert_int_equal(slc_channels(side->slc), 0);
	peer_hears_nothing(side->slc);
}

/* Nor is credit paid, or anything forgotten, when the session ends before it was. */
static void owed_credit_ends_with_the_session(void **unused)
{
	struct channel *channel;
	unsigned unused_places = 0;

	(void)unused;
	for (unsigned how = 0; how < 3; how++) {
		pair_setup(&pair, how);
		side->options.window = 1000;
		side->on_asked = keep;
		greet_with(&usual_hello);
		for (uint32_t number = 1; number <= 5; number += 2) {
			(void)opened_channel(number);
			peer_frame(side->slc, SLC_FRAME_DATA, 0, number, zeros, 500);
			end_consume(&side->ends[number / 2]);
		}
		if (how == 0)
			peer_number(side->slc, SLC_FRAME_GOODBYE, 0, SLC_REASON_NONE);
		else if (how == 1)
			slc_lost(side->slc);
		else
			peer_number(side->slc, SLC_FRAME_STATUS, 2, 0);
		for (unsigned i = 0; i < 3; i++)
			end_is(&side->ends[i], CHANNEL_LOST, SLC_REASON_LOST);
		unused_places = 0;
		for (channel = TAILQ_FIRST(&side->slc->unused); channel != NULL;
			channel = TAILQ_NEXT(channel, crediting))
			unused_places++;
		assert_int_equal(unused_places, side->options.channels);
		assert_null(TAILQ_FIRST(&side->slc->out.credits));
		if (how == 2)
			break; /* the teardown takes this one */
		slc_lost(side->slc);
		pair_free(&pair);
	}
}

/* However full its output is, a channel can end its streams and conclude. */
static void there_is_room_for_the_last_frames(void **unused)
{
	static const uint8_t fields[SLC_STATUS_FIELDS_MAX] = {1};
	static struct heard heard;
	struct channel *channel;
	size_t took, sent = 0;

	(void)unused;
	side->options.output = 65536;
	side->on_asked = keep;
	greet_with(&usual_hello);
	(void)opened_channel(1);
	channel = side->ends[0].channel;
	while ((took = channel_send(channel, SLC_ERROR, zeros, 777)) > 0)
		sent += took;
	assert_int_equal(channel_room(channel), 0);
	assert_false(channel_conclude(channel, 9, zeros, SLC_STATUS_FIELDS_MAX + 1));
	assert_true(channel_conclude(channel, 9, fields, sizeof fields));
	do {
		assert_true(peer_hear(side->slc, &heard));
		sent -= heard.type == SLC_FRAME_DATA ? heard.size : 0;
	} while (heard.type != SLC_FRAME_STATUS);
	assert_int_equal(sent, 0);
	assert_int_equal(heard.value, 9);
	assert_int_equal(heard.size, 4 + sizeof fields);
	assert_memory_equal(heard.payload + 4, fields, sizeof fields);
}

static void who_does_not_read_is_not_read(void **unused)
{
	static uint8_t opens[40000][12];
	static struct heard heard;
	unsigned refused = 0;
	size_t took, size = sizeof opens;

	(void)unused;
	side->options.channels = 1;
	greet_with(&usual_hello);
	(void)opened_channel(1);
	for (unsigned i = 0; i < 40000; i++) {
		wire_put_frame(opens[i], SLC_FRAME_OPEN, 0, 3 + 2 * (i % 30000), 4);
		wire_put_number(opens[i] + 8, SLC_EXEC);
	}
	took = peer_bytes(side->slc, opens, size);
	assert_true(took < size);
	assert_true(side->slc->out.control.used <= SLC_CONTROL_SIZE + 100);
	assert_int_equal(peer_bytes(side->slc, zeros, 1), 0);
	while (took < size || refused < 40000) {
		assert_true(peer_hear(side->slc, &heard));
		if (heard.type == SLC_FRAME_REFUSE) {
			assert_int_equal(heard.value, SLC_REASON_LIMIT);
			assert_int_equal(heard.channel, 3 + 2 * (refused % 30000));
			refused++;
		}
		took += peer_bytes(side->slc, (const uint8_t *)opens + took, size - took);
	}
	assert_int_equal(side->closed, 0);
}

/* When the session is over for this end, what comes is discarded, and not waited with. */
static void a_stopped_reader_discards_in_the_end(void **unused)
{
	(void)unused;
	side->options.channels = 1;
	greet_with(&usual_hello);
	(void)opened_channel(1);
	for (unsigned i = 0; i < 20000; i++)
		if (peer_bytes(side->slc, "\6\0\0\3\0\0\0\4\0\0\0\1", 12) < 12)
			break;
	assert_int_equal(peer_bytes(side->slc, zeros, 1), 0);
	slc_close(side->slc, SLC_REASON_NONE, NULL);
	pair.now += 30 * CLOCK_SECOND;
	slc_tick(side->slc);
	assert_int_equal(peer_bytes(side->slc, zeros, sizeof zeros), sizeof zeros);
	peer_awaits(side->slc, SLC_FRAME_GOODBYE, 0, SLC_REASON_TIMEOUT);
}

static void a_status_that_is_not_read_keeps_the_channel_taken(void **unused)
{
	(void)unused;
	side->options.channels = 1;
	side->output = 0;
	greet_with(&usual_hello);
	(void)opened_channel(1);
	peer_frame(side->slc, SLC_FRAME_END, 0, 1, NULL, 0);
	end_is(&side->ends[0], CHANNEL_DONE, 0);
	peer_number(side->slc, SLC_FRAME_OPEN, 3, SLC_EXEC);
	assert_int_equal(slc_channels(side->slc), 1);
	assert_int_equal(side->count, 1);
	peer_awaits(side->slc, SLC_FRAME_REFUSE, 3, SLC_REASON_LIMIT);
	assert_int_equal(slc_channels(side->slc), 0);
	peer_number(side->slc, SLC_FRAME_OPEN, 3, SLC_EXEC);
	assert_int_equal(side->count, 2);
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, open_session, free_session)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_storm_of_pings_owes_one_pong),
		TEST(credit_that_waits_is_added_up),
		TEST(nothing_comes_behind_a_status),
		TEST(owed_credit_ends_with_the_session),
		TEST(there_is_room_for_the_last_frames),
		TEST(a_stopped_reader_discards_in_the_end),
		TEST(who_does_not_read_is_not_read),
		TEST(a_status_that_is_not_read_keeps_the_channel_taken),
	};

	return cmocka_run_group_tests_name("slc_engine_unread", tests, NULL, NULL);
}
