/* sandbox: the backend that runs an image in namespaces of this machine (spec/sandbox.md). */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/enclave/backend.h"
#include "host/enclave/keeper.h"
#include "host/enclave/simulator.h"
#include "runtime/kernel/child.h"
#include "runtime/kernel/log.h"
#include "runtime/net/passing.h"

#define TEXT_MAX 32

/* Turns of the loop after the keeper's end in which what the enclave had still said is read: its
 * connections are accepted in the first, and read in the second. */
#define TURNS_TO_SETTLE 4u

struct sandbox {
	struct backend backend;
	struct loop *loop;
	const struct backend_plan *plan;
	struct companion simulator;
	struct child keeper;
	struct watch report;
	struct timer settle;
	int life;    /* -1: closed */
	int process; /* a pidfd; -1: not known yet */
	bool has_started;
	unsigned turns;
	uint32_t status;
	struct fault fault; /* why it did not start */
};

static struct sandbox *of_backend(struct backend *backend)
{
	return (struct sandbox *)(void *)backend;
}

/* --- What the keeper reports ------------------------------------------------------------------ */

static void close_report(struct sandbox *sandbox)
{
	if (sandbox->report.loop == NULL)
		return;
	watch_stop(&sandbox->report);
	close(sandbox->report.fd);
}

/* It is silent from when /init runs, or from when all is over. */
static void report_ends(struct sandbox *sandbox)
{
	close_report(sandbox);
	if (sandbox->fault.word[0] != '\0' || sandbox->process < 0)
		return;
	sandbox->has_started = true;
	sandbox->backend.started(sandbox->backend.user);
}

static void take_report(
	struct sandbox *sandbox, const struct keeper_report *report, const struct passing *passing)
{
	int fd = passing->count > 0 ? passing->descriptors[0] : -1;

	switch (report->word) {
	case KEEPER_NOTE:
		LOG(LOG_INFO, "sandbox", log_string("note", report->fault.text));
		break;
	case KEEPER_PROCESS:
		sandbox->process = fd;
		return;
	case KEEPER_CONSOLE:
		sandbox->backend.console(sandbox->backend.user, fd);
		return;
	case KEEPER_FAILED:
		sandbox->fault = report->fault;
		break;
	}
	if (fd >= 0)
		close(fd);
}

/* Reads all there is: that /init runs was reported before it said anything, and is heard first. */
static void report_ready(struct watch *watch, unsigned events)
{
	struct sandbox *sandbox =
		(struct sandbox *)(void *)((char *)watch - offsetof(struct sandbox, report));
	struct keeper_report report;
	struct passing passing;
	struct fault fault;
	enum stream_result got;

	(void)events;
	while ((got = passing_receive(watch->fd, 1, &passing, &fault)) == STREAM_DONE) {
		if (passing.size != sizeof report)
			continue;
		memcpy(&report, passing.message, sizeof report);
		take_report(sandbox, &report, &passing);
	}
	if (got != STREAM_AGAIN)
		report_ends(sandbox);
}

/* --- The keeper's life ------------------------------------------------------------------------ */

static void keeper_started(struct child *child)
{
	(void)child;
}

static void keeper_failed(struct child *child, const struct fault *fault)
{
	struct sandbox *sandbox =
		(struct sandbox *)(void *)((char *)child - offsetof(struct sandbox, keeper));

	close_report(sandbox);
	sandbox->backend.start_failed(sandbox->backend.user, fault);
}

static void settled(struct timer *timer)
{
	struct sandbox *sandbox =
		(struct sandbox *)(void *)((char *)timer - offsetof(struct sandbox, settle));

	if (sandbox->turns++ < TURNS_TO_SETTLE) {
		timer_start(&sandbox->settle, sandbox->loop, 0);
		return;
	}
	child_reap(&sandbox->keeper);
	if (sandbox->has_started) {
		sandbox->backend.exited(sandbox->backend.user, sandbox->status, NULL);
		return;
	}
	if (sandbox->fault.word[0] == '\0')
		(void)fault_set(&sandbox->fault, "keeper",
			"the process that makes the sandbox has ended with status %u",
			sandbox->status);
	sandbox->backend.start_failed(sandbox->backend.user, &sandbox->fault);
}

static void keeper_ended(struct child *child, int code_or_signal, bool was_signal)
{
	struct sandbox *sandbox =
		(struct sandbox *)(void *)((char *)child - offsetof(struct sandbox, keeper));

	sandbox->status = (uint32_t)code_or_signal + (was_signal ? 128u : 0u);
	sandbox->turns = 0;
	timer_start(&sandbox->settle, sandbox->loop, 0);
}

static int spawn_keeper(
	struct sandbox *sandbox, const int ends[2], const int life[2], struct fault *fault)
{
	const struct backend_plan *plan = sandbox->plan;
	const struct settings *settings = plan->settings;
	const struct child_descriptor descriptors[] = {{plan->log, 2}, {ends[1], KEEPER_REPORT},
		{plan->image->fd, KEEPER_IMAGE}, {life[0], KEEPER_LIFE}};
	const char *traced = getenv("CLOISTER_TRACE");
	char cid[TEXT_MAX], memory[TEXT_MAX], trace[512] = "CLOISTER_TRACE=";
	const char *const arguments[] = {KEEPER_NAME, settings->name, cid, memory, plan->folder,
		sandbox->simulator.socket, NULL};
	const char *const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", trace, NULL};
	const struct child_plan child = {
		.program = "/proc/self/exe",
		.argv = arguments,
		.environment = environment,
		.group = CHILD_GROUP_SESSION,
		.descriptors = descriptors,
		.descriptor_count = sizeof descriptors / sizeof *descriptors,
	};

	(void)snprintf(trace, sizeof trace, "CLOISTER_TRACE=%s", traced == NULL ? "" : traced);
	(void)snprintf(cid, sizeof cid, "%u", settings->cid);
	(void)snprintf(memory, sizeof memory, "%llu", (unsigned long long)settings->memory << 20);
	return child_start(&sandbox->keeper, sandbox->loop, &child, fault);
}

static int start_keeper(struct sandbox *sandbox, struct fault *fault)
{
	int ends[2], life[2], status;

	sandbox->report.ready = report_ready;
	sandbox->settle.fired = settled;
	sandbox->keeper.started = keeper_started;
	sandbox->keeper.failed = keeper_failed;
	sandbox->keeper.ended = keeper_ended;
	if (passing_pair(ends, fault) < 0)
		return -1;
	if (pipe2(life, O_CLOEXEC) < 0) {
		close(ends[0]);
		close(ends[1]);
		return fault_io(fault, errno, "cannot make a pipe");
	}
	status = spawn_keeper(sandbox, ends, life, fault);
	close(ends[1]);
	close(life[0]);
	sandbox->life = life[1];
	if (watch_start(&sandbox->report, sandbox->loop, ends[0], WATCH_READ, fault) < 0) {
		close(ends[0]);
		return -1;
	}
	return status;
}

/* --- The module before it --------------------------------------------------------------------- */

static void module_listens(void *user)
{
	struct sandbox *sandbox = user;
	struct fault fault;

	if (start_keeper(sandbox, &fault) < 0)
		sandbox->backend.start_failed(sandbox->backend.user, &fault);
}

static void module_failed(void *user, const struct fault *fault)
{
	struct sandbox *sandbox = user;

	sandbox->backend.start_failed(sandbox->backend.user, fault);
}

static int sandbox_start(struct backend *backend, struct loop *loop,
	const struct backend_plan *plan, struct fault *fault)
{
	struct sandbox *sandbox = of_backend(backend);
	char program[PATH_MAX];

	sandbox->loop = loop;
	sandbox->plan = plan;
	sandbox->simulator.listens = module_listens;
	sandbox->simulator.failed = module_failed;
	sandbox->simulator.user = sandbox;
	if (simulator_find(plan->settings, program))
		return simulator_start(&sandbox->simulator, loop, plan, program, fault);
	LOG(LOG_WARNING, "there is no nsmsim beside this program: the enclave has no /dev/nsm");
	return start_keeper(sandbox, fault);
}

/* --- What the machine asks for ---------------------------------------------------------------- */

static void sandbox_ask_stop(struct backend *backend)
{
	struct sandbox *sandbox = of_backend(backend);

	if (syscall(SYS_pidfd_send_signal, sandbox->process, SIGTERM, NULL, 0) < 0)
		LOG(LOG_WARNING, "cannot ask the enclave to stop", log_number("errno", errno));
}

/* The keeper reaps its first process, and ends with it. */
static void sandbox_kill(struct backend *backend)
{
	struct sandbox *sandbox = of_backend(backend);
	struct fault ignored;

	if (sandbox->process >= 0)
		(void)syscall(SYS_pidfd_send_signal, sandbox->process, SIGKILL, NULL, 0);
	else if (sandbox->keeper.pid != 0)
		(void)child_signal(&sandbox->keeper, SIGKILL, &ignored);
}

/* The enclave owns the folder of its sockets: no link in it is followed. */
static int sandbox_address(const char *folder, uint32_t cid, uint32_t port, struct address *address,
	struct fault *fault)
{
	char sockets[PATH_MAX + 8];

	(void)snprintf(sockets, sizeof sockets, "%s/vsock", folder);
	*address = (struct address){.kind = ADDRESS_VSOCK, .cid = cid, .port = port};
	return address_stand_in(address, sockets, fault);
}

static void sandbox_free(struct backend *backend)
{
	struct sandbox *sandbox = of_backend(backend);

	sandbox_kill(backend);
	companion_end(&sandbox->simulator);
	timer_stop(&sandbox->settle);
	close_report(sandbox);
	if (sandbox->life >= 0)
		close(sandbox->life);
	if (sandbox->process >= 0)
		close(sandbox->process);
	free(sandbox);
}

static struct backend *sandbox_make(void)
{
	struct sandbox *sandbox = calloc(1, sizeof *sandbox);

	if (sandbox == NULL)
		return NULL;
	sandbox->backend.kind = &backend_sandbox;
	sandbox->life = -1;
	sandbox->process = -1;
	return &sandbox->backend;
}

const struct backend_kind backend_sandbox = {
	.name = "sandbox",
	.memory = 64,
	.make = sandbox_make,
	.address = sandbox_address,
	.start = sandbox_start,
	.ask_stop = sandbox_ask_stop,
	.kill = sandbox_kill,
	.free = sandbox_free,
};
