/* path: names that stay inside, and every way out that we know of, tried on real folders. */
#include "runtime/kernel/path.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define ROUNDS 4000 /* of a race */

/* A folder with root/ in it, which names are confined to, and outside/, which none may reach. */
static char base[] = "/tmp/path-XXXXXX";
static int around = -1, root = -1;
static struct path_tree tree;
static struct fault fault;

static void write_file(int folder, const char *name, const char *text)
{
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static int build(void **unused)
{
	(void)unused;
	strcpy(base, "/tmp/path-XXXXXX");
	assert_non_null(mkdtemp(base));
	around = open(base, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(mkdirat(around, "root", 0755), 0);
	assert_int_equal(mkdirat(around, "outside", 0755), 0);
	write_file(around, "outside/secret", "outside");
	root = openat(around, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(root >= 0);
	tree = (struct path_tree){.fd = root};
	assert_int_equal(mkdirat(root, "a", 0755), 0);
	assert_int_equal(mkdirat(root, "a/b", 0755), 0);
	write_file(root, "file", "inside");
	write_file(root, "a/b/file", "inside");
	assert_int_equal(symlinkat("file", root, "near"), 0);
	assert_int_equal(symlinkat("/a/b", root, "within"), 0);
	assert_int_equal(symlinkat("../outside/secret", root, "up"), 0);
	assert_int_equal(symlinkat("../outside", root, "upfolder"), 0);
	assert_int_equal(symlinkat(base, root, "absolute"), 0);
	assert_int_equal(symlinkat("loop", root, "loop"), 0);
	return 0;
}

static int clear(void **unused)
{
	char command[64];

	(void)unused;
	close(root);
	close(around);
	(void)snprintf(command, sizeof command, "rm -rf %s", base);
	return system(command);
}

/* --- How names are opened --------------------------------------------------------------------- */

typedef int opener(const char *name, size_t n, int flags, int *fd);

static int open_named(const char *name, size_t n, int flags, int *fd)
{
	return path_open(root, name, n, flags, 0644, fd, &fault);
}

static int open_member(const char *name, size_t n, int flags, int *fd)
{
	return path_open_member(&tree, name, n, flags, 0644, fd, &fault);
}

/* What is read through a name, or the word of the fault. */
static const char *read_by(opener *open_it, const char *name)
{
	static char text[64];
	ssize_t got;
	int fd;

	if (open_it(name, strlen(name), O_RDONLY, &fd) < 0) {
		assert_int_equal(fd, -1);
		return fault.word;
	}
	assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	got = read(fd, text, sizeof text - 1);
	close(fd);
	if (got < 0)
		return errno == EISDIR ? "folder" : "unreadable";
	text[got] = '\0';
	return text;
}

static void named_paths_stay_under_their_root(void **unused)
{
	static const char *const inside[] = {"file", "/file", "a/b/file", "/a/b/file",
		"//a///b/./file", "../file", "/../../../../file", "a/../file", "near",
		"within/file", "/within/../../file", "./a/b/../../near"};
	static const char *const nowhere[] = {"../outside/secret", "/outside/secret", "up",
		"upfolder/secret", "absolute/outside/secret", "a/../../outside/secret",
		"within/../../../outside/secret", "missing", "file/file", "file/"};
	char whole[64];

	(void)unused;
	for (size_t i = 0; i < sizeof inside / sizeof *inside; i++)
		assert_string_equal(read_by(open_named, inside[i]), "inside");
	for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++)
		assert_string_equal(read_by(open_named, nowhere[i]), "not_found");
	(void)snprintf(whole, sizeof whole, "%s/outside/secret", base);
	assert_string_equal(read_by(open_named, whole), "not_found");
	assert_string_equal(read_by(open_named, "loop"), "path");
	assert_string_equal(read_by(open_named, ".."), "folder");
	assert_string_equal(read_by(open_named, ""), "request");
}

static void members_go_through_no_link(void **unused)
{
	static const char *const refused[] = {"/file", "../file", "..", ".", "a/..", "a/./b/file",
		"a//b/file", "a/b/file/", "a/../file", "./file", "near", "within/file", "within",
		"up", "upfolder/secret", "upfolder", "absolute/outside/secret", "loop",
		"loop/file"};

	(void)unused;
	assert_string_equal(read_by(open_member, "file"), "inside");
	assert_string_equal(read_by(open_member, "a/b/file"), "inside");
	assert_string_equal(read_by(open_member, "missing"), "not_found");
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		assert_string_equal(read_by(open_member, refused[i]), "path");
	assert_string_equal(read_by(open_member, ""), "request");
}

static void plain_paths_go_through_no_link(void **unused)
{
	static const char *const links[] = {
		"near", "within/file", "upfolder/secret", "absolute", "loop"};
	struct path_place place;
	int fd;

	(void)unused;
	for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
		assert_int_equal(
			path_open_plain(root, links[i], strlen(links[i]), O_RDONLY, 0, &fd, &fault),
			-1);
		assert_string_equal(fault.word, "path");
	}
	assert_int_equal(path_open_plain(root, "/a/b/file", 9, O_RDONLY, 0, &fd, &fault), 0);
	close(fd);
	assert_int_equal(path_open_plain(root, "near", 4, O_PATH | O_NOFOLLOW, 0, &fd, &fault), 0);
	close(fd);
	assert_int_equal(path_locate_plain(root, "/within/new", 11, &place, &fault), -1);
	assert_string_equal(fault.word, "path");
	assert_int_equal(path_locate_plain(root, "/a/b/new", 8, &place, &fault), 0);
	assert_string_equal(place.last, "new");
	path_leave(&place);
	assert_int_equal(path_locate_plain(root, "/near", 5, &place, &fault), 0);
	path_leave(&place);
}

static void a_link_itself_can_be_read(void **unused)
{
	char text[64] = "";
	int fd;

	(void)unused;
	assert_int_equal(open_member("up", 2, O_PATH | O_NOFOLLOW, &fd), 0);
	assert_true(readlinkat(fd, "", text, sizeof text - 1) > 0);
	assert_string_equal(text, "../outside/secret");
	close(fd);
}

static void lengths_and_nuls_are_bounded(void **unused)
{
	static char name[PATH_NAME_MAX + 2];
	int fd;

	(void)unused;
	for (size_t i = 0; i < sizeof name; i++)
		name[i] = i % 2 == 0 ? '.' : '/';
	name[PATH_NAME_MAX - 1] = '.';
	assert_int_equal(open_named(name, PATH_NAME_MAX, O_PATH, &fd), 0);
	close(fd);
	assert_int_equal(open_named(name, PATH_NAME_MAX + 1, O_PATH, &fd), -1);
	assert_string_equal(fault.word, "request");
	assert_int_equal(open_named("file\0/x", 7, O_RDONLY, &fd), -1);
	assert_string_equal(fault.word, "request");
	assert_int_equal(open_member("file\0/x", 7, O_RDONLY, &fd), -1);
	assert_string_equal(fault.word, "request");
	assert_int_equal(open_named("filexyz", 4, O_RDONLY, &fd), 0);
	close(fd);
	memset(name, 'x', sizeof name);
	assert_int_equal(open_named(name, 256, O_RDONLY, &fd), -1);
	assert_string_equal(fault.word, "request");
	assert_non_null(strstr(fault.text, "File name too long"));
}

static void links_of_proc_lead_nowhere(void **unused)
{
	static const char *const magic[] = {"/proc/self/exe", "proc/self/cwd",
		"/proc/self/root/./etc", "/proc/thread-self/cwd/."};
	struct path_tree all = {.fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)};
	char name[64];
	int fd, n;

	(void)unused;
	for (size_t i = 0; i < sizeof magic / sizeof *magic; i++) {
		assert_int_equal(
			path_open(all.fd, magic[i], strlen(magic[i]), O_PATH, 0, &fd, &fault), -1);
		assert_string_equal(fault.word, "path");
	}
	n = snprintf(name, sizeof name, "proc/%d/fd/%d", (int)getpid(), around);
	assert_int_equal(path_open(all.fd, name, (size_t)n, O_PATH, 0, &fd, &fault), -1);
	assert_string_equal(fault.word, "path");
	assert_int_equal(path_open_member(&all, name, (size_t)n, O_PATH, 0, &fd, &fault), -1);
	assert_string_equal(fault.word, "path");
	close(all.fd);
}

static void mount_points_are_crossed_only_where_allowed(void **unused)
{
	struct path_tree all = {.fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)};
	struct path_place place;
	int fd;

	(void)unused;
	assert_int_equal(path_open_member(&all, "proc/uptime", 11, O_RDONLY, 0, &fd, &fault), 0);
	close(fd);
	all.one_mount = true;
	assert_int_equal(path_open_member(&all, "proc/uptime", 11, O_RDONLY, 0, &fd, &fault), -1);
	assert_string_equal(fault.word, "path");
	assert_int_equal(path_open_parent(&all, "proc/uptime", 11, &place, &fault), -1);
	assert_string_equal(fault.word, "path");
	assert_int_equal(path_open_parent(&all, "tmp", 3, &place, &fault), 0);
	path_leave(&place);
	close(all.fd);
}

static void a_fifo_is_not_waited_for(void **unused)
{
	int fd;

	(void)unused;
	assert_int_equal(mkfifoat(root, "fifo", 0600), 0);
	assert_int_equal(open_named("fifo", 4, O_RDONLY, &fd), 0);
	close(fd);
}

/* --- Races ------------------------------------------------------------------------------------ */

static _Atomic int racing;

/* Exchanges a folder and a link that leads outside, until the other side has done its rounds. */
static void *swap(void *unused)
{
	(void)unused;
	while (atomic_load(&racing))
		if (renameat2(root, "a", root, "upfolder", RENAME_EXCHANGE) < 0)
			return &racing;
	return NULL;
}

/* Whether `name` ever gave what is outside. Words of faults are fine. */
static void race(opener *open_it, const char *name)
{
	unsigned inside = 0, refused = 0;
	pthread_t thread;
	void *result;

	atomic_store(&racing, 1);
	assert_int_equal(pthread_create(&thread, NULL, swap, NULL), 0);
	for (int i = 0; i < ROUNDS; i++) {
		const char *text = read_by(open_it, name);

		if (strcmp(text, "outside") == 0)
			fail_msg("round %d of '%s' got out", i, name);
		inside += strcmp(text, "inside") == 0;
		refused += strcmp(text, "inside") != 0;
	}
	atomic_store(&racing, 0);
	pthread_join(thread, &result);
	assert_null(result);
	assert_int_equal(inside + refused, ROUNDS);
}

static void a_folder_that_becomes_a_link_lets_nothing_out(void **unused)
{
	(void)unused;
	write_file(root, "a/secret", "inside");
	race(open_member, "a/secret");
	race(open_named, "a/secret");
	race(open_named, "a/../a/../a/secret");
}

static void a_change_in_a_race_stays_inside(void **unused)
{
	struct path_place place;
	struct stat status;
	pthread_t thread;
	void *result;

	(void)unused;
	atomic_store(&racing, 1);
	assert_int_equal(pthread_create(&thread, NULL, swap, NULL), 0);
	for (int i = 0; i < ROUNDS / 4; i++) {
		char temporary[PATH_TEMPORARY_MAX];
		int fd;

		if (path_open_parent(&tree, "a/planted", 9, &place, &fault) < 0)
			continue;
		if (path_create(&place, temporary, &fd, &fault) == 0) {
			close(fd);
			assert_int_equal(path_rename(&place, temporary, &fault), 0);
		}
		path_leave(&place);
	}
	atomic_store(&racing, 0);
	pthread_join(thread, &result);
	assert_null(result);
	assert_int_equal(fstatat(around, "outside/planted", &status, AT_SYMLINK_NOFOLLOW), -1);
}

/* --- Kernels that do not help ----------------------------------------------------------------- */

/* Has openat2 fail with `error` in a child, and asks what path_open says there. */
static void assert_word_when_openat2_fails(int error, const char *word)
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
		int fd;

		if (seccomp_rule_add(
			    filter, SCMP_ACT_ERRNO((uint32_t)error), SCMP_SYS(openat2), 0) != 0 ||
			seccomp_load(filter) != 0)
			_exit(2);
		if (open_named("file", 4, O_RDONLY, &fd) == 0)
			_exit(3);
		_exit(strcmp(fault.word, word) == 0 ? 0 : 4);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void a_kernel_that_cannot_is_a_clear_fault(void **unused)
{
	(void)unused;
	assert_word_when_openat2_fails(ENOSYS, "kernel");
	assert_word_when_openat2_fails(EAGAIN, "busy");
	assert_word_when_openat2_fails(EMFILE, "limit");
	assert_word_when_openat2_fails(EACCES, "denied");
	assert_word_when_openat2_fails(EIO, "io");
}

int main(void)
{
#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, build, clear)
	const struct CMUnitTest tests[] = {
		TEST(named_paths_stay_under_their_root),
		TEST(members_go_through_no_link),
		TEST(plain_paths_go_through_no_link),
		TEST(a_link_itself_can_be_read),
		TEST(lengths_and_nuls_are_bounded),
		TEST(links_of_proc_lead_nowhere),
		TEST(mount_points_are_crossed_only_where_allowed),
		TEST(a_fifo_is_not_waited_for),
		TEST(a_folder_that_becomes_a_link_lets_nothing_out),
		TEST(a_change_in_a_race_stays_inside),
		TEST(a_kernel_that_cannot_is_a_clear_fault),
	};

	return cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
