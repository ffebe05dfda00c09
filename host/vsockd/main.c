/* vsockd: carries the vsock of one virtual machine to Unix sockets (spec/vsockd.md). */
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "host/vsockd/front.h"
#include "host/vsockd/settings.h"
#include "runtime/kernel/confine.h"
#include "runtime/kernel/machine.h"
#include "runtime/kernel/signals.h"

/* Words of faults; all others are about the front-end. */
static const struct {
	const char *word;
	int code;
} exit_codes[] = {
	{"usage", 2},
	{"profile", 70},
	{"kernel", 70},
	{"threads", 70},
	{"memory", 71},
	{"limit", 71},
	{"in_use", 73},
	{"denied", 73},
	{"refused", 73},
	{"address", 73},
	{"not_found", 73},
	{"io", 74},
};
#define EXIT_PROTOCOL 65
#define EXIT_GONE     74

static int exit_code_of(const struct fault *fault)
{
	for (size_t i = 0; i < sizeof exit_codes / sizeof exit_codes[0]; i++)
		if (strcmp(exit_codes[i].word, fault->word) == 0)
			return exit_codes[i].code;
	return EXIT_PROTOCOL;
}

static int fail(const struct fault *fault)
{
	fault_print(stderr, "vsockd", fault);
	fprintf(stderr, "reason: %s\n", fault->word);
	return exit_code_of(fault);
}

struct service {
	const struct settings *settings;
	struct loop *loop;
	struct signals signals;
	struct front front;
};

static void signalled(struct signals *signals, int number, pid_t sender)
{
	struct service *service =
		(struct service *)((char *)signals - offsetof(struct service, signals));

	(void)sender;
	LOG(LOG_INFO, "ending", log_number("signal", number));
	loop_stop(service->loop);
}

/* A front-end that cuts its memory short has us touch pages that are gone. Nothing can be mended
 * then, and sockets that stay are replaced at the next start. */
static void memory_is_gone(int number)
{
	static const char text[] = "vsockd: the guest's memory is gone: the front-end cut the file "
				   "that it is in\nreason: memory_gone\n";

	(void)number;
	(void)!write(STDERR_FILENO, text, sizeof text - 1);
	_exit(EXIT_GONE);
}

/* The folder of a socket: what its path has before the last slash, and that slash. */
static void folder_of(char folder[PATH_MAX], const char *path)
{
	const char *slash = strrchr(path, '/');

	(void)snprintf(folder, PATH_MAX, "%.*s", slash == NULL ? 1 : (int)(slash - path) + 1,
		slash == NULL ? "." : path);
}

/* Unix sockets may be made, and memory mapped, until the end. Files of sockets are removed at the
 * end, which needs their folders. Root keeps its name, and none of its rights. */
static int confine_service(const struct settings *settings, struct fault *fault)
{
	static const char *const calls[] = {"openat", "unlinkat", NULL};
	char folder[PATH_MAX];
	const char *const writable[] = {folder, settings->folder, NULL};
	const struct confine_profile profile = {.name = "vsockd",
		.keep_user = true,
		.calls = CONFINE_UNIX,
		.more_calls = calls,
		.refusal = CONFINE_KILL,
		.files = CONFINE_FILES_WISHED,
		.writable = writable};
	struct confine_report report;

	folder_of(folder, settings->socket);
	if (confine(&profile, &report, fault) != 0)
		return -1;
	confine_log(&report);
	return 0;
}

static void tell_ready(const struct settings *settings)
{
	static const char line[] = "listening\n";

	LOG(LOG_INFO, "listening", log_string("socket", settings->socket),
		log_string("folder", settings->folder), log_number("cid", settings->cid));
	if (settings->ready < 0)
		return;
	(void)!write(settings->ready, line, sizeof line - 1);
	close(settings->ready);
}

/* Each connection has a descriptor: as many as are wanted, or as many as there may be. */
static void fit_descriptors(struct settings *settings)
{
	const rlim_t others = 64, wanted = others + 2 * (rlim_t)settings->connections;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur >= wanted)
		return;
	settings->connections =
		limit.rlim_cur > others + 2 ? (uint32_t)((limit.rlim_cur - others) / 2) : 1;
	LOG(LOG_WARNING, "the limit of descriptors allows fewer connections",
		log_number("connections", settings->connections));
}

static int serve(struct service *service, struct fault *fault)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, 0};
	int status = -1;

	service->signals.arrived = signalled;
	if (signals_start(&service->signals, service->loop, numbers, fault) != 0)
		return -1;
	if (front_open(&service->front, service->loop, service->settings, fault) == 0 &&
		confine_service(service->settings, fault) == 0) {
		tell_ready(service->settings);
		status = loop_run(service->loop, fault);
		if (status == 0)
			status = front_outcome(&service->front, fault);
	}
	front_close(&service->front);
	signals_stop(&service->signals);
	return status;
}

static int run(const struct settings *settings, struct fault *fault)
{
	struct service *service = calloc(1, sizeof *service);
	int status;

	if (service == NULL)
		return fault_set(fault, "memory", "no memory");
	service->settings = settings;
	status = loop_open(&service->loop, &clock_system, fault);
	if (status == 0)
		status = serve(service, fault);
	loop_close(service->loop);
	free(service);
	return status;
}

int main(int count, char **arguments)
{
	const struct sigaction gone = {.sa_handler = memory_is_gone};
	struct log_sink sink = {.program = "vsockd", .fd = 2};
	struct settings settings;
	struct fault fault;
	int status;

	signals_ignore_pipe();
	(void)sigaction(SIGBUS, &gone, NULL);
	machine_trace_setup(getenv("CLOISTER_TRACE"));
	switch (settings_read(&settings, count, arguments, &fault)) {
	case SETTINGS_DONE:
		return fflush(stdout) == 0 ? 0 : EXIT_GONE;
	case SETTINGS_FAILED:
		(void)fail(&fault);
		fputs("vsockd --help tells more.\n", stderr);
		return 2;
	case SETTINGS_RUN:
		break;
	}
	sink.form = settings.is_json ? LOG_JSON : LOG_AS_FITS;
	sink.level = settings.level;
	log_start(&sink);
	fit_descriptors(&settings);
	status = run(&settings, &fault);
	/* What libraries do at the end of a process is not in the filter of system calls. */
	_exit(status == 0 ? 0 : fail(&fault));
}
