/* confine: what system calls a confined process can still make, as root and as an ordinary user. */
#include "runtime/kernel/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/confined.h"

static int does_what_every_service_does(void)
{
	int ends[2];
	char byte = 'x', *memory;
	struct timespec now;

	if (confine_calls(CONFINE_BASE, CONFINE_KILL) < 0)
		return 1;
	if (pipe2(ends, O_CLOEXEC) < 0 || write(ends[1], &byte, 1) != 1 ||
		read(ends[0], &byte, 1) != 1)
		return 2;
	memory = malloc(8u << 20);
	if (memory == NULL)
		return 3;
	memset(memory, 1, 8u << 20);
	free(memory);
	return clock_gettime(CLOCK_REALTIME, &now) == 0 && printf("# alive\n") > 0 &&
			       fflush(stdout) == 0
		       ? 0
		       : 4;
}

static int opens(void)
{
	return confine_calls(CONFINE_NETWORK, CONFINE_KILL) < 0 ? 1 : open("/etc/passwd", O_RDONLY);
}

static int makes_a_socket(void)
{
	return confine_calls(CONFINE_FILES, CONFINE_KILL) < 0 ? 1 : socket(AF_UNIX, SOCK_STREAM, 0);
}

static int traces(void)
{
	return confine_calls(~0u, CONFINE_KILL) < 0 ? 1 : (int)ptrace(PTRACE_TRACEME, 0, 0, 0);
}

static int starts_a_program(void)
{
	if (confine_calls(CONFINE_FILES, CONFINE_KILL) < 0)
		return 1;
	execl("/bin/true", "true", (char *)NULL);
	return 2;
}

static int forks(void)
{
	return confine_calls(CONFINE_THREADS, CONFINE_KILL) < 0 ? 1 : fork();
}

static int makes_a_namespace(void)
{
	return confine_calls(~0u, CONFINE_KILL) < 0 ? 1 : unshare(CLONE_NEWUSER);
}

static int changes_its_user(void)
{
	return confine_calls(CONFINE_FILES, CONFINE_KILL) < 0 ? 1 : setuid(0);
}

static void what_no_group_allows_kills(void **unused)
{
	(void)unused;
	assert_good(does_what_every_service_does);
	assert_status(opens, SIGSYS);
	assert_status(makes_a_socket, SIGSYS);
	assert_status(traces, SIGSYS);
	assert_status(starts_a_program, SIGSYS);
	assert_status(forks, SIGSYS);
	assert_status(makes_a_namespace, SIGSYS);
	assert_status(changes_its_user, SIGSYS);
}

static int gets_errors(void)
{
	struct rlimit limit;

	if (confine_calls(CONFINE_BASE, CONFINE_ERROR) < 0)
		return 1;
	if (!refused(open("/etc/passwd", O_RDONLY)) || !refused(socket(AF_UNIX, SOCK_STREAM, 0)))
		return 2;
	if (!refused(ptrace(PTRACE_TRACEME, 0, 0, 0)) || !refused(setuid(0)) || !refused(fork()))
		return 3;
	if (!refused(execl("/bin/true", "true", (char *)NULL)) || !refused(kill(getppid(), 0)))
		return 4;
	if (!refused(prctl(PR_SET_DUMPABLE, 1)) || prctl(PR_SET_NAME, "tested") != 0)
		return 5;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || !refused(setrlimit(RLIMIT_NOFILE, &limit)))
		return 6;
	return 0;
}

static int uses_sockets(void)
{
	int pair[2];

	if (confine_calls(CONFINE_NETWORK, CONFINE_ERROR) < 0)
		return 1;
	if (socket(AF_UNIX, SOCK_STREAM, 0) < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 ||
		socket(AF_INET, SOCK_STREAM, 0) < 0)
		return 2;
	if (!refused(socket(AF_NETLINK, SOCK_RAW, 0)) || !refused(socket(AF_PACKET, SOCK_RAW, 0)) ||
		!refused(socket(AF_ALG, SOCK_SEQPACKET, 0)))
		return 3;
	return 0;
}

static void *finish(void *unused)
{
	return unused;
}

static int uses_threads(void)
{
	pthread_t thread;

	if (confine_calls(CONFINE_THREADS, CONFINE_ERROR) < 0)
		return 1;
	if (pthread_create(&thread, NULL, finish, NULL) != 0 || pthread_join(thread, NULL) != 0)
		return 2;
	return refused(fork()) ? 0 : 3;
}

static int finds_no_capability(void)
{
	static const char asks[] = "grep -qE '^Cap(Inh|Prm|Eff|Amb):.0*$' /proc/self/status && "
				   "! grep -E '^Cap(Inh|Prm|Eff|Amb):.*[1-9a-f]' /proc/self/status";
	int status;
	pid_t child;

	if (confine_calls(CONFINE_PROCESSES | CONFINE_FILES, CONFINE_ERROR) < 0)
		return 1;
	if (prctl(PR_GET_DUMPABLE) != 0 || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return 2;
	child = fork();
	if (child == 0) {
		execl("/bin/sh", "sh", "-c", asks, (char *)NULL);
		_exit(98);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
		return 3;
	if (!refused(unshare(CLONE_NEWUSER)) ||
		!refused(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL)))
		return 4;
	return syscall(SYS_clone3, NULL, 0) < 0 && errno == ENOSYS ? 0 : 5;
}

static int confines_twice(void)
{
	if (confine_calls(CONFINE_PROCESSES | CONFINE_FILES, CONFINE_ERROR) < 0)
		return 1;
	if (confine_calls(CONFINE_FILES, CONFINE_ERROR) < 0)
		return 2;
	return refused(fork()) && open("/", O_PATH | O_CLOEXEC) >= 0 ? 0 : 3;
}

static int dies_of_abort(void)
{
	if (confine_calls(CONFINE_BASE, CONFINE_KILL) < 0)
		return 1;
	signal(SIGABRT, SIG_DFL);
	abort();
}

static void groups_allow_what_they_say(void **unused)
{
	(void)unused;
	assert_good(gets_errors);
	assert_good(uses_sockets);
	assert_good(uses_threads);
	assert_good(finds_no_capability);
	assert_good(confines_twice);
	assert_status(dies_of_abort, SIGABRT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_no_group_allows_kills),
		cmocka_unit_test(groups_allow_what_they_say),
	};

	return cmocka_run_group_tests_name("confine", tests, NULL, NULL);
}
