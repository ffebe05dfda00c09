/* copy_receive on a disk that is full, or that may not be written: the reason is told, and the old
 * file stays. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/copy.h"
#include "tests/lib/tree.h"

#define NOBODY 65534
#define LARGE  65536

static struct script script;
static struct copy_receive_options options;
static int folder;
static char *before;

static int begin(void **state)
{
	(void)state;
	folder = tree_new();
	tree_text(folder, "old", "old");
	before = tree_list(folder);
	options = receive_into(folder, "");
	script_begin(&script);
	return 0;
}

static int end(void **state)
{
	(void)state;
	free(before);
	tree_remove(folder);
	return 0;
}

static void nothing_has_changed(void)
{
	char *after = tree_list(folder);

	assert_string_equal(after, before);
	free(after);
}

static void put_large_file(void)
{
	static char text[LARGE + 1];

	memset(text, 'x', LARGE);
	script_file(&script, "old", text);
}

/* In a process of its own, whose limits do not bind the other tests. */
static void in_a_child(void (*check)(void))
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		check();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void receive_beyond_the_file_size(void)
{
	const struct rlimit limit = {LARGE / 2, LARGE / 2};
	struct copy_outcome outcome;

	options.stream = stream_of(script.bytes, script.writer.used);
	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &limit) != 0 || copy_receive(&options, &outcome) != -1 ||
		outcome.reason != SLC_REASON_SPACE)
		_exit(1);
}

static void a_file_beyond_the_limit_of_sizes_is_refused(void **state)
{
	(void)state;
	put_large_file();
	in_a_child(receive_beyond_the_file_size);
	nothing_has_changed();
}

/* Needs the right to mount. */
static void a_full_disk_leaves_the_old_file(void **state)
{
	char path[64], *after;
	int disk;

	(void)state;
	tree_folder(folder, "disk", 0755);
	disk = openat(folder, "disk", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	snprintf(path, sizeof path, "/proc/self/fd/%d", disk);
	if (mount("none", path, "tmpfs", 0, "size=49152") != 0) {
		close(disk);
		print_message("# skipped: a full disk, which needs the right to mount\n");
		return;
	}
	close(disk);
	disk = openat(folder, "disk", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	tree_text(disk, "old", "old");
	free(before);
	before = tree_list(disk);
	put_large_file();
	options = receive_into(disk, "");
	assert_refused(&options, &script, SLC_REASON_SPACE);
	after = tree_list(disk);
	assert_string_equal(after, before);
	free(after);
	snprintf(path, sizeof path, "/proc/self/fd/%d", disk);
	assert_int_equal(umount2(path, MNT_DETACH), 0);
	close(disk);
}

static void receive_as_nobody(void)
{
	struct copy_outcome outcome;

	options.stream = stream_of(script.bytes, script.writer.used);
	if (geteuid() == 0 && (setegid(NOBODY) != 0 || seteuid(NOBODY) != 0))
		_exit(1);
	if (copy_receive(&options, &outcome) != -1 || outcome.reason != SLC_REASON_DENIED)
		_exit(1);
}

static void a_folder_that_may_not_be_written_is_denied(void **state)
{
	(void)state;
	assert_int_equal(fchmod(folder, 0555), 0);
	script_file(&script, "old", "new");
	in_a_child(receive_as_nobody);
	nothing_has_changed();
	script_begin(&script);
	script_folder(&script, "new");
	in_a_child(receive_as_nobody);
	nothing_has_changed();
	script_begin(&script);
	script_describe(&script, "old", COPY_SYMLINK, 0777, "new");
	in_a_child(receive_as_nobody);
	nothing_has_changed();
	assert_int_equal(fchmod(folder, 0700), 0);
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_beyond_the_limit_of_sizes_is_refused),
		TEST(a_full_disk_leaves_the_old_file),
		TEST(a_folder_that_may_not_be_written_is_denied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
