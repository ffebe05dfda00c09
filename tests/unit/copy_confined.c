/* copy_send and copy_receive in a process confined to the tree, as the copier is: they need
 * no other right and no system call but those of files, sysinfo for the library's qsort, and syncfs
 * to synchronise. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/channel/copy_receive.h"
#include "runtime/channel/copy_send.h"
#include "runtime/kernel/confine.h"
#include "tests/lib/tree.h"

#define MANY 300 /* names: qsort sorts so many in memory that it asks for */

static int from, to, stream;

static int begin(void **state)
{
	char name[16];

	(void)state;
	from = tree_new();
	to = tree_new();
	stream = memfd_create("stream", MFD_CLOEXEC);
	assert_true(stream >= 0);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(name, sizeof name, "%u", i);
		tree_text(from, name, name);
	}
	tree_folder(from, "a", 0755);
	tree_folder(from, "b", 0555);
	tree_link(from, "a/link", "1");
	tree_symlink(from, "b/way", "../..");
	return 0;
}

static int end(void **state)
{
	(void)state;
	close(stream);
	tree_remove(from);
	tree_remove(to);
	return 0;
}

static void confine_to(int folder, bool may_write)
{
	static const char *const calls[] = {"sysinfo", "syncfs", NULL};
	char path[32];
	const char *const tree[] = {path, NULL};
	struct confine_profile profile = {.name = "copy",
		.keep_user = true,
		.calls = CONFINE_FILES,
		.more_calls = calls,
		.refusal = CONFINE_KILL,
		.files = CONFINE_FILES_WISHED,
		.readable = may_write ? NULL : tree,
		.writable = may_write ? tree : NULL};
	struct confine_report report;
	struct fault fault;

	snprintf(path, sizeof path, "/proc/self/fd/%d", folder);
	if (confine(&profile, &report, &fault) != 0) {
		puts(fault.text);
		_exit(2);
	}
}

static void send_confined(void)
{
	struct copy_send_options options = copy_send_usual;
	struct copy_outcome outcome;

	options.source = from;
	options.stream = stream;
	confine_to(from, false);
	if (copy_send(&options, &outcome) != 0)
		puts(outcome.text);
	_exit(outcome.reason == 0 ? 0 : 1);
}

static void receive_confined(void)
{
	struct copy_receive_options options = copy_receive_usual;
	struct copy_outcome outcome;

	options.stream = stream;
	options.target.folder = to;
	options.target.last[0] = 't';
	options.sync = true;
	confine_to(to, true);
	if (copy_receive(&options, &outcome) != 0)
		puts(outcome.text);
	_exit(outcome.reason == 0 ? 0 : 1);
}

static void in_a_child(void (*run)(void))
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0)
		run();
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void both_ends_may_be_confined(void **state)
{
	int target;

	(void)state;
	in_a_child(send_confined);
	assert_int_equal(lseek(stream, 0, SEEK_SET), 0);
	in_a_child(receive_confined);
	target = openat(to, "t", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(target >= 0);
	tree_assert_same(from, target);
	close(target);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(both_ends_may_be_confined, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
