/* copy_send and copy_receive together, when the source changes on the way, has no size, or one of
 * the ends fails. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/copy_pair.h"
#include "tests/lib/tree.h"

/* --- What changes, or has no size ------------------------------------------------------------- */

static void what_has_no_size_arrives_whole(void **state)
{
	char *text, *found;

	(void)state;
	text = tree_read(AT_FDCWD, "/proc/version", NULL);
	pair.send.source = open("/proc/version", O_RDONLY | O_CLOEXEC);
	assert_copied();
	close(pair.send.source);
	tree_assert_text(pair.to, "t", text);
	free(text);

	pair.send.source = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	assert_copied();
	close(pair.send.source);
	found = tree_read(pair.to, "t", NULL);
	assert_memory_equal(found, "Name:", 5);
	assert_non_null(strstr(found, "nonvoluntary_ctxt_switches:"));
	free(found);
}

#define SIZE 2000000

/* Changes the file once, when its first piece was sent. */
static void grow(void *data, const struct copy_progress *progress)
{
	int *times = data;

	if (progress->done > 0 && (*times)++ == 0)
		assert_int_equal(pwrite(pair.send.source, "more", 4, SIZE), 4);
}

static void shrink(void *data, const struct copy_progress *progress)
{
	int *times = data;

	if (progress->done > 0 && (*times)++ == 0)
		assert_int_equal(ftruncate(pair.send.source, SIZE / 2), 0);
}

static void send_changing(void (*change)(void *data, const struct copy_progress *progress))
{
	uint8_t *bytes = calloc(1, SIZE);
	int times = 0;

	tree_file(pair.from, "file", bytes, SIZE, 0600);
	free(bytes);
	pair.send.source = openat(pair.from, "file", O_RDWR | O_CLOEXEC);
	pair.send.watch.progress = change;
	pair.send.watch.data = &times;
	assert_copied();
	close(pair.send.source);
	assert_true(times > 0);
}

static void assert_same_bytes(size_t expected)
{
	size_t a, b;
	char *one = tree_read(pair.from, "file", &a), *other = tree_read(pair.to, "t", &b);

	assert_int_equal(a, expected);
	assert_int_equal(b, expected);
	assert_memory_equal(one, other, expected);
	free(one);
	free(other);
}

static void a_file_that_grows_arrives_as_it_was_read(void **state)
{
	(void)state;
	send_changing(grow);
	assert_same_bytes(SIZE + 4);
}

static void a_file_that_shrinks_arrives_as_it_was_read(void **state)
{
	(void)state;
	send_changing(shrink);
	assert_same_bytes(SIZE / 2);
}

/* Removes the folder at hand, and what comes next. */
static void take_away(void *data, const struct copy_progress *progress)
{
	(void)data;
	if (strcmp(progress->name, "a") == 0 && unlinkat(pair.from, "a", AT_REMOVEDIR) == 0)
		assert_int_equal(unlinkat(pair.from, "b", 0), 0);
}

static void what_vanishes_is_skipped(void **state)
{
	(void)state;
	tree_folder(pair.from, "a", 0700);
	tree_text(pair.from, "b", "b");
	tree_text(pair.from, "c", "c");
	pair.send.watch.progress = take_away;
	assert_copied();
	assert_int_equal(pair.sent.skipped, 1);
	assert_int_equal(pair.sent.members, 3);
	tree_assert_text(pair.to, "t/c", "c");
}

/* --- What fails ------------------------------------------------------------------------------- */

static void a_receiver_that_fails_stops_the_sender(void **state)
{
	uint8_t *bytes = calloc(1, SIZE);

	(void)state;
	tree_file(pair.from, "file", bytes, SIZE, 0600);
	free(bytes);
	pair.receive.bytes = SIZE / 4;
	assert_int_equal(pair_copy(), -1);
	assert_int_equal(pair.received.reason, SLC_REASON_LIMIT);
	assert_int_equal(pair.sent.reason, SLC_REASON_LOST);
}

static void a_sender_that_fails_is_no_end(void **state)
{
	(void)state;
	tree_text(pair.from, "a", "a");
	tree_text(pair.from, "b", "b");
	pair.send.members = 2;
	assert_int_equal(pair_copy(), -1);
	assert_int_equal(pair.sent.reason, SLC_REASON_LIMIT);
	assert_int_equal(pair.received.reason, SLC_REASON_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAIR_TEST(what_has_no_size_arrives_whole),
		PAIR_TEST(a_file_that_grows_arrives_as_it_was_read),
		PAIR_TEST(a_file_that_shrinks_arrives_as_it_was_read),
		PAIR_TEST(what_vanishes_is_skipped),
		PAIR_TEST(a_receiver_that_fails_stops_the_sender),
		PAIR_TEST(a_sender_that_fails_is_no_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
