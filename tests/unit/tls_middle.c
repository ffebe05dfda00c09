/* tls_middle: somebody between two ends of TLS cuts, changes, repeats and exchanges records. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/tls.h"

#define HEADER 5u /* of a record */

/* --- Somebody in the middle ------------------------------------------------------------------- */

/* Between the ends, with a socket to each. What comes from the server is passed on; records from
 * the client go through `act`, which is told how many came before. */
static int middle[2];
static unsigned records;

static void open_around_middle(size_t from_client)
{
	const int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
	int left[2], right[2];

	assert_int_equal(socketpair(AF_UNIX, type, 0, left), 0);
	assert_int_equal(socketpair(AF_UNIX, type, 0, right), 0);
	middle[0] = left[1];
	middle[1] = right[1];
	records = 0;
	end_open(&ends[0], tls_contexts[0], left[0], from_client);
	end_open(&ends[1], tls_contexts[1], right[0], 0);
	ends[0].step = 1000;
}

static void close_around_middle(void)
{
	close(middle[0]);
	close(middle[1]);
	ends_close();
}

static void put(int fd, const uint8_t *bytes, size_t size)
{
	assert_int_equal(send(fd, bytes, size, MSG_NOSIGNAL), size);
}

static void pass_back(void)
{
	uint8_t bytes[4096];
	ssize_t got;

	while ((got = read(middle[1], bytes, sizeof bytes)) > 0)
		put(middle[0], bytes, (size_t)got);
}

/* Takes one record of the client, if a whole one is there. */
static size_t take(uint8_t record[20000])
{
	size_t size;

	if (recv(middle[0], record, HEADER, MSG_PEEK) != HEADER)
		return 0;
	size = HEADER + record[3] * 256u + record[4];
	if (recv(middle[0], record, size, MSG_PEEK) != (ssize_t)size)
		return 0;
	assert_int_equal(read(middle[0], record, size), size);
	records++;
	return size;
}

/* Records of the client: ClientHello, perhaps one that means nothing, Finished, and then bytes. */
static bool is_data(const uint8_t *record)
{
	static unsigned protected;

	if (records == 1)
	protected = 0;
	return record[0] == 23 && ++protected > 1;
}

static void run_through(void (*act)(uint8_t *record, size_t size, unsigned number))
{
	static uint8_t record[20000];
	unsigned number = 0;
	size_t size;

	end_begin(&ends[0]);
	end_settle(&ends[1]);
	while (!ends[1].is_over) {
		pass_back();
		while ((size = take(record)) > 0) {
			if (is_data(record))
				act(record, size, number++);
			else
				put(middle[1], record, size);
		}
		net_turn();
	}
}

static void assert_refused(const char *word, size_t got)
{
	size_t done;
	uint8_t byte;
	struct iovec part = {&byte, 1};
	struct fault fault;

	assert_int_equal(ends[1].result, STREAM_FAILED);
	assert_string_equal(ends[1].fault.word, word);
	assert_int_equal(ends[1].got, got);
	assert_int_equal(stream_read(ends[1].stream, &byte, 1, &done, &fault), STREAM_FAILED);
	assert_string_equal(fault.word, word);
	assert_int_equal(stream_write(ends[1].stream, &part, 1, &done, &fault), STREAM_FAILED);
	assert_int_equal(stream_finish(ends[1].stream, &fault), STREAM_FAILED);
	close_around_middle();
}

static void change(uint8_t *record, size_t size, unsigned number)
{
	if (number == 2)
		record[size / 2] ^= 1;
	put(middle[1], record, size);
}

static void repeat(uint8_t *record, size_t size, unsigned number)
{
	put(middle[1], record, size);
	if (number == 2)
		put(middle[1], record, size);
}

static void drop(uint8_t *record, size_t size, unsigned number)
{
	if (number != 2)
		put(middle[1], record, size);
}

static void exchange(uint8_t *record, size_t size, unsigned number)
{
	static uint8_t kept[20000];
	static size_t kept_size;

	if (number == 2) {
		memcpy(kept, record, size);
		kept_size = size;
		return;
	}
	put(middle[1], record, size);
	if (number == 3)
		put(middle[1], kept, kept_size);
}

static void cut(uint8_t *record, size_t size, unsigned number)
{
	if (number < 2)
		put(middle[1], record, size);
	else if (number == 2)
		assert_int_equal(shutdown(middle[1], SHUT_WR), 0);
}

static void cut_inside(uint8_t *record, size_t size, unsigned number)
{
	if (number == 2)
		put(middle[1], record, size / 2);
	cut(record, size, number);
}

static void what_was_changed_on_the_way_is_refused(void **unused)
{
	static void (*const acts[])(uint8_t *, size_t, unsigned) = {change, drop, exchange};

	(void)unused;
	for (unsigned i = 0; i < 3; i++) {
		open_around_middle(10000);
		run_through(acts[i]);
		assert_refused("tls", 2000);
	}
	open_around_middle(10000);
	run_through(repeat);
	assert_refused("tls", 3000);
}

static void a_direction_that_is_cut_is_no_end(void **unused)
{
	(void)unused;
	open_around_middle(10000);
	run_through(cut);
	assert_refused("reset", 2000);
	open_around_middle(10000);
	run_through(cut_inside);
	assert_refused("reset", 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NET_TEST(what_was_changed_on_the_way_is_refused),
		NET_TEST(a_direction_that_is_cut_is_no_end),
	};

	return cmocka_run_group_tests(tests, tls_make_contexts, tls_drop_contexts);
}
