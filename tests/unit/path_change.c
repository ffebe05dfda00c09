/* path_change: what a copier does at a place: it replaces whole, and it touches nothing else. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/kernel/path.h"

static char base[] = "/tmp/path-XXXXXX";
static int root = -1;
static struct path_tree tree;
static struct path_place place;
static struct fault fault;

static int build(void **unused)
{
	(void)unused;
	strcpy(base, "/tmp/path-XXXXXX");
	assert_non_null(mkdtemp(base));
	root = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(root >= 0);
	tree = (struct path_tree){.fd = root};
	place.folder = -1;
	return 0;
}

static int clear(void **unused)
{
	char command[64];

	(void)unused;
	path_leave(&place);
	close(root);
	(void)snprintf(command, sizeof command, "rm -rf %s", base);
	return system(command);
}

static void at(const char *name)
{
	path_leave(&place);
	if (path_open_parent(&tree, name, strlen(name), &place, &fault) < 0)
		fail_msg("%s", fault.text);
}

static void put_file(const char *name, const char *text)
{
	char temporary[PATH_TEMPORARY_MAX];
	int fd;

	at(name);
	assert_int_equal(path_create(&place, temporary, &fd, &fault), 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	assert_int_equal(path_rename(&place, temporary, &fault), 0);
}

static void assert_file(const char *name, const char *text)
{
	char found[64] = "";
	int fd = openat(root, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	assert_true(fd >= 0);
	assert_true(read(fd, found, sizeof found - 1) >= 0);
	assert_string_equal(found, text);
	close(fd);
}

static struct stat status_of(const char *name)
{
	struct stat status = {0};

	assert_int_equal(fstatat(root, name, &status, AT_SYMLINK_NOFOLLOW), 0);
	return status;
}

/* How many entries a folder has: nothing temporary may be left. */
static int entries(const char *name)
{
	DIR *folder = fdopendir(openat(root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	int count = -2;

	assert_non_null(folder);
	while (readdir(folder) != NULL)
		count++;
	closedir(folder);
	return count;
}

static void a_file_appears_whole_and_replaces(void **unused)
{
	char temporary[PATH_TEMPORARY_MAX];
	int fd;

	(void)unused;
	put_file("f", "one");
	assert_file("f", "one");
	at("f");
	assert_int_equal(path_create(&place, temporary, &fd, &fault), 0);
	assert_int_equal(strncmp(temporary, ".cloister-", 10), 0);
	assert_int_equal(strlen(temporary), PATH_TEMPORARY_MAX - 1);
	assert_int_equal(status_of(temporary).st_mode, S_IFREG | 0600);
	assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	assert_int_equal(write(fd, "two", 3), 3);
	assert_file("f", "one");
	assert_int_equal(path_rename(&place, temporary, &fault), 0);
	assert_file("f", "two");
	assert_int_equal(entries("."), 1);
	close(fd);
}

static void a_link_at_the_target_is_replaced_not_followed(void **unused)
{
	(void)unused;
	put_file("victim", "whole");
	assert_int_equal(symlinkat("victim", root, "l"), 0);
	put_file("l", "new");
	assert_file("l", "new");
	assert_file("victim", "whole");
}

static void a_temporary_can_be_given_up(void **unused)
{
	char temporary[PATH_TEMPORARY_MAX];
	int fd;

	(void)unused;
	at("f");
	assert_int_equal(path_create(&place, temporary, &fd, &fault), 0);
	close(fd);
	assert_int_equal(path_remove(&place, temporary, &fault), 0);
	assert_int_equal(path_remove(&place, temporary, &fault), 0);
	assert_int_equal(entries("."), 0);
}

static void a_folder_is_not_replaced(void **unused)
{
	char temporary[PATH_TEMPORARY_MAX];
	int fd;

	(void)unused;
	assert_int_equal(mkdirat(root, "d", 0755), 0);
	at("d");
	assert_int_equal(path_create(&place, temporary, &fd, &fault), 0);
	close(fd);
	assert_int_equal(path_rename(&place, temporary, &fault), -1);
	assert_string_equal(fault.word, "denied");
	assert_int_equal(path_remove(&place, temporary, &fault), 0);
	assert_int_equal(path_symlink(&place, "x", &fault), -1);
	assert_string_equal(fault.word, "denied");
	assert_int_equal(entries("."), 1);
}

static void folders_are_made_once_and_never_through_links(void **unused)
{
	(void)unused;
	at("d");
	assert_int_equal(path_make_folder(&place, 0700, &fault), 0);
	assert_int_equal(path_make_folder(&place, 0755, &fault), 0);
	assert_int_equal(status_of("d").st_mode, S_IFDIR | 0700);
	at("d/e");
	assert_int_equal(path_make_folder(&place, 0700, &fault), 0);
	put_file("f", "");
	assert_int_equal(symlinkat("d", root, "l"), 0);
	at("f");
	assert_int_equal(path_make_folder(&place, 0700, &fault), -1);
	assert_string_equal(fault.word, "not_found");
	at("l");
	assert_int_equal(path_make_folder(&place, 0700, &fault), -1);
	assert_int_equal(path_open_parent(&tree, "l/x", 3, &place, &fault), -1);
	assert_string_equal(fault.word, "path");
	assert_int_equal(path_open_parent(&tree, "no/x", 4, &place, &fault), -1);
	assert_string_equal(fault.word, "not_found");
}

static void make_folders(const char *name)
{
	if (path_make_folders(root, name, strlen(name), 0755, &fault) < 0)
		fail_msg("%s: %s", name, fault.text);
}

static void the_folders_of_a_named_path_are_made(void **unused)
{
	(void)unused;
	make_folders("/x/y//z/");
	make_folders("/x/y/z");
	make_folders("x/../../w/../v");
	make_folders("/");
	assert_true(S_ISDIR(status_of("x/y/z").st_mode));
	assert_true(S_ISDIR(status_of("w").st_mode) && S_ISDIR(status_of("v").st_mode));
	assert_int_equal(symlinkat("/x/y", root, "l"), 0);
	make_folders("l/k");
	assert_true(S_ISDIR(status_of("x/y/k").st_mode));
	assert_int_equal(symlinkat("/nowhere", root, "dangling"), 0);
	assert_int_equal(path_make_folders(root, "dangling/k", 10, 0755, &fault), -1);
	assert_int_equal(entries("."), 5);
}

static void a_named_place_is_the_folder_and_the_last_part(void **unused)
{
	static const char *const refused[] = {"/", "..", "a/..", ".", "x/.", "//"};

	(void)unused;
	make_folders("x/y");
	assert_int_equal(symlinkat("/x/y", root, "l"), 0);
	assert_int_equal(path_locate(root, "/l/new//", 8, &place, &fault), 0);
	assert_string_equal(place.last, "new");
	assert_int_equal(path_make_folder(&place, 0700, &fault), 0);
	assert_true(S_ISDIR(status_of("x/y/new").st_mode));
	path_leave(&place);
	path_leave(&place);
	assert_int_equal(path_locate(root, "one", 3, &place, &fault), 0);
	assert_int_equal(path_make_folder(&place, 0700, &fault), 0);
	assert_true(S_ISDIR(status_of("one").st_mode));
	path_leave(&place);
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		assert_int_equal(
			path_locate(root, refused[i], strlen(refused[i]), &place, &fault), -1);
		assert_string_equal(fault.word, "request");
		assert_int_equal(place.folder, -1);
	}
}

static void links_are_put_in_place_and_replace(void **unused)
{
	char text[64] = "";

	(void)unused;
	at("l");
	assert_int_equal(path_symlink(&place, "/etc/passwd", &fault), 0);
	assert_int_equal(path_symlink(&place, "../elsewhere", &fault), 0);
	assert_true(readlinkat(root, "l", text, sizeof text - 1) > 0);
	assert_string_equal(text, "../elsewhere");
	put_file("f", "first");
	at("h");
	assert_int_equal(path_link(&place, &tree, "f", 1, &fault), 0);
	assert_int_equal(path_link(&place, &tree, "f", 1, &fault), 0);
	assert_int_equal(status_of("f").st_nlink, 2);
	assert_int_equal(status_of("f").st_ino, status_of("h").st_ino);
	assert_int_equal(path_link(&place, &tree, "l", 1, &fault), 0);
	assert_true(S_ISLNK(status_of("h").st_mode));
	assert_int_equal(entries("."), 3);
}

static void a_hard_link_reaches_only_members(void **unused)
{
	static const char *const refused[] = {"../x", "/etc/hosts", "l/f", "no/f", "no", "d"};

	(void)unused;
	make_folders("d");
	put_file("d/f", "");
	assert_int_equal(symlinkat("d", root, "l"), 0);
	at("h");
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		assert_int_equal(
			path_link(&place, &tree, refused[i], strlen(refused[i]), &fault), -1);
	assert_int_equal(entries("."), 2);
}

static void modes_and_times_are_set(void **unused)
{
	struct timespec time = {.tv_sec = -86400, .tv_nsec = 123456789};
	char temporary[PATH_TEMPORARY_MAX];
	struct stat status;
	int fd;

	(void)unused;
	at("f");
	assert_int_equal(path_create(&place, temporary, &fd, &fault), 0);
	assert_int_equal(path_set(fd, 0170640, &time, &fault), 0);
	close(fd);
	assert_int_equal(path_rename(&place, temporary, &fault), 0);
	status = status_of("f");
	assert_int_equal(status.st_mode, S_IFREG | 0640);
	assert_int_equal(status.st_mtim.tv_sec, time.tv_sec);
	assert_int_equal(status.st_mtim.tv_nsec, time.tv_nsec);
	at("l");
	assert_int_equal(path_symlink(&place, "f", &fault), 0);
	time.tv_sec = 5;
	assert_int_equal(path_set_link(&place, &time, &fault), 0);
	assert_int_equal(status_of("l").st_mtim.tv_sec, 5);
	assert_int_equal(status_of("f").st_mtim.tv_sec, -86400);
	at("d");
	assert_int_equal(path_make_folder(&place, 0700, &fault), 0);
	assert_int_equal(
		path_open_member(&tree, "d", 1, O_RDONLY | O_DIRECTORY, 0, &fd, &fault), 0);
	assert_int_equal(path_set(fd, 0511, &time, &fault), 0);
	close(fd);
	assert_int_equal(status_of("d").st_mode, S_IFDIR | 0511);
}

int main(void)
{
#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, build, clear)
	const struct CMUnitTest tests[] = {
		TEST(a_file_appears_whole_and_replaces),
		TEST(a_link_at_the_target_is_replaced_not_followed),
		TEST(a_temporary_can_be_given_up),
		TEST(a_folder_is_not_replaced),
		TEST(folders_are_made_once_and_never_through_links),
		TEST(the_folders_of_a_named_path_are_made),
		TEST(a_named_place_is_the_folder_and_the_last_part),
		TEST(links_are_put_in_place_and_replace),
		TEST(a_hard_link_reaches_only_members),
		TEST(modes_and_times_are_set),
	};

	return cmocka_run_group_tests_name("path_change", tests, NULL, NULL);
}
