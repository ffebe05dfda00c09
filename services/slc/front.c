/* front: see front.h. */
#include "services/slc/front.h"

#include <malloc.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/kernel/confine.h"
#include "runtime/kernel/log.h"
#include "services/slc/client.h"

#define EXIT_INTERNAL 70
#define NOBODY        65533 /* user and group: no command is likely to be it, as it may be 65534 */

/* A listener's connections wait in channels of this size: 64 KiB of output for a slow reader. */
#define OUTPUT_SIZE 65536u

/* And each of them may have so much on its way to a process: fewer turns of a copy. */
#define WINDOW_SIZE 524288u

/* An NSM that has to be waited for is one that is asked by many. */
#define HANDSHAKE (30 * CLOCK_SECOND)

struct front {
	const struct settings *settings;
	struct sockets *sockets;
	struct loop *loop;
	struct tls *tls;              /* null: sessions are plain */
	struct authorized authorized; /* in an image, and where settings name a file */
	struct line line;
	struct jobs jobs;
	struct forwards forwards;
	struct listens listens;
	struct kepts kepts;
	struct controls controls;
	struct timer patience; /* with jobs that have no client, when the service stops */
	struct clients clients;
	struct watch stop;
	bool is_stopping;
	int code;
};

/* --- The end ---------------------------------------------------------------------------------- */

static void stop_if_empty(struct front *front)
{
	if (front->is_stopping && front->clients.live == 0 && front->jobs.live == 0)
		loop_stop(front->loop);
}

static void jobs_emptied(struct jobs *jobs)
{
	stop_if_empty((struct front *)((char *)jobs - offsetof(struct front, jobs)));
}

static void clients_emptied(struct clients *clients)
{
	stop_if_empty((struct front *)((char *)clients - offsetof(struct front, clients)));
}

static void close_listeners(struct front *front)
{
	for (unsigned i = 0; i < front->sockets->count; i++)
		listener_close(&front->sockets->list[i]);
}

static void has_waited(struct timer *timer)
{
	struct front *front = (struct front *)((char *)timer - offsetof(struct front, patience));

	jobs_stop(&front->jobs);
}

static void drain(struct front *front, uint32_t reason, const char *text)
{
	if (front->is_stopping)
		return;
	front->is_stopping = true;
	timer_start(&front->patience, front->loop, front->settings->drain * CLOCK_SECOND);
	close_listeners(front);
	listens_stop(&front->listens);
	clients_end(&front->clients, reason, text);
	stop_if_empty(front);
}

static void stop_ready(struct watch *watch, unsigned events)
{
	struct front *front = (struct front *)((char *)watch - offsetof(struct front, stop));
	bool has_jobs_end = front->is_stopping;
	char byte;

	(void)events;
	if (read(watch->fd, &byte, 1) != 1) {
		watch_stop(watch);
		has_jobs_end = true;
	}
	LOG(LOG_INFO, has_jobs_end ? "ending" : "draining",
		log_number("sessions", front->clients.live), log_number("jobs", front->jobs.live));
	if (has_jobs_end) {
		jobs_stop(&front->jobs);
		forwards_stop(&front->forwards);
	}
	drain(front, SLC_REASON_NONE, "the service stops");
}

/* --- The broker ------------------------------------------------------------------------------- */

static void lose_broker(struct front *front)
{
	front->code = EXIT_INTERNAL;
	jobs_lose(&front->jobs);
	drain(front, SLC_REASON_INTERNAL, "the service has lost its broker");
}

static void line_ended(struct line *line, const struct fault *fault)
{
	struct front *front = (struct front *)((char *)line - offsetof(struct front, line));

	if (fault != NULL)
		log_fault(LOG_ERROR, "the broker makes no sense", fault);
	else
		LOG(LOG_ERROR, "the broker is gone");
	lose_broker(front);
}

static void came(struct line *line, const struct packet *packet, const int *descriptors)
{
	struct front *front = (struct front *)((char *)line - offsetof(struct front, line));

	if (jobs_hear(&front->jobs, packet, descriptors) == 0)
		return;
	LOG(LOG_ERROR, "the broker makes no sense", log_number("packet", packet->kind),
		log_number("job", packet->id));
	line_close(line);
	lose_broker(front);
}

/* --- The beginning ---------------------------------------------------------------------------- */

static void accepted(struct listener *listener, int fd)
{
	struct front *front = listener->user;

	clients_take(&front->clients, listener, fd);
}

static struct slc_options options_of(const struct settings *settings)
{
	struct slc_options options = slc_usual;

	options.channels = settings->channels;
	options.output = OUTPUT_SIZE;
	options.window = WINDOW_SIZE;
	options.drain = settings->drain * CLOCK_SECOND;
	if (!settings->is_insecure)
		options.handshake = HANDSHAKE;
	return options;
}

/* An image that names no key lets nobody in. */
static int read_keys(struct front *front, const struct authorized **authorized, struct fault *fault)
{
	const char *path = front->settings->keys;
	bool may_lack = false;

	*authorized = NULL;
#ifdef CLOISTER_IMAGE
	may_lack = path == NULL;
	path = path != NULL ? path : AUTHORIZED_PLACE;
#endif
	if (path == NULL)
		return 0;
	*authorized = &front->authorized;
	if (authorized_file(&front->authorized, path, fault) == 0)
		return 0;
	return may_lack && strcmp(fault->word, "not_found") == 0 ? 0 : -1;
}

static int open_front(struct front *front, int line, int stop, struct fault *fault)
{
	const struct settings *settings = front->settings;
	const struct slc_options options = options_of(settings);
	const struct authorized *authorized;

	front->line.came = came;
	front->line.ended = line_ended;
	front->line.other = PACKET_FROM_BROKER;
	front->jobs.emptied = jobs_emptied;
	front->clients.emptied = clients_emptied;
	front->stop.ready = stop_ready;
	front->jobs.must_mark = !settings->is_insecure;
	front->patience.fired = has_waited;
	front->jobs.kepts = front->controls.kepts = &front->kepts;
	front->clients.controls = &front->controls;
	if (read_keys(front, &authorized, fault) != 0 ||
		kepts_open(&front->kepts, settings->detached, fault) != 0 ||
		line_open(&front->line, front->loop, line, fault) != 0 ||
		jobs_open(&front->jobs, front->loop, &front->line, settings->jobs,
			settings->sessions, options.window, fault) != 0 ||
		forwards_open(&front->forwards, front->loop, &front->jobs, settings->forwards,
			options.window, fault) != 0 ||
		(!settings->is_insecure && tls_open_server(&front->tls, fault) != 0) ||
		clients_open(&front->clients, front->loop, &front->jobs, &options, front->tls,
			authorized, settings->sessions, settings->documents, fault) != 0)
		return -1;
	front->clients.forwards = &front->forwards;
	listens_open(&front->listens, &front->forwards);
	front->clients.listens = &front->listens;
	front->controls.has_keys = authorized != NULL;
	for (unsigned i = 0; i < front->sockets->count; i++) {
		struct listener *listener = &front->sockets->list[i];

		listener->accepted = accepted;
		listener->user = front;
		/* The file is removed by who made it, who may. */
		if (listener->file.folder >= 0)
			close(listener->file.folder);
		listener->file.folder = -1;
	}
	return watch_start(&front->stop, front->loop, stop, WATCH_READ, fault);
}

/* Sockets that are there may be used, and listening ones accept; no more can be made. `ioctl` is
 * for FIONREAD. */
static int confine_front(struct fault *fault)
{
	static const char *const calls[] = {"accept4", "getpeername", "getsockname", "getsockopt",
		"ioctl", "recvfrom", "recvmsg", "sendmsg", "sendto", "setsockopt", "shutdown",
		NULL};
	const struct confine_profile profile = {.name = "slc-front",
		.keep_user = geteuid() != 0,
		.user = NOBODY,
		.group = NOBODY,
		.more_calls = calls,
		.refusal = CONFINE_KILL,
		.files = CONFINE_FILES_WISHED};
	struct confine_report report;

	if (confine(&profile, &report, fault) != 0)
		return -1;
	confine_log(&report);
	return 0;
}

static void tell_ready(const struct front *front)
{
	const struct settings *settings = front->settings;
	const struct slc_options options = options_of(settings);
	size_t memory =
		sizeof *front + jobs_memory(settings->jobs, settings->sessions, options.window) +
		forwards_memory(settings->forwards, options.window) +
		kepts_memory(settings->detached) + clients_memory(&options, settings->sessions);

	LOG(LOG_INFO, "memory", log_number("bytes", (int64_t)memory),
		log_number("sessions", settings->sessions),
		log_number("channels", settings->channels), log_number("jobs", settings->jobs),
		log_number("forwards", settings->forwards));
	if (front->clients.authorized == NULL)
		LOG(LOG_WARNING, "no keys are named: whoever reaches this may enter");
	else
		LOG(LOG_INFO, "keys that may enter", log_number("count", front->authorized.count));
	if (settings->is_insecure)
		LOG(LOG_WARNING, "INSECURE: sessions are plain, for development alone");
	for (unsigned i = 0; i < settings->address_count; i++) {
		struct address address = settings->addresses[i];
		char text[ADDRESS_TEXT_MAX];

		address.port = front->sockets->list[i].port;
		address_print(&address, text);
		LOG(LOG_INFO, "listening", log_string("address", text));
	}
}

static int run(struct front *front, int line, int stop)
{
	struct fault fault;

	if (open_front(front, line, stop, &fault) != 0 || confine_front(&fault) != 0)
		goto failed;
	tell_ready(front);
	if (loop_run(front->loop, &fault) == 0)
		return front->code;
failed:
	log_fault(LOG_ERROR, "the front can't go on", &fault);
	return EXIT_INTERNAL;
}

int front_run(const struct settings *settings, struct sockets *sockets, int line, int stop)
{
	struct front *front = calloc(1, sizeof *front);
	int code = EXIT_INTERNAL;

	if (front == NULL)
		return code;
	/* A session's memory goes back to the system when it ends, and takes none that it does not
	 * touch: all of it is mapped, and the heap has no reserve to take it from. */
	(void)mallopt(M_MMAP_THRESHOLD, 65536);
	(void)mallopt(M_TOP_PAD, 0);
	front->settings = settings;
	front->sockets = sockets;
	front->loop = sockets->loop;
	code = run(front, line, stop);
	clients_close(&front->clients);
	forwards_close(&front->forwards);
	kepts_close(&front->kepts);
	jobs_close(&front->jobs);
	tls_close(front->tls);
	free(front);
	return code;
}
