/* confine_rights: what a confined process may do with files, and as whom; and what a profile must
 * not say. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pthread.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/kernel/confine.h"
#include "tests/lib/confined.h"

static char base[] = "/tmp/confine-XXXXXX";
static char readable[64], writable[64], script[64], made[64];

static int build(void **unused)
{
	int fd;

	(void)unused;
	assert_non_null(mkdtemp(base));
	(void)snprintf(readable, sizeof readable, "%s/readable", base);
	(void)snprintf(writable, sizeof writable, "%s/writable", base);
	(void)snprintf(script, sizeof script, "%s/writable/script", base);
	(void)snprintf(made, sizeof made, "%s/writable/new", base);
	umask(0);
	assert_int_equal(chmod(base, 0755), 0);
	assert_int_equal(mkdir(readable, 0777), 0);
	assert_int_equal(mkdir(writable, 0777), 0);
	fd = open(script, O_WRONLY | O_CREAT | O_CLOEXEC, 0777);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "#!/bin/sh\nexit 8\n", 17), 17);
	close(fd);
	return 0;
}

static int clear(void **unused)
{
	char command[64];

	(void)unused;
	(void)snprintf(command, sizeof command, "rm -rf %s", base);
	return system(command);
}

/* --- Files ------------------------------------------------------------------------------------ */

static int confine_paths(enum confine_files mode)
{
	const char *const read[] = {readable, "/etc/passwd", NULL};
	const char *const execute[] = {"/bin", "/usr", "/lib", "/lib64", NULL};
	const char *const write[] = {writable, NULL};

	return confine_to((struct confine_profile){.keep_user = true,
		.calls = ~0u,
		.more_calls = sanitizer,
		.refusal = CONFINE_ERROR,
		.files = mode,
		.readable = read,
		.executable = execute,
		.writable = write});
}

static bool denied(const char *folder, const char *name, int flags)
{
	char path[128];
	int fd;

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	fd = open(path, flags | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	return fd < 0 && errno == EACCES;
}

static int works_with_files(void)
{
	if (confine_paths(CONFINE_FILES_WISHED) < 0)
		return 1;
	if (report.landlock == 0)
		return 0; /* this kernel has none: the next test says so */
	if (report.paths != 7)
		return 2;
	if (denied(readable, ".", O_RDONLY) || denied("/etc", "passwd", O_RDONLY) ||
		denied(writable, "new", O_WRONLY | O_CREAT) || denied(writable, "new", O_RDONLY))
		return 3;
	if (!denied(readable, "new", O_WRONLY | O_CREAT) || !denied("/etc", "group", O_RDONLY) ||
		!denied("/", ".", O_RDONLY) || !denied(base, ".", O_RDONLY) ||
		!denied(writable, "../other", O_WRONLY | O_CREAT))
		return 4;
	if (unlink(made) < 0)
		return 7;
	if (execl(script, "script", (char *)NULL) == 0 || errno != EACCES)
		return 5;
	execl("/bin/true", "true", (char *)NULL);
	return 6;
}

static int has_no_landlock(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (seccomp_rule_add(
		    filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(landlock_create_ruleset), 0) != 0 ||
		seccomp_load(filter) != 0)
		return 1;
	seccomp_release(filter);
	if (confine_paths(CONFINE_FILES_REQUIRED) == 0 || strcmp(fault.word, "kernel") != 0)
		return 2;
	if (confine_paths(CONFINE_FILES_WISHED) < 0 || report.landlock != 0 || report.paths != 0)
		return 3;
	return denied("/etc", "group", O_RDONLY) ? 4 : 0;
}

static void files_are_in_the_lists_or_out_of_reach(void **unused)
{
	(void)unused;
	assert_good(works_with_files);
}

static void a_kernel_without_landlock_is_a_fault_or_a_fact(void **unused)
{
	(void)unused;
	assert_good(has_no_landlock);
}

/* --- Users ------------------------------------------------------------------------------------ */

static const gid_t extra[] = {7, 9};

static struct confine_profile nobody(void)
{
	return (struct confine_profile){.user = NOBODY,
		.group = NOBODY,
		.groups = extra,
		.group_count = 2,
		.calls = ~0u,
		.more_calls = sanitizer,
		.refusal = CONFINE_ERROR};
}

static int becomes_nobody(void)
{
	struct rlimit limit;
	gid_t groups[8];

	if (confine_to(nobody()) < 0)
		return 1;
	if (report.user != NOBODY || report.group != NOBODY || report.groups != 2 ||
		report.capabilities != 0 || report.bounding != 0)
		return 2;
	if (getuid() != NOBODY || getegid() != NOBODY || getgroups(8, groups) != 2 ||
		groups[0] != 7 || groups[1] != 9)
		return 3;
	if (!refused(setuid(0)) || !refused(setgid(0)) || !refused(setgroups(0, NULL)))
		return 4;
	if (getrlimit(RLIMIT_CORE, &limit) < 0 || limit.rlim_cur != 0 || limit.rlim_max != 0)
		return 5;
	return prctl(PR_GET_DUMPABLE) == 0 ? 0 : 6;
}

static int keeps_a_capability(void)
{
	struct confine_profile profile = nobody();

	profile.capabilities = UINT64_C(1) << CAP_NET_BIND_SERVICE | UINT64_C(1) << CAP_SYS_TIME;
	if (confine_to(profile) < 0)
		return 1;
	if (report.capabilities != profile.capabilities || report.bounding != 0)
		return 2;
	return refused(setuid(0)) ? 0 : 3;
}

static int stays_root_without_rights(void)
{
	if (confine_calls(~0u, CONFINE_ERROR) < 0)
		return 1;
	if (report.user != 0 || report.capabilities != 0 || report.bounding != 0)
		return 2;
	return refused(chown(base, NOBODY, NOBODY)) && refused(setuid(NOBODY)) ? 0 : 3;
}

static int may_not_change(void)
{
	struct confine_profile profile = nobody();

	profile.user = 12345;
	if (confine_to(profile) == 0 || strcmp(fault.word, "denied") != 0)
		return 1;
	profile = (struct confine_profile){.keep_user = true, .capabilities = 1};
	return confine_to(profile) < 0 && strcmp(fault.word, "denied") == 0 ? 0 : 2;
}

static void users_and_capabilities_are_given_up(void **unused)
{
	(void)unused;
	if (geteuid() == 0) {
		assert_int_equal(run_child(becomes_nobody, false), 0);
		assert_int_equal(run_child(keeps_a_capability, false), 0);
		assert_int_equal(run_child(stays_root_without_rights, false), 0);
	}
	assert_int_equal(run_child(may_not_change, geteuid() == 0), 0);
}

/* --- Profiles --------------------------------------------------------------------------------- */

static void assert_profile_refused(struct confine_profile profile, const char *word)
{
	profile.name = "test";
	assert_int_equal(confine(&profile, &report, &fault), -1);
	assert_string_equal(fault.word, word);
}

static void a_profile_that_contradicts_itself_changes_nothing(void **unused)
{
	const char *const paths[] = {readable, NULL};

	(void)unused;
	assert_profile_refused((struct confine_profile){.user = 0, .group = 5}, "profile");
	assert_profile_refused((struct confine_profile){.user = 5, .group = 0}, "profile");
	assert_profile_refused(
		(struct confine_profile){.user = 5, .group = 5, .group_count = 33}, "profile");
	assert_profile_refused(
		(struct confine_profile){.keep_user = true, .readable = paths}, "profile");
	assert_int_equal(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
}

static int has_an_unknown_call(void)
{
	const char *const calls[] = {"read", "frobnicate", NULL};

	if (confine_to((struct confine_profile){.keep_user = true, .more_calls = calls}) == 0)
		return 1;
	return strcmp(fault.word, "profile") == 0 && strstr(fault.text, "frobnicate") ? 0 : 2;
}

static int has_a_missing_path(void)
{
	const char *const paths[] = {readable, "/nowhere/at/all", NULL};

	if (confine_to((struct confine_profile){
		    .keep_user = true, .files = CONFINE_FILES_WISHED, .writable = paths}) == 0)
		return report.landlock == 0 ? 0 : 1;
	return strcmp(fault.word, "not_found") == 0 && strstr(fault.text, "/nowhere/at") ? 0 : 2;
}

static void *wait_for_ever(void *unused)
{
	pause();
	return unused;
}

static int has_a_second_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, wait_for_ever, NULL) != 0)
		return 1;
	if (confine_calls(CONFINE_BASE, CONFINE_KILL) == 0)
		return 2;
	return strcmp(fault.word, "threads") == 0 ? 0 : 3;
}

static void what_a_profile_names_must_be_there(void **unused)
{
	(void)unused;
	assert_good(has_an_unknown_call);
	assert_good(has_a_missing_path);
	assert_good(has_a_second_thread);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_in_the_lists_or_out_of_reach),
		cmocka_unit_test(a_kernel_without_landlock_is_a_fault_or_a_fact),
		cmocka_unit_test(users_and_capabilities_are_given_up),
		cmocka_unit_test(a_profile_that_contradicts_itself_changes_nothing),
		cmocka_unit_test(what_a_profile_names_must_be_there),
	};

	return cmocka_run_group_tests_name("confine_rights", tests, build, clear);
}
