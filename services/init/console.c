/* console: standard input, output and error of PID 1, and so of the units. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "runtime/kernel/log.h"
#include "runtime/kernel/machine.h"
#include "services/init/init.h"

#define CONSOLE "/dev/console"

void console_log(void)
{
	const struct log_sink sink = {.program = "init", .fd = STDERR_FILENO, .level = LOG_INFO};

	log_start(&sink);
}

/* A trace must not wait for a console that nobody reads: it gets an opening of its own. */
static void trace_to_console(void)
{
	static int own = -1;
	int fd = open(CONSOLE, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return;
	if (own >= 0)
		(void)close(own);
	own = fd;
	machine_trace_to(own);
}

/* Opened without waiting for a carrier, and used with waiting, as programs expect. */
static int open_console(struct fault *fault)
{
	int fd = open(CONSOLE, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC), failed = 0;

	if (fd < 0)
		return fault_io(fault, errno, "cannot open " CONSOLE);
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK) != 0)
		failed = fault_io(fault, errno, "cannot set up " CONSOLE);
	for (int to = STDIN_FILENO; failed == 0 && to <= STDERR_FILENO; to++)
		if (fd != to && dup2(fd, to) < 0)
			failed = fault_io(fault, errno, "cannot use " CONSOLE);
	if (fd > STDERR_FILENO)
		(void)close(fd);
	return failed;
}

void step_console(struct init *init)
{
	if (access(CONSOLE, F_OK) != 0) {
		boot_answer(init, BOOT_ABSENT);
		return;
	}
	if (open_console(&init->fault) != 0) {
		boot_answer(init, BOOT_FAILED);
		return;
	}
	console_log();
	trace_to_console();
	boot_answer(init, BOOT_DONE);
}
