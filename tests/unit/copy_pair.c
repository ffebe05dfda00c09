/* copy_send and copy_receive together: what arrives is what was there. */
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

static void fill_names(char name[256])
{
	memset(name, 'n', 255);
	memcpy(name, "\n\t\"\\\x01\xff%s *", 10);
	name[255] = '\0';
}

static void make_tree(void)
{
	char name[256];

	fill_names(name);
	tree_folder(pair.from, "empty", 0755);
	tree_folder(pair.from, "closed", 0700);
	tree_file(pair.from, "closed/in", "in", 2, 0400);
	tree_folder(pair.from, "sticky", 01777);
	tree_text(pair.from, "one", "1");
	tree_link(pair.from, "closed/one again", "one");
	tree_link(pair.from, "two", "one");
	tree_symlink(pair.from, "link", "one");
	tree_symlink(pair.from, "gone", "../../../etc/nowhere");
	tree_text(pair.from, name, name);
	tree_symlink(pair.from, "sticky/long", name);
	tree_file(pair.from, "script", "#!/bin/sh\n", 10, 0755);
	tree_time(pair.from, "one", 1, 999999999);
	tree_time(pair.from, "link", 4102444800, 1);
	tree_time(pair.from, "script", -1, 5);
	tree_time(pair.from, "empty", 0, 1);
	tree_time(pair.from, "closed", 12, 34);
	assert_int_equal(fchmodat(pair.from, "closed", 0500, 0), 0);
}

static void a_tree_arrives(void **state)
{
	(void)state;
	make_tree();
	assert_copied();
	assert_arrived();
	assert_int_equal(fchmodat(pair.to, "t/closed", 0700, 0), 0);
	assert_copied(); /* over itself */
	assert_arrived();
}

static void a_tree_arrives_however_it_is_cut(void **state)
{
	static const size_t cuts[] = {1, 5, 64};

	(void)state;
	make_tree();
	for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
		pair.cut = cuts[i];
		assert_copied();
		assert_arrived();
	}
}

static void a_tree_is_put_into_a_folder(void **state)
{
	char *before, *after;
	int fd;

	(void)state;
	make_tree();
	tree_folder(pair.to, "t", 0700);
	tree_text(pair.to, "t/old", "old");
	tree_folder(pair.to, "t/new", 0700);
	tree_text(pair.to, "t/new/old", "old");
	fd = pair_target();
	pair.receive.target.folder = fd;
	pair.receive.target.last[0] = '\0';
	pair.send.name = "new";
	assert_copied();
	tree_assert_text(pair.to, "t/old", "old");
	tree_assert_text(pair.to, "t/new/old", "old");
	assert_int_equal(unlinkat(pair.to, "t/new/old", 0), 0);
	close(fd);
	fd = openat(pair.to, "t/new", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	before = tree_list(pair.from);
	after = tree_list(fd);
	assert_string_equal(before, after);
	free(before);
	free(after);
	close(fd);
}

static void a_deep_tree_arrives(void **state)
{
	int at = dup(pair.from);

	(void)state;
	for (unsigned depth = 0; depth < 200; depth++) {
		int next;

		tree_text(at, "file", "text");
		tree_folder(at, "folder-in-a-folder", 0755);
		next = openat(at, "folder-in-a-folder", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_true(next >= 0);
		close(at);
		at = next;
	}
	close(at);
	assert_copied();
	assert_int_equal(pair.received.members, 401);
	assert_arrived();
}

static void many_files_arrive(void **state)
{
	char name[32];

	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		snprintf(name, sizeof name, "file number %u", i);
		tree_file(pair.from, name, name, i % 30, 0600 + i % 64);
		tree_time(pair.from, name, i, i);
	}
	assert_copied();
	assert_int_equal(pair.received.members, 2001);
	assert_arrived();
}

/* Their descriptions fill the sender's buffer several times. */
static void many_links_arrive(void **state)
{
	char name[256], text[1024];

	(void)state;
	memset(text, 't', sizeof text);
	for (unsigned i = 0; i < 1500; i++) {
		snprintf(name, sizeof name, "%0200u", i);
		text[sizeof text - 1 - i % 500] = '\0';
		tree_symlink(pair.from, name, text);
		text[sizeof text - 1 - i % 500] = 't';
	}
	assert_copied();
	assert_int_equal(pair.received.members, 1501);
	assert_arrived();
}

static void files_of_all_sizes_arrive(void **state)
{
	static const size_t sizes[] = {0, 1, 65529, 65530, 65531, 65536, 458752, COPY_BUFFER - 7,
		COPY_BUFFER - 6, COPY_BUFFER - 5, COPY_BUFFER, COPY_BUFFER + 1, 3000000};
	uint8_t *bytes = malloc(3000000);
	char name[32];

	(void)state;
	for (uint32_t i = 0; i < 3000000; i++)
		bytes[i] = (uint8_t)((i * 2654435761u) >> 24);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		snprintf(name, sizeof name, "%zu", sizes[i]);
		tree_file(pair.from, name, bytes, sizes[i], 0600);
	}
	free(bytes);
	assert_copied();
	assert_arrived();
}

#define MIB ((off_t)1048576)

static void sparse_file(const char *name, const off_t *data, size_t count, off_t size)
{
	int fd = openat(pair.from, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(pwrite(fd, "some data", 9, data[i]), 9);
	close(fd);
}

static blkcnt_t blocks_of(int folder, const char *name)
{
	struct stat status;

	assert_int_equal(fstatat(folder, name, &status, 0), 0);
	return status.st_blocks;
}

static void holes_arrive(void **state)
{
	static const off_t data[] = {3 * MIB, 3 * MIB + 70000, 9 * MIB, 12 * MIB - 9};
	static const char *const names[] = {"none", "middle", "end", "all"};
	int fd;

	(void)state;
	sparse_file("none", NULL, 0, 5 * MIB + 1);
	sparse_file("middle", data, 2, 7 * MIB);
	sparse_file("end", data + 3, 1, 12 * MIB);
	sparse_file("all", data, 4, 20 * MIB + 123);
	assert_copied();
	assert_arrived();
	assert_int_equal(pair.sent.bytes, 44 * MIB + 124);
	fd = pair_target();
	for (size_t i = 0; i < 4; i++) /* where this file system has holes at all */
		assert_true(blocks_of(fd, names[i]) <= blocks_of(pair.from, names[i]) + 64);
	close(fd);
}

static void holes_arrive_however_they_are_cut(void **state)
{
	pair.cut = 7;
	holes_arrive(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAIR_TEST(a_tree_arrives),
		PAIR_TEST(a_tree_arrives_however_it_is_cut),
		PAIR_TEST(a_tree_is_put_into_a_folder),
		PAIR_TEST(a_deep_tree_arrives),
		PAIR_TEST(many_files_arrive),
		PAIR_TEST(many_links_arrive),
		PAIR_TEST(files_of_all_sizes_arrive),
		PAIR_TEST(holes_arrive),
		PAIR_TEST(holes_arrive_however_they_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
