/* nitro: the backend that has AWS's nitro-cli run an image (spec/nitro.md). nitro-cli hears the
 * heartbeat itself, and tells by its list that an enclave has ended. */
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
#include "host/enclave/hearing.h"
#include "host/enclave/nitro_cli.h"
#include "host/enclave/nitro_reply.h"
#include "host/enclave/nitro_words.h"
#include "runtime/kernel/log.h"

#define TEXT_MAX     32u
#define LOOK_SECONDS 2u
#define ABSENCES     2u /* looks in a row that do not find it, until it is taken for gone */
#define PORT_LINES   9002u

struct nitro {
	struct backend backend;
	struct loop *loop;
	const struct backend_plan *plan;
	char program[PATH_MAX];
	char id[SETTINGS_ID_MAX]; /* "": it does not run */
	struct nitro_call call;   /* run-enclave, later terminate-enclave */
	struct nitro_call look;   /* describe-enclaves */
	struct child console;
	struct hearing hearing; /* of lines over vsock */
	struct timer pause;     /* until the next look */
	bool is_unwanted;       /* killed before it ran */
	bool is_ending;         /* it is to end; asked for again until it does */
	bool is_early;          /* it was ready before nitro-cli said that it runs */
	uint32_t units;
	struct fault why; /* it does not start */
	unsigned absences;
};

static struct nitro *of_backend(struct backend *backend)
{
	return (struct nitro *)(void *)backend;
}

/* --- The end ---------------------------------------------------------------------------------- */

static void close_all(struct nitro *nitro)
{
	timer_stop(&nitro->pause);
	nitro_call_stop(&nitro->look);
	hearing_close(&nitro->hearing);
	nitro->id[0] = '\0';
}

static void gone(struct nitro *nitro, const struct fault *why)
{
	close_all(nitro);
	nitro->backend.exited(nitro->backend.user, 0, why);
}

static void unwanted_ended(struct nitro_call *call, const struct fault *fault)
{
	struct nitro *nitro = call->user;

	(void)fault;
	nitro->backend.start_failed(nitro->backend.user, &nitro->why);
}

static void terminated(struct nitro_call *call, const struct fault *fault)
{
	struct nitro *nitro = call->user;

	if (nitro->id[0] == '\0')
		return;
	if (fault == NULL && json_is_true(json_object_get(call->reply, "Terminated")))
		gone(nitro, NULL);
	else
		LOG(LOG_WARNING, "nitro-cli does not end the enclave",
			log_string("why", fault != NULL ? fault->text : "Terminated is not true"));
}

/* Returns -1 with the fault where nitro-cli can't even be started. */
static int terminate(struct nitro *nitro, const char *option, const char *which,
	void (*done)(struct nitro_call *call, const struct fault *fault), struct fault *fault)
{
	const char *const arguments[] = {"nitro-cli", "terminate-enclave", option, which, NULL};

	nitro->call.done = done;
	return nitro_call_start(
		&nitro->call, nitro->loop, nitro->program, arguments, NITRO_SECONDS, fault);
}

static void nitro_ask_stop(struct backend *backend)
{
	struct nitro *nitro = of_backend(backend);
	struct fault fault;

	nitro->is_ending = true;
	if (nitro->id[0] != '\0' && !nitro_call_runs(&nitro->call) &&
		terminate(nitro, "--enclave-id", nitro->id, terminated, &fault) < 0)
		log_fault(LOG_WARNING, "nitro-cli can't be asked to end the enclave", &fault);
}

/* nitro-cli knows one way to end an enclave. */
static void nitro_kill(struct backend *backend)
{
	struct nitro *nitro = of_backend(backend);
	struct fault ignored;

	if (nitro->id[0] != '\0') {
		nitro_ask_stop(backend);
		return;
	}
	nitro->is_unwanted = true;
	if (nitro_call_runs(&nitro->call))
		(void)child_signal_group(&nitro->call.child, SIGTERM, &ignored);
}

/* --- Looking after it ------------------------------------------------------------------------- */

static void looked(struct nitro_call *call, const struct fault *fault)
{
	struct nitro *nitro = call->user;
	struct fault why;

	/* One that can't be reached now is not gone, and nitro-cli tells of it beside the list. */
	if (fault != NULL || !json_is_array(call->reply) || strstr(call->error, "[ E") != NULL)
		LOG(LOG_WARNING, "nitro-cli does not tell which enclaves run",
			log_string("why", fault != NULL ? fault->text : call->error));
	else if (nitro_reply_find(call->reply, nitro->id) != NULL) {
		nitro->absences = 0;
		if (nitro->is_ending)
			nitro_ask_stop(&nitro->backend);
	} else if (++nitro->absences >= ABSENCES) {
		(void)fault_set(&why, "gone", "nitro-cli does not list it any more");
		gone(nitro, nitro_call_runs(&nitro->call) ? NULL : &why);
		return;
	}
	timer_start(&nitro->pause, nitro->loop, LOOK_SECONDS * CLOCK_SECOND);
}

static void look(struct timer *timer)
{
	static const char *const arguments[] = {"nitro-cli", "describe-enclaves", NULL};
	struct nitro *nitro =
		(struct nitro *)(void *)((char *)timer - offsetof(struct nitro, pause));
	struct fault fault;

	if (nitro_call_start(&nitro->look, nitro->loop, nitro->program, arguments, NITRO_SECONDS,
		    &fault) == 0)
		return;
	log_fault(LOG_WARNING, "nitro-cli can't be started", &fault);
	timer_start(timer, nitro->loop, LOOK_SECONDS * CLOCK_SECOND);
}

/* --- The console ------------------------------------------------------------------------------ */

static void console_runs(struct child *child)
{
	(void)child;
}

static void console_failed(struct child *child, const struct fault *fault)
{
	(void)child;
	log_fault(LOG_WARNING, "there is no console", fault);
}

static void console_ended(struct child *child, int code_or_signal, bool was_signal)
{
	LOG(LOG_INFO, "nitro-cli's console has ended", log_number("status", code_or_signal),
		log_boolean("signal", was_signal));
	child_reap(child);
}

/* The program writes to a terminal whose other end is the recorder's. */
static int open_console(struct nitro *nitro, struct fault *fault)
{
	const char *const arguments[] = {"nitro-cli", "console", "--enclave-id", nitro->id, NULL};
	int slave, terminal = companion_terminal(&slave, fault), status;
	const struct child_descriptor descriptors[] = {{slave, 1}, {nitro->plan->log, 2}};
	const struct child_plan plan = {
		.program = nitro->program,
		.argv = arguments,
		.environment = (const char *const *)environ,
		.group = CHILD_GROUP_SESSION,
		.descriptors = descriptors,
		.descriptor_count = sizeof descriptors / sizeof *descriptors,
		.prepare = companion_tie,
	};

	if (terminal < 0)
		return -1;
	nitro->console.started = console_runs;
	nitro->console.failed = console_failed;
	nitro->console.ended = console_ended;
	nitro->backend.console(nitro->backend.user, terminal);
	status = child_start(&nitro->console, nitro->loop, &plan, fault);
	close(slave);
	return status;
}

/* --- The start -------------------------------------------------------------------------------- */

/* What it learns of itself is written before it counts as running. nitro-cli has heard it then. */
static void runs(struct nitro *nitro)
{
	struct fault fault;

	if (nitro->plan->settings->debug && open_console(nitro, &fault) < 0)
		log_fault(LOG_WARNING, "there is no console", &fault);
	timer_start(&nitro->pause, nitro->loop, LOOK_SECONDS * CLOCK_SECOND);
	nitro->backend.started(nitro->backend.user);
	nitro->backend.heard(nitro->backend.user);
	if (nitro->is_early)
		nitro->backend.ready(nitro->backend.user, nitro->units);
}

static int take_reply(struct nitro *nitro, const json_t *reply, struct fault *fault)
{
	json_t *facts = nitro_reply_enclave(reply, fault);

	if (facts == NULL)
		return -1;
	(void)snprintf(nitro->id, sizeof nitro->id, "%s",
		json_string_value(json_object_get(facts, "EnclaveID")));
	(void)json_object_del(facts, "EnclaveName");
	nitro->backend.learned(nitro->backend.user, facts);
	json_decref(facts);
	return 0;
}

/* Where nitro-cli itself tells why, nothing is left. Else there may be an enclave, which then
 * answers to its name. */
static void ran(struct nitro_call *call, const struct fault *fault)
{
	struct nitro *nitro = call->user;
	struct fault ignored;

	if (fault == NULL && !nitro->is_unwanted &&
		take_reply(nitro, call->reply, &nitro->why) == 0) {
		runs(nitro);
		return;
	}
	hearing_close(&nitro->hearing);
	if (fault != NULL)
		nitro->why = *fault;
	else if (nitro->is_unwanted)
		(void)fault_set(&nitro->why, "ended", "it was not wanted any more");
	if ((fault != NULL && fault->word[0] == 'e' && !nitro->is_unwanted) ||
		terminate(nitro, "--enclave-name", nitro->plan->settings->name, unwanted_ended,
			&ignored) < 0)
		nitro->backend.start_failed(nitro->backend.user, &nitro->why);
}

static void hear_ready(void *user, uint32_t units)
{
	struct nitro *nitro = user;

	nitro->is_early = nitro->id[0] == '\0';
	nitro->units = units;
	if (!nitro->is_early)
		nitro->backend.ready(nitro->backend.user, units);
}

static void hear_farewell(void *user, uint32_t status)
{
	struct nitro *nitro = user;

	nitro->backend.farewell(nitro->backend.user, status);
}

/* Lines come on one port of the parent for all enclaves, so that one supervisor hears them; for
 * others there is init's port, which is asked for health. */
static void hear(struct nitro *nitro)
{
	struct address address = {
		.kind = ADDRESS_VSOCK, .cid = ADDRESS_TEXT_CID_ANY, .port = PORT_LINES};
	struct fault fault;

	nitro->hearing.ready = hear_ready;
	nitro->hearing.farewell = hear_farewell;
	nitro->hearing.user = nitro;
	if (address_stand_in(&address, getenv("CLOISTER_VSOCK_DIR"), &fault) < 0 ||
		hearing_open_lines(&nitro->hearing, nitro->loop, &address,
			nitro->plan->settings->cid, &fault) < 0)
		log_fault(LOG_WARNING, "readiness can't be heard over vsock", &fault);
}

/* As long as nitro-cli itself waits: 90 s per 6 GiB of image and per 100 GiB of memory that are
 * begun. */
static uint32_t nitro_seconds(const struct settings *settings, const struct image *image)
{
	uint64_t seconds = 90 * (1 + image->size / (UINT64_C(6) << 30)) +
			   90 * (1 + settings->memory / 102400u);

	return seconds < 86400 ? (uint32_t)seconds + NITRO_SECONDS : 86400;
}

static int nitro_start(struct backend *backend, struct loop *loop, const struct backend_plan *plan,
	struct fault *fault)
{
	struct nitro *nitro = of_backend(backend);
	struct nitro_words words = {.count = 0};
	char descriptor[TEXT_MAX], path[PATH_MAX];
	ssize_t size;

	nitro->loop = loop;
	nitro->plan = plan;
	nitro->call.done = ran;
	nitro->call.user = nitro;
	nitro->look.done = looked;
	nitro->look.user = nitro;
	nitro->pause.fired = look;
	if (nitro_cli_find(nitro->program, fault) < 0)
		return -1;
	(void)snprintf(descriptor, sizeof descriptor, "/proc/self/fd/%d", plan->image->fd);
	size = readlink(descriptor, path, sizeof path - 1);
	if (size < 0)
		return fault_io(fault, errno, "cannot tell where the image lies");
	path[size] = '\0';
	nitro_words_write(&words, plan->settings, path);
	hear(nitro);
	return nitro_call_start(&nitro->call, loop, nitro->program, words.list,
		nitro_seconds(plan->settings, plan->image), fault);
}

static int nitro_address(const char *folder, uint32_t cid, uint32_t port, struct address *address,
	struct fault *fault)
{
	(void)folder;
	*address = (struct address){.kind = ADDRESS_VSOCK, .cid = cid, .port = port};
	return address_stand_in(address, getenv("CLOISTER_VSOCK_DIR"), fault);
}

static void nitro_free(struct backend *backend)
{
	struct nitro *nitro = of_backend(backend);
	struct fault ignored;

	nitro_call_stop(&nitro->call);
	if (nitro->id[0] != '\0') {
		const char *const arguments[] = {
			"nitro-cli", "terminate-enclave", "--enclave-id", nitro->id, NULL};

		(void)nitro_cli_ask(nitro->program, arguments, NITRO_SECONDS, NULL, &ignored);
	}
	if (nitro->loop != NULL)
		close_all(nitro);
	companion_finish(&nitro->console);
	free(nitro);
}

static struct backend *nitro_make(void)
{
	struct nitro *nitro = calloc(1, sizeof *nitro);

	if (nitro == NULL)
		return NULL;
	nitro->backend.kind = &backend_nitro;
	return &nitro->backend;
}

const struct backend_kind backend_nitro = {
	.name = "nitro",
	.memory = 64,
	.has_kernel = true,
	.seconds = nitro_seconds,
	.make = nitro_make,
	.address = nitro_address,
	.start = nitro_start,
	.ask_stop = nitro_ask_stop,
	.kill = nitro_kill,
	.free = nitro_free,
};
