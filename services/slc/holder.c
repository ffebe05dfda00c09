/* holder: see holder.h. */
#include "services/slc/holder.h"

#include <stdlib.h>

#include "runtime/kernel/confine.h"
#include "runtime/kernel/log.h"
#include "runtime/kernel/signals.h"
#include "runtime/net/listener.h"
#include "services/slc/dialler.h"
#include "services/slc/request.h"

struct holder {
	struct loop *loop;
	struct signals signals;
	struct listener listener;
};

static int read_place(struct address *place, struct fault *fault)
{
	static uint8_t bytes[REQUEST_SIZE_MAX];
	const ssize_t size = dialler_read(bytes, sizeof bytes, fault);

	if (size < 0)
		return -1;
	if (request_place(place, bytes, (size_t)size) != 0)
		return fault_set(fault, "request", "the request has no place to listen");
	return address_stand_in(place, getenv(DIALLER_FOLDER), fault);
}

/* Sockets; and files only where the socket is one: it is made, and removed at the end. */
static int confine_holder(const struct address *place, struct fault *fault)
{
	const bool has_path = place->kind == ADDRESS_UNIX || place->kind == ADDRESS_STAND_IN;
	const struct confine_profile profile = {.name = HOLDER_NAME,
		.keep_user = true,
		.calls = CONFINE_NETWORK | (has_path ? CONFINE_FILES : 0u),
		.refusal = CONFINE_KILL,
		.files = has_path ? CONFINE_FILES_FREE : CONFINE_FILES_WISHED};
	struct confine_report report;

	return confine(&profile, &report, fault);
}

static void told(struct signals *signals, int number, pid_t sender)
{
	struct holder *holder =
		(struct holder *)((char *)signals - offsetof(struct holder, signals));

	(void)number;
	(void)sender;
	loop_stop(holder->loop);
}

/* Who accepts is the front. */
static void accepted(struct listener *listener, int fd)
{
	(void)listener;
	(void)fd;
}

static int hold(struct holder *holder, struct fault *fault)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, 0};
	const struct listener_limits limits = {.connections = 1};
	struct address place;

	holder->signals.arrived = told;
	holder->listener.accepted = accepted;
	if (read_place(&place, fault) != 0 || loop_open(&holder->loop, &clock_system, fault) != 0 ||
		confine_holder(&place, fault) != 0 ||
		signals_start(&holder->signals, holder->loop, numbers, fault) != 0)
		return -1;
	return listener_open(&holder->listener, holder->loop, &place, &limits, fault);
}

int holder_run(int count)
{
	static struct holder holder;
	struct fault fault;
	int status;

	if (count != 1)
		return 2;
	log_start(&(struct log_sink){.program = HOLDER_NAME, .fd = STDERR_FILENO});
	if (hold(&holder, &fault) != 0)
		return dialler_say(dialler_reason(fault.word), fault.text, -1);
	watch_stop(&holder.listener.watch);
	status = dialler_say(SLC_REASON_NONE, "", holder.listener.watch.fd);
	if (status == 0 && loop_run(holder.loop, &fault) != 0)
		status = 1;
	listener_close(&holder.listener);
	return status;
}
