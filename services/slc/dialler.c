/* dialler: see dialler.h. */
#include "services/slc/dialler.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/channel/fields.h"
#include "runtime/kernel/confine.h"
#include "runtime/kernel/log.h"
#include "runtime/net/connect.h"
#include "runtime/net/passing.h"
#include "services/slc/copier.h"
#include "services/slc/holder.h"
#include "services/slc/request.h"

#define WORDS   3 /* descriptors */
#define REQUEST 4

/* --- The broker's side ------------------------------------------------------------------------ */

int dialler_open(struct dialler_job *job, uint32_t type, const uint8_t *fields, size_t size,
	struct fault *fault)
{
	job->request = memfd_create(DIALLER_NAME, MFD_CLOEXEC);
	if (job->request < 0 || pwrite(job->request, fields, size, 0) != (ssize_t)size) {
		dialler_close(job);
		return fault_set(fault, "limit", "there is no memory for the request");
	}
	job->argv[0] = type == SLC_LISTEN ? HOLDER_NAME : DIALLER_NAME;
	job->argv[1] = NULL;
	job->program = (struct program){.name = "/proc/self/exe",
		.argv = job->argv,
		.environment = (const char *const *)environ,
		.third = WORDS,
		.death = type == SLC_LISTEN ? SIGTERM : SIGKILL,
		.extra = job->request,
		.log = STDERR_FILENO,
		.passes = true};
	return 0;
}

void dialler_close(struct dialler_job *job)
{
	if (job->request >= 0)
		(void)close(job->request);
	job->request = -1;
}

/* --- The dialler itself ----------------------------------------------------------------------- */

struct dial {
	struct address target;
	struct connector connector;
	struct loop *loop;
	struct fault *fault;
	int fd; /* the connection; -1: there is none */
	bool is_over;
};

ssize_t dialler_read(uint8_t *bytes, size_t size, struct fault *fault)
{
	const ssize_t got = pread(REQUEST, bytes, size, 0);

	return got >= 0 ? got : fault_io(fault, errno, "the request can't be read");
}

static int read_target(struct address *target, struct fault *fault)
{
	static uint8_t bytes[REQUEST_SIZE_MAX];
	const ssize_t size = dialler_read(bytes, sizeof bytes, fault);

	if (size < 0)
		return -1;
	if (request_target(target, bytes, (size_t)size) != 0)
		return fault_set(fault, "request", "the request has no target");
	return address_stand_in(target, getenv(DIALLER_FOLDER), fault);
}

/* What looking a name up may read: what there is of this. */
static const char *const *name_places(void)
{
	static const char *const all[] = {"/etc", "/lib", "/lib64", "/usr", "/run"};
	static const char *found[sizeof all / sizeof all[0] + 1];
	size_t count = 0;

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (access(all[i], R_OK) == 0)
			found[count++] = all[i];
	return found;
}

/* Sockets, and files only where the target needs them: their names for a Unix socket, and what is
 * in some for the name of a host. */
static int confine_dialler(const struct address *target, struct fault *fault)
{
	const bool is_name = address_is_name(target);
	const bool has_path = target->kind == ADDRESS_UNIX || target->kind == ADDRESS_STAND_IN;
	const struct confine_profile profile = {.name = DIALLER_NAME,
		.keep_user = true,
		.calls = CONFINE_NETWORK | (is_name || has_path ? CONFINE_FILES : 0u),
		/* A resolver tries what it can do without. */
		.refusal = is_name ? CONFINE_ERROR : CONFINE_KILL,
		.files = CONFINE_FILES_WISHED,
		.readable = is_name ? name_places() : NULL};
	struct confine_report report;

	return confine(&profile, &report, fault);
}

static void done(struct connector *connector, int fd, const struct fault *fault)
{
	struct dial *dial = connector->user;

	dial->fd = fd;
	dial->is_over = true;
	if (fault != NULL)
		*dial->fault = *fault;
}

static int connect_to(struct dial *dial)
{
	const bool is_name = address_is_name(&dial->target);
	struct endpoints endpoints;

	dial->connector.done = done;
	dial->connector.user = dial;
	if (is_name && address_resolve(&dial->target, &endpoints, dial->fault) != 0)
		return -1;
	if (connect_start(&dial->connector, dial->loop, &dial->target, is_name ? &endpoints : NULL,
		    DIALLER_SECONDS * CLOCK_SECOND, dial->fault) != 0)
		return -1;
	while (!dial->is_over)
		if (loop_turn(dial->loop, UINT64_MAX, dial->fault) != 0)
			return -1;
	return dial->fd >= 0 ? 0 : -1;
}

uint32_t dialler_reason(const char *word)
{
	static const struct {
		const char *word;
		uint32_t reason;
	} reasons[] = {
		{"refused", SLC_REASON_UNREACHABLE},
		{"unreachable", SLC_REASON_UNREACHABLE},
		{"timeout", SLC_REASON_UNREACHABLE},
		{"name", SLC_REASON_UNREACHABLE},
		{"denied", SLC_REASON_DENIED},
		{"limit", SLC_REASON_LIMIT},
		{"request", SLC_REASON_REQUEST},
		{"in_use", SLC_REASON_IO},
		{"io", SLC_REASON_IO},
	};

	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (strcmp(reasons[i].word, word) == 0)
			return reasons[i].reason;
	return SLC_REASON_INTERNAL;
}

/* The line holds one message, and this is the only one. */
int dialler_say(uint32_t reason, const char *text, int fd)
{
	struct passing passing = {.count = fd >= 0 ? 1 : 0, .descriptors = {fd}};
	struct field_writer writer = field_writer_of(passing.message, COPIER_WORDS_MAX);
	struct fault fault;

	field_put_number(&writer, SLC_REASON, reason);
	field_put_text(&writer, SLC_TEXT, text);
	passing.size = writer.used;
	return passing_send(WORDS, &passing, &fault) == STREAM_DONE ? 0 : 1;
}

int dialler_run(int count)
{
	struct fault fault;
	struct dial dial = {.fault = &fault, .fd = -1};

	if (count != 1)
		return 2;
	log_start(&(struct log_sink){.program = DIALLER_NAME, .fd = STDERR_FILENO});
	if (read_target(&dial.target, &fault) == 0 &&
		loop_open(&dial.loop, &clock_system, &fault) == 0 &&
		confine_dialler(&dial.target, &fault) == 0 && connect_to(&dial) == 0)
		return dialler_say(SLC_REASON_NONE, "", dial.fd);
	return dialler_say(dialler_reason(fault.word), fault.text, -1);
}
