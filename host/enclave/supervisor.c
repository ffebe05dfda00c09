/* supervisor: see supervisor.h. */
#include "host/enclave/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/enclave/supervisor_inside.h"
#include "runtime/kernel/log.h"
#include "runtime/kernel/machine.h"

MACHINE_EVENTS(enclave)
MACHINE_BYTES(kernel_line)

/* --- Events ----------------------------------------------------------------------------------- */

void supervisor_happen(struct supervisor *supervisor, enum enclave_event event, uint32_t n)
{
	if (supervisor->event_count < EVENTS_MAX)
		supervisor->events[supervisor->event_count++] = (struct event){event, n};
	if (supervisor->performing)
		return;
	supervisor->performing = true;
	for (unsigned i = 0; i < supervisor->event_count; i++) {
		struct event next = supervisor->events[i];
		int before = supervisor->machine.cs;
		uint32_t effects = enclave_drive(
			&supervisor->machine, supervisor->settings->cid, next.event, next.n);

		if (supervisor->machine.cs != before) {
			supervisor_write_state(supervisor);
			supervisor_tell_state(supervisor);
		}
		supervisor_perform(supervisor, effects);
	}
	supervisor->event_count = 0;
	supervisor->performing = false;
}

static void timed_out(struct timer *timer)
{
	struct supervisor *supervisor =
		(struct supervisor *)(void *)((char *)timer - offsetof(struct supervisor, timer));

	supervisor_happen(supervisor, ENCLAVE_TIMEOUT, supervisor->generation);
}

static void signalled(struct signals *signals, int number, pid_t sender)
{
	struct supervisor *supervisor =
		(struct supervisor *)(void *)((char *)signals -
					      offsetof(struct supervisor, signals));

	(void)sender;
	LOG(LOG_INFO, "signal", log_number("number", number));
	supervisor_happen(supervisor, ENCLAVE_TERMINATE, 0);
}

static void heard_heartbeat(void *user)
{
	supervisor_happen(user, ENCLAVE_HEARTBEAT, 0);
}

static void heard_ready(void *user, uint32_t units)
{
	LOG(LOG_INFO, "the enclave is ready", log_number("units", units));
	supervisor_happen(user, ENCLAVE_READY, 0);
}

static void heard_farewell(void *user, uint32_t status)
{
	LOG(LOG_INFO, "the enclave says farewell", log_number("status", status));
	supervisor_happen(user, ENCLAVE_FAREWELL, status);
}

static void backend_started(void *user)
{
	supervisor_happen(user, ENCLAVE_STARTED, 0);
}

static void backend_failed(void *user, const struct fault *fault)
{
	struct supervisor *supervisor = user;

	supervisor->fault = *fault;
	supervisor_happen(supervisor, ENCLAVE_START_FAILED, 0);
}

static void backend_exited(void *user, uint32_t status, const struct fault *why)
{
	struct supervisor *supervisor = user;

	if (why != NULL)
		supervisor->fault = *why;
	recorder_drain(&supervisor->recorder);
	LOG(LOG_INFO, "the backend has ended", log_number("status", status));
	supervisor_happen(supervisor, ENCLAVE_EXITED, status);
}

static void backend_console(void *user, int terminal)
{
	struct supervisor *supervisor = user;
	struct fault fault;

	if (recorder_open(&supervisor->recorder, supervisor->loop, terminal,
		    supervisor->state->folder, &fault) == 0)
		return;
	log_fault(LOG_WARNING, "the console is lost", &fault);
	close(terminal);
}

static void kernel_said(void *user, const char *bytes, size_t size)
{
	struct supervisor *supervisor = user;
	struct kernel_line *line = &supervisor->kernel_line;

	while (size > 0) {
		size_t taken = kernel_line_drive(
			line, supervisor->settings->cid, (const uint8_t *)bytes, size);

		if (kernel_line_ended(line)) {
			bool panics = line->cs == KERNEL_LINE_IN_PANICS;

			kernel_line_init(line);
			supervisor_happen(supervisor, panics ? ENCLAVE_PANIC : ENCLAVE_FAREWELL, 0);
		}
		bytes += taken;
		size -= taken;
	}
}

static void probe_answered(void *user, uint32_t down)
{
	supervisor_happen(user, ENCLAVE_HEALTHY, down);
}

static void probe_silent(void *user, const struct fault *why)
{
	log_fault(LOG_WARNING, "the enclave does not say how it is", why);
	supervisor_happen(user, ENCLAVE_SILENT, 0);
}

static void backend_learned(void *user, json_t *facts)
{
	struct supervisor *supervisor = user;

	(void)json_object_update(supervisor->facts, facts);
}

static void asked_to_terminate(void *user)
{
	supervisor_happen(user, ENCLAVE_TERMINATE, 0);
}

static bool asked_for_console(void *user, int fd, struct fault *fault)
{
	static const char greeting[] = "{\"event\":\"console\"}\n";
	struct supervisor *supervisor = user;

	if (!supervisor->settings->debug) {
		(void)fault_set(fault, "not_debug",
			"an enclave's console can be read only where it was started with "
			"--debug-mode, which makes its measurements zeros: else whoever runs it "
			"could read what it keeps secret");
		return false;
	}
	if (write(fd, greeting, sizeof greeting - 1) == (ssize_t)(sizeof greeting - 1) &&
		recorder_show(&supervisor->recorder, fd))
		return true;
	(void)fault_set(fault, "limit", "the console has ended, or too many look at it");
	return false;
}

/* --- The process ------------------------------------------------------------------------------ */

json_t *facts_of(const struct settings *settings, const struct judged *judged, pid_t supervisor)
{
	json_t *json;

	json = json_pack("{s:s, s:s, s:I, s:I, s:I, s:[], s:I, s:s, s:s, s:O}", "EnclaveName",
		settings->name, "EnclaveID", settings->id, "ProcessID", (json_int_t)supervisor,
		"EnclaveCID", (json_int_t)settings->cid, "NumberOfCPUs", (json_int_t)settings->cpus,
		"CPUIDs", "MemoryMiB", (json_int_t)settings->memory, "State", "EMPTY", "Flags",
		settings->debug ? "DEBUG_MODE" : "NONE", "Measurements", judged->measurements);
	if (json != NULL) {
		(void)json_object_update(json, judged->metadata);
		(void)json_object_set_new(json, "Cloister",
			json_pack("{s:s, s:s, s:i}", "Backend", settings->backend->name, "Health",
				"starting", "UnitsDown", 0));
	}
	return json;
}

/* Away from the terminal and the folder that we were started from, but with the log. */
static int detach(struct supervisor *supervisor)
{
	char path[PATH_MAX + 8];
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)setsid();
	(void)!chdir("/");
	(void)snprintf(path, sizeof path, "%s/log", supervisor->state->folder);
	supervisor->log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (supervisor->log < 0 || null < 0)
		return fault_io(&supervisor->fault, errno, "cannot make '%s'", path);
	(void)dup2(null, 0);
	(void)dup2(null, 1);
	(void)dup2(supervisor->log, 2);
	close(null);
	log_start(&(struct log_sink){
		.program = "enclave", .fd = 2, .form = LOG_JSON, .level = LOG_INFO});
	return 0;
}

static int prepare(struct supervisor *supervisor)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, 0};
	struct fault *fault = &supervisor->fault;

	if (detach(supervisor) < 0 || loop_open(&supervisor->loop, &clock_system, fault) < 0 ||
		signals_start(&supervisor->signals, supervisor->loop, numbers, fault) < 0)
		return -1;
	supervisor->backend = supervisor->settings->backend->make();
	if (supervisor->backend == NULL)
		return fault_set(fault, "memory", "no memory");
	supervisor->facts = facts_of(supervisor->settings, supervisor->judged, getpid());
	if (supervisor->facts == NULL)
		return fault_set(fault, "memory", "no memory");
	supervisor->backend->started = backend_started;
	supervisor->backend->start_failed = backend_failed;
	supervisor->backend->exited = backend_exited;
	supervisor->backend->console = backend_console;
	supervisor->backend->learned = backend_learned;
	supervisor->backend->heard = heard_heartbeat;
	supervisor->backend->ready = heard_ready;
	supervisor->backend->farewell = heard_farewell;
	supervisor->backend->user = supervisor;
	return 0;
}

void supervisor_run(
	const struct settings *settings, const struct judged *judged, struct state *state, int told)
{
	struct supervisor *supervisor = calloc(1, sizeof *supervisor);

	if (supervisor == NULL) {
		state_remove(state);
		return;
	}
	supervisor->settings = settings;
	supervisor->judged = judged;
	supervisor->state = state;
	supervisor->timer.fired = timed_out;
	supervisor->signals.arrived = signalled;
	supervisor->hearing.heartbeat = heard_heartbeat;
	supervisor->hearing.ready = heard_ready;
	supervisor->hearing.farewell = heard_farewell;
	supervisor->hearing.user = supervisor;
	supervisor->probe.answered = probe_answered;
	supervisor->probe.silent = probe_silent;
	supervisor->probe.user = supervisor;
	supervisor->control.terminate = asked_to_terminate;
	supervisor->control.state = supervisor_state;
	supervisor->control.console = asked_for_console;
	supervisor->control.user = supervisor;
	supervisor->recorder.said = settings->backend->has_kernel ? kernel_said : NULL;
	supervisor->recorder.user = supervisor;
	kernel_line_init(&supervisor->kernel_line);
	enclave_init(&supervisor->machine);
	if (prepare(supervisor) < 0) {
		(void)!dprintf(told, "{\"event\":\"failed\",\"reason\":\"start\"}\n");
		state_remove(state);
		return;
	}
	control_add(&supervisor->control, supervisor->loop, told);
	supervisor_happen(supervisor, ENCLAVE_START, 0);
	(void)loop_run(supervisor->loop, &supervisor->fault);
	recorder_close(&supervisor->recorder);
	control_close(&supervisor->control);
}
