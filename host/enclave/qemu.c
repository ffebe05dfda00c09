/* qemu: the backend that boots an image with QEMU's machine nitro-enclave (spec/qemu.md): vsockd
 * first, which carries the enclave's vsock, then QEMU. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/enclave/backend.h"
#include "host/enclave/companion.h"
#include "host/enclave/lines.h"
#include "host/enclave/qemu_find.h"
#include "runtime/kernel/log.h"

#define IMAGE    3 /* its descriptor in QEMU */
#define TEXT_MAX 160

/* vsockd ends when QEMU does, and may be seen to do so first. */
#define GRACE (2 * CLOCK_SECOND)

/* Turns of the loop after QEMU's end in which what it had still said is read. */
#define TURNS_TO_SETTLE 4u

struct qemu {
	struct backend backend;
	struct loop *loop;
	const struct backend_plan *plan;
	struct companion vsockd;
	struct child machine;
	struct lines lines;
	struct timer settle, grace;
	char program[PATH_MAX], vsockd_program[PATH_MAX];
	bool has_filter;  /* of system calls */
	bool is_unwanted; /* killed before QEMU was started */
	bool is_killed;   /* by us, since somebody wanted it */
	unsigned turns;
	uint32_t status;
	struct fault why; /* of its end */
};

static struct qemu *of_backend(struct backend *backend)
{
	return (struct qemu *)(void *)backend;
}

static struct qemu *of_machine(struct child *child)
{
	return (struct qemu *)(void *)((char *)child - offsetof(struct qemu, machine));
}

/* --- QEMU's life ------------------------------------------------------------------------------ */

static void machine_started(struct child *child)
{
	struct qemu *qemu = of_machine(child);

	qemu->backend.started(qemu->backend.user);
}

static void machine_failed(struct child *child, const struct fault *fault)
{
	struct qemu *qemu = of_machine(child);

	lines_close(&qemu->lines);
	qemu->backend.start_failed(qemu->backend.user, fault);
}

static void settled(struct timer *timer)
{
	struct qemu *qemu = (struct qemu *)(void *)((char *)timer - offsetof(struct qemu, settle));

	if (qemu->turns++ < TURNS_TO_SETTLE) {
		timer_start(timer, qemu->loop, 0);
		return;
	}
	child_reap(&qemu->machine);
	if (qemu->is_unwanted)
		qemu->backend.start_failed(qemu->backend.user, &qemu->why);
	else
		qemu->backend.exited(
			qemu->backend.user, qemu->status, qemu->is_killed ? NULL : &qemu->why);
}

static void machine_ended(struct child *child, int code_or_signal, bool was_signal)
{
	struct qemu *qemu = of_machine(child);

	lines_close(&qemu->lines);
	timer_stop(&qemu->grace);
	qemu->status = (uint32_t)code_or_signal + (was_signal ? 128u : 0u);
	if (qemu->why.word[0] == '\0')
		(void)fault_set(&qemu->why, "qemu", "QEMU has ended with %s %d%s%s",
			was_signal ? "signal" : "code", code_or_signal,
			qemu->lines.last[0] != '\0' ? "; it said last: " : "", qemu->lines.last);
	qemu->turns = 0;
	timer_start(&qemu->settle, qemu->loop, 0);
}

/* QEMU's serial port. */
static int open_console(struct qemu *qemu, int *slave, struct fault *fault)
{
	int terminal = companion_terminal(slave, fault);

	if (terminal < 0)
		return -1;
	qemu->backend.console(qemu->backend.user, terminal);
	return 0;
}

/* Paths are relative to the state folder, so that no comma of it is one of QEMU's. */
static int spawn_machine(struct qemu *qemu, int slave, int errors, struct fault *fault)
{
	const struct settings *settings = qemu->plan->settings;
	const struct child_descriptor descriptors[] = {
		{slave, 0}, {slave, 1}, {errors, 2}, {qemu->plan->image->fd, IMAGE}};
	const char *accel = settings->accel != NULL ? settings->accel
			    : qemu_has_kvm()        ? "kvm"
						    : "tcg";
	char machine[TEXT_MAX], memory[TEXT_MAX], cpus[TEXT_MAX];
	const char *const arguments[] = {"qemu-system-x86_64", "-no-user-config", "-M", machine,
		"-kernel", "/proc/self/fd/3", "-m", memory, "-smp", cpus, "-cpu", "max", "-accel",
		accel, "-display", "none", "-monitor", "none", "-chardev",
		"stdio,id=console,signal=off", "-serial", "chardev:console", "-chardev",
		"socket,id=vsock,path=vhost", "-no-reboot", qemu->has_filter ? "-sandbox" : NULL,
		QEMU_FILTER, NULL};
	const char *const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
	const struct child_plan child = {
		.program = qemu->program,
		.argv = arguments,
		.environment = environment,
		.directory = qemu->plan->folder,
		.group = CHILD_GROUP_SESSION,
		.descriptors = descriptors,
		.descriptor_count = sizeof descriptors / sizeof *descriptors,
		.prepare = companion_tie,
	};

	(void)snprintf(machine, sizeof machine, "nitro-enclave,vsock=vsock,id=%s", settings->id);
	(void)snprintf(memory, sizeof memory, "%uM", settings->memory);
	(void)snprintf(cpus, sizeof cpus, "%u", settings->cpus);
	return child_start(&qemu->machine, qemu->loop, &child, fault);
}

static int start_machine(struct qemu *qemu, struct fault *fault)
{
	int slave, errors, status;

	qemu->machine.started = machine_started;
	qemu->machine.failed = machine_failed;
	qemu->machine.ended = machine_ended;
	if (open_console(qemu, &slave, fault) < 0)
		return -1;
	errors = lines_open(&qemu->lines, qemu->loop, "qemu", fault);
	if (errors < 0) {
		close(slave);
		return -1;
	}
	status = spawn_machine(qemu, slave, errors, fault);
	close(slave);
	close(errors);
	return status;
}

/* --- vsockd, before it and beside it ---------------------------------------------------------- */

static void vsockd_listens(void *user)
{
	struct qemu *qemu = user;
	struct fault fault;

	if (start_machine(qemu, &fault) < 0)
		qemu->backend.start_failed(qemu->backend.user, &fault);
}

static void vsockd_failed(void *user, const struct fault *fault)
{
	struct qemu *qemu = user;

	qemu->backend.start_failed(qemu->backend.user, fault);
}

static void end_machine(struct qemu *qemu)
{
	struct fault ignored;

	if (qemu->machine.pid != 0)
		(void)child_signal(&qemu->machine, SIGKILL, &ignored);
}

static void vsockd_ended(void *user, const struct fault *fault)
{
	struct qemu *qemu = user;

	if (qemu->machine.pid == 0 || qemu->settle.loop != NULL)
		return;
	if (qemu->vsockd.status != 0)
		qemu->why = *fault;
	timer_start(&qemu->grace, qemu->loop, GRACE);
}

/* QEMU lives on without its vsock, and can't have it back. */
static void grace_ended(struct timer *timer)
{
	struct qemu *qemu = (struct qemu *)(void *)((char *)timer - offsetof(struct qemu, grace));

	if (qemu->why.word[0] == '\0')
		(void)fault_set(&qemu->why, "vsockd", "vsockd has ended, and QEMU has not");
	end_machine(qemu);
}

static int start_vsockd(struct qemu *qemu, struct fault *fault)
{
	const struct backend_plan *plan = qemu->plan;
	const struct child_descriptor descriptors[] = {{plan->log, 2}};
	char cid[TEXT_MAX], folder[PATH_MAX];
	const char *const arguments[] = {"vsockd", "--socket", qemu->vsockd.socket, "--cid", cid,
		"--dir", folder, "--ready-fd", COMPANION_READY_TEXT, NULL};
	const char *const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
	struct child_plan child = {
		.program = qemu->vsockd_program,
		.argv = arguments,
		.environment = environment,
		.group = CHILD_GROUP_NEW,
		.descriptors = descriptors,
		.descriptor_count = sizeof descriptors / sizeof *descriptors,
	};

	(void)snprintf(cid, sizeof cid, "%u", plan->settings->cid);
	(void)snprintf(folder, sizeof folder, "%.*s/vsock", PATH_MAX - 16, plan->folder);
	(void)snprintf(qemu->vsockd.socket, PATH_MAX, "%.*s/vhost", PATH_MAX - 16, plan->folder);
	qemu->vsockd.listens = vsockd_listens;
	qemu->vsockd.failed = vsockd_failed;
	qemu->vsockd.ended = vsockd_ended;
	qemu->vsockd.user = qemu;
	qemu->vsockd.word = "vsockd";
	return companion_start(&qemu->vsockd, qemu->loop, &child, fault);
}

static int qemu_start(struct backend *backend, struct loop *loop, const struct backend_plan *plan,
	struct fault *fault)
{
	struct qemu *qemu = of_backend(backend);

	qemu->loop = loop;
	qemu->plan = plan;
	qemu->settle.fired = settled;
	qemu->grace.fired = grace_ended;
	if (qemu_find(plan->settings->qemu, qemu->program, fault) < 0)
		return -1;
	if (plan->settings->vsockd != NULL)
		(void)snprintf(qemu->vsockd_program, PATH_MAX, "%s", plan->settings->vsockd);
	else if (!companion_beside("vsockd", qemu->vsockd_program))
		return fault_set(fault, "vsockd",
			"there is no vsockd beside this program, which carries the enclave's "
			"vsock: --vsockd names one");
	qemu->has_filter = qemu_has_filter(qemu->program);
	LOG(LOG_INFO, "qemu", log_string("program", qemu->program),
		log_string("vsockd", qemu->vsockd_program),
		log_boolean("filter", qemu->has_filter));
	return start_vsockd(qemu, fault);
}

/* --- What the machine asks for ---------------------------------------------------------------- */

/* One that just starts has nothing to report of QEMU: it is told as one that did not start. */
static void qemu_kill(struct backend *backend)
{
	struct qemu *qemu = of_backend(backend);

	if (qemu->machine.pid != 0) {
		qemu->is_killed = true;
		end_machine(qemu);
		return;
	}
	if (qemu->is_unwanted || qemu->settle.loop != NULL)
		return;
	companion_end(&qemu->vsockd);
	qemu->is_unwanted = true;
	(void)fault_set(&qemu->why, "start", "it was ended while it started");
	qemu->turns = TURNS_TO_SETTLE;
	timer_start(&qemu->settle, qemu->loop, 0);
}

/* Nobody inside can be asked: the machine has no button, and init's port only answers. So it is as
 * on Nitro, where to terminate an enclave is to end it. */
static void qemu_ask_stop(struct backend *backend)
{
	qemu_kill(backend);
}

static void qemu_free(struct backend *backend)
{
	struct qemu *qemu = of_backend(backend);

	timer_stop(&qemu->settle);
	timer_stop(&qemu->grace);
	companion_finish(&qemu->machine);
	companion_end(&qemu->vsockd);
	lines_close(&qemu->lines);
	free(qemu);
}

static int qemu_address(const char *folder, uint32_t cid, uint32_t port, struct address *address,
	struct fault *fault)
{
	int size = snprintf(address->text, sizeof address->text, "%s/vsock/%u/vsock", folder, cid);

	address->kind = ADDRESS_HYBRID;
	address->port = port;
	if (size < 0 || (size_t)size >= sizeof address->text)
		return fault_set(fault, "address", "the path of the state folder is too long");
	return 0;
}

static struct backend *qemu_make(void)
{
	struct qemu *qemu = calloc(1, sizeof *qemu);

	if (qemu == NULL)
		return NULL;
	qemu->backend.kind = &backend_qemu;
	return &qemu->backend;
}

const struct backend_kind backend_qemu = {
	.name = "qemu",
	.debug = "QEMU's NSM can't show measurements of zeros: documents have those of the image",
	.memory = 256,
	.has_kernel = true,
	.make = qemu_make,
	.address = qemu_address,
	.start = qemu_start,
	.ask_stop = qemu_ask_stop,
	.kill = qemu_kill,
	.free = qemu_free,
};
