/* init: PID 1 of an enclave (spec/init.md), or a supervisor of a folder of units. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "runtime/kernel/log.h"
#include "runtime/kernel/machine.h"
#include "services/init/init.h"

#define EXIT_USAGE  2
#define EXIT_FAILED 70

static const char usage[] =
	"usage: init --supervise FOLDER [--control SOCKET] [--logs FOLDER]\n"
	"       init --check [--json] FOLDER|FILE...\n"
	"\n"
	"Starts the units of a folder (NAME.service, spec/units.md), restarts them as they\n"
	"say, and stops them in order at SIGTERM or SIGINT. Mounts and removes nothing.\n"
	"\n"
	"As process 1 it boots an enclave, and takes no notice of arguments it does not know.\n"
	"\n"
	"  --supervise FOLDER  supervise the units of FOLDER\n"
	"  --control SOCKET    the path of a Unix socket on which to answer initctl\n"
	"  --logs FOLDER       put what units write into files there as well\n"
	"  --check             read units, all of a FOLDER or one of a FILE, and say what is\n"
	"                      wrong: 0 nothing, 65 something, 66 it is not there\n"
	"  --version           print the version\n"
	"  --help              print this\n"
	"\n"
	"CLOISTER_TRACE=boot,unit,shutdown traces these machines on standard error.\n";

static struct init init; /* too large for a stack */

/* There is room for all units that there may be, and most of it is never touched: in huge pages all
 * of it would be ours. */
static void stay_small(void)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t begin = ((uintptr_t)&init + page - 1u) / page * page;
	uintptr_t end = ((uintptr_t)&init + sizeof init) / page * page;

	if (begin < end)
		(void)madvise((void *)begin, end - begin, MADV_NOHUGEPAGE); /* NOLINT */
}

/* Whatever is asked for first counts; the kernel hands over arguments that are not for us. */
static void ask_signal(struct signals *signals, int number, pid_t sender)
{
	(void)signals;
	(void)sender;
	switch (number) {
	case SIGTERM:
		init_end(&init, SHUTDOWN_POWER_OFF);
		break;
	case SIGINT:
		init_end(&init, SHUTDOWN_REBOOT);
		break;
	case SIGHUP:
		change_by_signal(&init);
		break;
	case SIGCHLD:
		reap(&init);
		break;
	default:
		break;
	}
}

/* Variables of ours that units get as well. */
static void inherit(void)
{
	static const char *const names[] = {"CLOISTER_VSOCK_DIR", "CLOISTER_TRACE"};
	static char variables[sizeof names / sizeof names[0]][ADDRESS_TEXT_PATH_MAX + 32u];
	size_t count = 0;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const char *value = getenv(names[i]);

		if (value == NULL || *value == '\0')
			continue;
		(void)snprintf(variables[i], sizeof variables[i], "%s=%s", names[i], value);
		init.inherited[count++] = variables[i];
	}
	init.stand_ins = getenv("CLOISTER_VSOCK_DIR");
	if (init.stand_ins != NULL && init.stand_ins[0] != '/')
		init.stand_ins = NULL; /* none, or of a folder that nobody can name later */
	init.units.inherited = init.inherited;
	init.units.stand_ins = init.stand_ins;
}

/* Nothing but what the loop reads may reach PID 1; faults of ours still end it. */
static void block_signals(void)
{
	static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS};
	sigset_t all;

	sigfillset(&all);
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
		sigdelset(&all, faults[i]);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
}

static int run(struct fault *fault)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD, 0};

	boot_init(&init.boot);
	shutdown_init(&init.shutdown);
	init.devices.fd = init.sockets.fd = -1;
	init.signals.arrived = ask_signal;
	if (loop_open(&init.loop, &clock_system, fault) != 0 ||
		signals_start(&init.signals, init.loop, numbers, fault) != 0)
		return -1;
	init.units.loop = init.loop;
	init.began = loop_now(init.loop);
	boot_happen(&init, BOOT_BEGIN, 0);
	return loop_run(init.loop, fault);
}

/* What is neither a folder nor a socket. Process 1 takes no notice of it. */
static void answer(const char *argument)
{
	if (getpid() == 1)
		return;
	if (strcmp(argument, "--version") == 0)
		exit(printf("init %s\n", CLOISTER_VERSION) < 0);
	if (strcmp(argument, "--help") == 0)
		exit(fputs(usage, stdout) < 0);
	(void)fputs(usage, stderr);
	exit(EXIT_USAGE);
}

/* The folder after --supervise; null for process 1 of an enclave. Ends the program where there is
 * nothing to do. */
static const char *read_arguments(int count, char **arguments)
{
	const char *folder = NULL;

	for (int i = 1; i < count; i++) {
		if (strcmp(arguments[i], "--control") == 0 && i + 1 < count)
			init.control_path = arguments[++i];
		else if (strcmp(arguments[i], "--logs") == 0 && i + 1 < count)
			init.logs_path = arguments[++i];
		else if (strcmp(arguments[i], "--supervise") == 0 && i + 1 < count)
			folder = arguments[++i];
		else if (strcmp(arguments[i], "--check") == 0 && i + 1 < count && getpid() != 1)
			exit(check(units_set(&init.units), count - i - 1, arguments + i + 1));
		else
			answer(arguments[i]);
	}
	if (folder != NULL || getpid() == 1)
		return folder;
	(void)fputs(usage, stderr);
	exit(EXIT_USAGE);
}

int main(int count, char **arguments)
{
	struct fault fault = {0};

	init.folder = read_arguments(count, arguments);
	stay_small();
	signals_ignore_pipe();
	block_signals();
	if (init.folder != NULL)
		(void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	inherit();
	machine_trace_setup(getenv("CLOISTER_TRACE"));
	console_log();
	if (run(&fault) != 0)
		log_fault(LOG_ERROR, "init cannot go on", &fault);
	if (init.folder == NULL)
		(void)reboot(RB_AUTOBOOT); /* rather than the kernel's panic */
	return EXIT_FAILED;
}
