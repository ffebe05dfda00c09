/* copy_stream: all bytes in order, however they are cut; who waits, and what ends the waiting. */
#include "runtime/channel/copy_stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define WHOLE (37u * COPY_STREAM_BLOCK + 4711u)

static struct copy_stream stream;
static struct loop *loop;
static struct fault fault;
static pthread_t thread;
static unsigned told; /* how often the loop was */
static size_t moved;  /* bytes that came at the other end */
static size_t wrong;  /* of them */
static bool was_ended;

static uint8_t byte_at(size_t at)
{
	return (uint8_t)(at * 7 + at / 251);
}

static void note(struct copy_stream *one)
{
	assert_ptr_equal(one, &stream);
	told++;
}

static int begin(void **state)
{
	(void)state;
	stream = (struct copy_stream){.moved = note};
	told = 0;
	moved = wrong = 0;
	was_ended = false;
	assert_int_equal(loop_open(&loop, &clock_system, &fault), 0);
	assert_int_equal(copy_stream_open(&stream, loop, &fault), 0);
	return 0;
}

static int end(void **state)
{
	(void)state;
	copy_stream_close(&stream);
	copy_stream_close(&stream);
	loop_close(loop);
	return 0;
}

/* A turn that waits until the thread tells something. */
static void turn(void)
{
	assert_int_equal(loop_turn(loop, UINT64_MAX, &fault), 0);
}

/* --- Put -------------------------------------------------------------------------------------- */

static size_t piece_of(size_t round, size_t most)
{
	return 1 + round * 5003 % most;
}

static void *give_all(void *unused)
{
	uint8_t *block;
	bool goes_on = copy_stream_give(&stream, &block, 0);
	size_t at = 0;

	(void)unused;
	for (size_t round = 0; goes_on && at < WHOLE; round++) {
		size_t size = piece_of(round, COPY_STREAM_BLOCK);

		size = size < WHOLE - at ? size : WHOLE - at;
		for (size_t i = 0; i < size; i++)
			block[i] = byte_at(at + i);
		at += size;
		goes_on = copy_stream_give(&stream, &block, size);
	}
	was_ended = !goes_on;
	return NULL;
}

static void what_is_given_comes_in_order(void **state)
{
	const uint8_t *bytes;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, give_all, NULL), 0);
	for (size_t round = 0; moved < WHOLE; round++) {
		size_t size = copy_stream_front(&stream, &bytes);
		size_t part = piece_of(round, 65536);

		if (size == 0) {
			turn();
			continue;
		}
		part = part < size ? part : size;
		for (size_t i = 0; i < part; i++)
			if (bytes[i] != byte_at(moved + i))
				fail_msg("byte %zu is another one", moved + i);
		copy_stream_drop(&stream, part);
		moved += part;
	}
	pthread_join(thread, NULL);
	assert_false(was_ended);
	assert_int_equal(copy_stream_front(&stream, &bytes), 0);
}

/* The loop is told once, and not before it has asked. */
static void the_loop_is_told_when_it_waits(void **state)
{
	const uint8_t *bytes;
	uint8_t *block;

	(void)state;
	assert_true(copy_stream_give(&stream, &block, 0));
	assert_true(copy_stream_give(&stream, &block, 1));
	assert_int_equal(loop_turn(loop, 0, &fault), 0);
	assert_int_equal(told, 0);
	assert_int_equal(copy_stream_front(&stream, &bytes), 1);
	copy_stream_drop(&stream, 1);
	assert_int_equal(copy_stream_front(&stream, &bytes), 0);
	assert_true(copy_stream_give(&stream, &block, 1));
	assert_int_equal(copy_stream_front(&stream, &bytes), 1);
	copy_stream_drop(&stream, 1);
	assert_int_equal(copy_stream_front(&stream, &bytes), 0);
	assert_true(copy_stream_give(&stream, &block, 1)); /* the post is on its way still */
	turn();
	assert_int_equal(told, 1);
	assert_int_equal(copy_stream_front(&stream, &bytes), 1);
}

static void who_gives_is_ended(void **state)
{
	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, give_all, NULL), 0);
	copy_stream_end(&stream);
	pthread_join(thread, NULL);
	assert_true(was_ended);
}

/* --- Get -------------------------------------------------------------------------------------- */

static void *take_all(void *unused)
{
	const uint8_t *bytes;
	size_t size;

	(void)unused;
	while ((size = copy_stream_take(&stream, &bytes)) > 0) {
		for (size_t i = 0; i < size; i++)
			wrong += bytes[i] != byte_at(moved + i);
		moved += size;
	}
	was_ended = true;
	return NULL;
}

static void what_is_put_is_taken_in_order(void **state)
{
	static uint8_t bytes[COPY_STREAM_ROOM];
	size_t at = 0, waiting = 0;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, take_all, NULL), 0);
	for (size_t round = 0; at < WHOLE; round++) {
		size_t size = piece_of(round, sizeof bytes);
		size_t done;

		size = size < WHOLE - at ? size : WHOLE - at;
		while (sizeof bytes - waiting < size) {
			done = copy_stream_done(&stream);
			waiting -= done;
			if (done == 0)
				turn();
		}
		for (size_t i = 0; i < size; i++)
			bytes[i] = byte_at(at + i);
		copy_stream_put(&stream, bytes, size);
		at += size;
		waiting += size;
	}
	copy_stream_end(&stream);
	pthread_join(thread, NULL);
	assert_true(was_ended);
	assert_int_equal(moved, WHOLE);
	assert_int_equal(wrong, 0);
	assert_int_equal(copy_stream_done(&stream), waiting);
	assert_int_equal(copy_stream_done(&stream), 0);
}

/* As much as there is room for, while the thread holds a block with a single byte. */
static void a_held_block_takes_no_room(void **state)
{
	static const uint8_t zeros[COPY_STREAM_ROOM];
	const uint8_t *bytes;
	size_t size, rest = COPY_STREAM_ROOM - 1;

	(void)state;
	copy_stream_put(&stream, zeros, 1);
	assert_int_equal(copy_stream_take(&stream, &bytes), 1);
	copy_stream_put(&stream, zeros, rest);
	copy_stream_end(&stream);
	while ((size = copy_stream_take(&stream, &bytes)) > 0)
		rest -= size;
	assert_int_equal(rest, 0);
	assert_int_equal(copy_stream_done(&stream), COPY_STREAM_ROOM);
}

static void who_takes_is_ended(void **state)
{
	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, take_all, NULL), 0);
	copy_stream_end(&stream);
	pthread_join(thread, NULL);
	assert_true(was_ended);
	assert_int_equal(moved, 0);
}

static void a_stream_that_is_not_open_can_be_ended(void **state)
{
	struct copy_stream closed = {.moved = note};

	(void)state;
	copy_stream_end(&closed);
	copy_stream_close(&closed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_given_comes_in_order, begin, end),
		cmocka_unit_test_setup_teardown(the_loop_is_told_when_it_waits, begin, end),
		cmocka_unit_test_setup_teardown(who_gives_is_ended, begin, end),
		cmocka_unit_test_setup_teardown(what_is_put_is_taken_in_order, begin, end),
		cmocka_unit_test_setup_teardown(a_held_block_takes_no_room, begin, end),
		cmocka_unit_test_setup_teardown(who_takes_is_ended, begin, end),
		cmocka_unit_test_setup_teardown(a_stream_that_is_not_open_can_be_ended, begin, end),
	};

	return cmocka_run_group_tests_name("copy_stream", tests, NULL, NULL);
}
