/* child_become: the new process, from the fork to the exec. Nothing here may allocate or lock, nor
 * write to memory but to its own stack: all else may be ours. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/kernel/child_inside.h"
#include "runtime/kernel/system.h"

_Noreturn static void fail(int report, enum child_stage stage, int error)
{
	struct child_report message = {.stage = (int)stage, .error = error};

	(void)!write(report, &message, sizeof message);
	_exit(127);
}

/* Handlers of ours must never run here, so signals stay blocked until none is left. The C library
 * refuses to touch the two signals that it uses itself, and starts programs with them ignored: so
 * this asks the kernel, whose action of all zeroes is the default one. */
static int reset_signals(void)
{
	static const unsigned char action[64];
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		(void)syscall(
			SYS_rt_sigaction, number, action, NULL, (size_t)(NSIG - 1) / CHAR_BIT);
	sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL);
}

static int make_group(enum child_group group)
{
	switch (group) {
	case CHILD_GROUP_NEW:
		return setpgid(0, 0);
	case CHILD_GROUP_SESSION:
		return setsid() < 0 ? -1 : 0;
	case CHILD_GROUP_OURS:
		break;
	}
	return 0;
}

/* The first number above all descriptors that the plan wants. */
static int first_above(const struct child_plan *plan)
{
	int above = STDERR_FILENO + 1;

	for (unsigned i = 0; i < plan->descriptor_count; i++)
		if (plan->descriptors[i].to >= above)
			above = plan->descriptors[i].to + 1;
	return above;
}

static bool is_named(const struct child_plan *plan, int to)
{
	for (unsigned i = 0; i < plan->descriptor_count; i++)
		if (plan->descriptors[i].to == to)
			return true;
	return false;
}

/* Makes `to` the null device. */
static int open_null(int to, int above)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int raised = null < 0 ? -1 : fcntl(null, F_DUPFD_CLOEXEC, above);

	return raised < 0 || dup2(raised, to) < 0 ? -1 : 0;
}

/* Raises every descriptor that is needed above those that are wanted, so that none is overwritten
 * before it was moved; marks everything to be closed by exec; and then moves. */
static int move_descriptors(const struct child_plan *plan, int *report)
{
	int raised[CHILD_DESCRIPTORS_MAX];
	int above = first_above(plan);
	int raised_report = fcntl(*report, F_DUPFD_CLOEXEC, above);

	if (raised_report < 0)
		return -1;
	*report = raised_report;
	for (unsigned i = 0; i < plan->descriptor_count; i++) {
		raised[i] = fcntl(plan->descriptors[i].from, F_DUPFD_CLOEXEC, above);
		if (raised[i] < 0)
			return -1;
	}
	if (system_close_all_on_exec() != 0)
		return -1;
	for (int standard = STDIN_FILENO; standard <= STDERR_FILENO; standard++)
		if (!is_named(plan, standard) && open_null(standard, above) != 0)
			return -1;
	for (unsigned i = 0; i < plan->descriptor_count; i++)
		if (dup2(raised[i], plan->descriptors[i].to) < 0)
			return -1;
	return 0;
}

/* Tries one file; returns only if that fails. */
static void execute(const struct child_plan *plan, const char *file)
{
	static const char *const nothing[] = {NULL};
	const char *const *environment = plan->environment == NULL ? nothing : plan->environment;

	(void)execve(file, (char *const *)plan->argv, (char *const *)environment);
}

/* Tries the program in each folder of the path. A file that is there and can't be executed is the
 * better reason, unless another folder has one that can. Returns an errno. */
static int execute_in_path(const struct child_plan *plan)
{
	const char *folder = plan->path == NULL ? "" : plan->path;
	size_t size = strlen(plan->program) + 1;
	int error = ENOENT;

	while (*folder != '\0') {
		size_t length = strcspn(folder, ":");
		char file[PATH_MAX];

		if (length > 0 && length + 1 + size <= sizeof file) {
			memcpy(file, folder, length);
			file[length] = '/';
			memcpy(file + length + 1, plan->program, size);
			execute(plan, file);
			if (errno != ENOENT && errno != ENOTDIR)
				error = errno;
		}
		folder += length + (folder[length] == ':');
	}
	return error;
}

/* Where the kernel could not make us there. */
static int enter_cgroup(int folder)
{
	const int processes = openat(folder, "cgroup.procs", O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

	return processes >= 0 && write(processes, "0", 1) == 1 ? close(processes) : -1;
}

_Noreturn void child_become(const struct child_start *start)
{
	const struct child_plan *plan = start->plan;
	int report = start->report;
	int error;

	if (reset_signals() != 0)
		fail(report, CHILD_STAGE_SIGNALS, errno);
	if (start->must_enter && enter_cgroup(*plan->cgroup) != 0)
		fail(report, CHILD_STAGE_CGROUP, errno);
	if (make_group(plan->group) != 0)
		fail(report, CHILD_STAGE_GROUP, errno);
	if (move_descriptors(plan, &report) != 0)
		fail(report, CHILD_STAGE_DESCRIPTORS, errno);
	if (plan->terminal && ioctl(STDIN_FILENO, TIOCSCTTY, 0) != 0)
		fail(report, CHILD_STAGE_TERMINAL, errno);
	(void)umask(plan->umask == 0 ? S_IWGRP | S_IWOTH : plan->umask);
	error = plan->prepare == NULL ? 0 : plan->prepare(plan->data);
	if (error != 0)
		fail(report, CHILD_STAGE_PREPARE, error);
	if (plan->directory != NULL && chdir(plan->directory) != 0)
		fail(report, CHILD_STAGE_DIRECTORY, errno);
	if (strchr(plan->program, '/') == NULL) {
		fail(report, CHILD_STAGE_EXEC, execute_in_path(plan));
	} else {
		execute(plan, plan->program);
		fail(report, CHILD_STAGE_EXEC, errno);
	}
}
