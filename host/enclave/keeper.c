/* keeper: see keeper.h. */
#include "host/enclave/keeper.h"

#include <errno.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/net/passing.h"

#define ARGUMENTS 6

/* --- What the supervisor is told -------------------------------------------------------------- */

void keeper_send(enum keeper_word word, const struct fault *fault, int fd)
{
	struct passing passing = {.count = fd >= 0, .size = sizeof(struct keeper_report)};
	struct keeper_report report = {.word = word};
	struct pollfd room = {.fd = KEEPER_REPORT, .events = POLLOUT};
	struct fault ignored;

	if (fault != NULL)
		report.fault = *fault;
	passing.descriptors[0] = fd;
	memcpy(passing.message, &report, sizeof report);
	while (passing_send(KEEPER_REPORT, &passing, &ignored) == STREAM_AGAIN)
		(void)poll(&room, 1, -1);
}

void keeper_note(const char *format, ...)
{
	struct fault fault = {.word = "note"};
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(fault.text, sizeof fault.text, format, arguments);
	va_end(arguments);
	keeper_send(KEEPER_NOTE, &fault, -1);
}

static int fail(const struct fault *fault)
{
	keeper_send(KEEPER_FAILED, fault, -1);
	return 1;
}

/* --- The first process ------------------------------------------------------------------------ */

static int first_process(const struct keeper *keeper, const struct sources *sources)
{
	struct fault fault = {0};

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		(void)fault_io(&fault, errno, "cannot tie the sandbox to its keeper");
	else
		(void)inside_run(keeper, sources, &fault);
	return fail(&fault);
}

static int start(
	const struct keeper *keeper, struct sources *sources, pid_t *pid, struct fault *fault)
{
	if (namespaces_enter(keeper, sources, fault) < 0)
		return -1;
	*pid = fork();
	if (*pid < 0)
		return fault_io(fault, errno, "cannot start the sandbox's first process");
	if (*pid == 0)
		_exit(first_process(keeper, sources));
	return 0;
}

/* Ends with /init, or has it end when the supervisor is no more. */
static int watch(pid_t pid, int process)
{
	struct pollfd polled[] = {
		{.fd = process, .events = POLLIN}, {.fd = KEEPER_LIFE, .events = POLLIN}};
	siginfo_t info = {0};

	while (polled[0].revents == 0) {
		if (poll(polled, 2, -1) < 0)
			continue;
		if (polled[1].revents != 0) {
			(void)syscall(SYS_pidfd_send_signal, process, SIGKILL, NULL, 0);
			polled[1].fd = -1;
		}
	}
	while (waitid(P_PID, (id_t)pid, &info, WEXITED) < 0 && errno == EINTR)
		;
	return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

static int keep(struct keeper *keeper, struct fault *fault)
{
	struct sources sources = SOURCES_NONE;
	pid_t pid;
	int process;

	if (image_open(&keeper->image, "/proc/self/fd/4", fault) < 0 ||
		start(keeper, &sources, &pid, fault) < 0)
		return fail(fault);
	process = (int)syscall(SYS_pidfd_open, pid, 0);
	if (process < 0) {
		(void)kill(pid, SIGKILL);
		(void)fault_io(fault, errno, "cannot hold the sandbox's first process");
		return fail(fault);
	}
	keeper_send(KEEPER_PROCESS, NULL, process);
	close(KEEPER_REPORT);
	return watch(pid, process);
}

int keeper_run(int count, char **arguments)
{
	static struct keeper keeper; /* outlives this, in the process that is forked */
	struct fault fault = {0};

	/* What we were given is not for /init. */
	if (count != ARGUMENTS || close_range(KEEPER_REPORT, ~0u, CLOSE_RANGE_CLOEXEC) < 0)
		return 2;
	keeper.name = arguments[1];
	keeper.cid = (uint32_t)strtoul(arguments[2], NULL, 10);
	keeper.memory = strtoull(arguments[3], NULL, 10);
	keeper.folder = arguments[4];
	keeper.nsm = *arguments[5] != '\0' ? arguments[5] : NULL;
	return keep(&keeper, &fault);
}
