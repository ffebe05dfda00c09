/* confine_seccomp: which system calls a process may still make; see confine.h. What no group lists
 * is refused: mounting, tracing, namespaces, kernel modules, BPF, io_uring, keys and the rest. */
#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/kernel/confine.h"

#define NAMESPACES                                                                                 \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |             \
		CLONE_NEWPID | CLONE_NEWNET)

static const char *const base[] = {"brk", "clock_getres", "clock_gettime", "clock_nanosleep",
	"close", "close_range", "dup", "dup2", "dup3", "epoll_create1", "epoll_ctl", "epoll_pwait",
	"epoll_pwait2", "epoll_wait", "eventfd2", "exit", "exit_group", "fcntl", "fstat", "futex",
	"getcpu", "getegid", "geteuid", "getgid", "getgroups", "getpid", "getppid", "getrandom",
	"getresgid", "getresuid", "getrusage", "gettid", "gettimeofday", "getuid", "lseek",
	"madvise", "mlock", "mlock2", "mmap", "mprotect", "mremap", "munlock", "munmap",
	"nanosleep", "newfstatat", "pipe2", "poll", "ppoll", "pselect6", "read", "readv",
	"restart_syscall", "rseq", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn",
	"rt_sigtimedwait", "sched_getaffinity", "sched_yield", "set_robust_list", "sigaltstack",
	"signalfd4", "sysinfo", "time", "timerfd_create", "timerfd_gettime", "timerfd_settime",
	"uname", "write", "writev", NULL};

static const char *const network[] = {"accept", "accept4", "bind", "connect", "getpeername",
	"getsockname", "getsockopt", "listen", "recvfrom", "recvmmsg", "recvmsg", "sendmmsg",
	"sendmsg", "sendto", "setsockopt", "shutdown", "splice", NULL};

static const char *const unix_sockets[] = {"accept4", "connect", "getsockopt", "recvfrom",
	"recvmsg", "sendmsg", "sendto", "shutdown", NULL};

static const char *const files[] = {"access", "chdir", "copy_file_range", "faccessat", "faccessat2",
	"fadvise64", "fallocate", "fchdir", "fchmod", "fchmodat", "fchown", "fchownat", "fdatasync",
	"flock", "fstatfs", "fsync", "ftruncate", "getcwd", "getdents64", "inotify_add_watch",
	"inotify_init1", "inotify_rm_watch", "linkat", "mkdir", "mkdirat", "open", "openat",
	"openat2", "pread64", "preadv", "pwrite64", "pwritev", "readlink", "readlinkat", "rename",
	"renameat", "renameat2", "rmdir", "sendfile", "stat", "statfs", "statx", "symlinkat",
	"umask", "unlink", "unlinkat", "utimensat", NULL};

/* Also what a started process needs to confine itself: each of it only gives rights up. */
static const char *const processes[] = {"arch_prctl", "capget", "capset", "execve", "execveat",
	"getpgid", "getpgrp", "getpriority", "getsid", "kill", "landlock_add_rule",
	"landlock_create_ruleset", "landlock_restrict_self", "pidfd_open", "pidfd_send_signal",
	"prctl", "prlimit64", "sched_setscheduler", "seccomp", "set_tid_address", "setgid",
	"setgroups", "setpgid", "setpriority", "setresgid", "setresuid", "setrlimit", "setsid",
	"setuid", "tgkill", "tkill", "vfork", "wait4", "waitid", NULL};

static const struct {
	unsigned group;
	const char *const *names;
} groups[] = {
	{CONFINE_BASE, base},
	{CONFINE_NETWORK, network},
	{CONFINE_UNIX, unix_sockets},
	{CONFINE_FILES, files},
	{CONFINE_PROCESSES, processes},
};

/* Calls that are allowed when one argument, masked, has a value. */
static const struct {
	const char *name;
	unsigned group, argument;
	uint64_t mask, value;
} conditions[] = {
	{"ioctl", CONFINE_BASE, 1, UINT32_MAX, TCGETS}, /* the C library: is it a terminal? */
	{"ioctl", CONFINE_BASE, 1, UINT32_MAX, TIOCGWINSZ},
	{"prctl", CONFINE_BASE, 0, UINT32_MAX, PR_SET_NAME},
	{"prlimit64", CONFINE_BASE, 2, UINT64_MAX, 0}, /* to read a limit, not to set one */
	{"socket", CONFINE_NETWORK, 0, UINT32_MAX, AF_UNIX},
	{"socket", CONFINE_UNIX, 0, UINT32_MAX, AF_UNIX},
	{"socket", CONFINE_NETWORK, 0, UINT32_MAX, AF_INET},
	{"socket", CONFINE_NETWORK, 0, UINT32_MAX, AF_INET6},
	{"socket", CONFINE_NETWORK, 0, UINT32_MAX, AF_VSOCK},
	{"socketpair", CONFINE_NETWORK, 0, UINT32_MAX, AF_UNIX},
	{"clone", CONFINE_PROCESSES, 0, NAMESPACES, 0},
	{"clone", CONFINE_THREADS, 0, CLONE_THREAD | NAMESPACES, CLONE_THREAD},
};

static bool has_group(const struct confine_profile *profile, unsigned group)
{
	return (profile->calls & group) == group;
}

/* libseccomp answers with a negative errno. */
static int check(int result, const char *what, struct fault *fault)
{
	if (result < 0)
		return fault_io(fault, -result, "cannot %s the filter of system calls", what);
	return 0;
}

static int allow(scmp_filter_ctx filter, const struct confine_profile *profile, const char *name,
	struct fault *fault)
{
	int number = seccomp_syscall_resolve_name(name);

	if (number == __NR_SCMP_ERROR)
		return fault_set(fault, "profile",
			"profile '%s' allows the system call '%s', which libseccomp does not know",
			profile->name, name);
	return check(seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0), "add to", fault);
}

static int allow_all(scmp_filter_ctx filter, const struct confine_profile *profile,
	const char *const *names, unsigned *count, struct fault *fault)
{
	for (; names != NULL && *names != NULL; names++, (*count)++)
		if (allow(filter, profile, *names, fault) < 0)
			return -1;
	return 0;
}

/* Whether a call is allowed as a whole, so that a condition on it would say nothing. */
static bool is_listed(const struct confine_profile *profile, const char *name)
{
	const char *const *more = profile->more_calls;

	for (; more != NULL && *more != NULL; more++)
		if (strcmp(*more, name) == 0)
			return true;
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
		if (has_group(profile, groups[i].group))
			for (more = groups[i].names; *more != NULL; more++)
				if (strcmp(*more, name) == 0)
					return true;
	return false;
}

static int allow_conditions(scmp_filter_ctx filter, const struct confine_profile *profile,
	unsigned *count, struct fault *fault)
{
	for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
		struct scmp_arg_cmp condition = SCMP_CMP(conditions[i].argument, SCMP_CMP_MASKED_EQ,
			conditions[i].mask, conditions[i].value);
		int number = seccomp_syscall_resolve_name(conditions[i].name);

		if (!has_group(profile, conditions[i].group) ||
			is_listed(profile, conditions[i].name))
			continue;
		if (check(seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, 1, &condition),
			    "add to", fault) < 0)
			return -1;
		(*count)++;
	}
	return 0;
}

/* abort needs a signal to oneself. clone3 hides its flags behind a pointer, so it is refused in the
 * one way that makes the C library fall back to clone, whose flags a filter can see. */
static int allow_special(
	scmp_filter_ctx filter, const struct confine_profile *profile, struct fault *fault)
{
	struct scmp_arg_cmp self = SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0);

	if (!is_listed(profile, "tgkill") &&
		check(seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, &self),
			"add to", fault) < 0)
		return -1;
	if ((profile->calls & (CONFINE_PROCESSES | CONFINE_THREADS)) == 0)
		return 0;
	return check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0),
		"add to", fault);
}

static int fill(scmp_filter_ctx filter, const struct confine_profile *profile, unsigned *count,
	struct fault *fault)
{
	if (check(seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS),
		    "set up", fault) < 0)
		return -1;
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a tree: faster, no more */
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
		if (has_group(profile, groups[i].group) &&
			allow_all(filter, profile, groups[i].names, count, fault) < 0)
			return -1;
	if (allow_all(filter, profile, profile->more_calls, count, fault) < 0)
		return -1;
	if (allow_conditions(filter, profile, count, fault) < 0)
		return -1;
	return allow_special(filter, profile, fault);
}

int confine_seccomp(
	const struct confine_profile *profile, struct confine_report *report, struct fault *fault)
{
	bool kill = profile->refusal == CONFINE_KILL;
	scmp_filter_ctx filter = seccomp_init(kill ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ERRNO(EPERM));
	int result = -1;

	if (filter == NULL)
		return fault_set(fault, "io", "cannot make a filter of system calls");
	report->refusal = profile->refusal;
	if (fill(filter, profile, &report->rules, fault) == 0)
		result = check(seccomp_load(filter), "load", fault);
	seccomp_release(filter);
	return result;
}
