/* nsmsim: a Nitro Secure Module in software, for enclaves that run in a sandbox (spec/nsm.md). */
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/nsmsim/clients.h"
#include "host/nsmsim/image.h"
#include "host/nsmsim/settings.h"
#include "runtime/kernel/confine.h"
#include "runtime/kernel/log.h"
#include "runtime/kernel/machine.h"
#include "runtime/kernel/signals.h"

/* Words of faults; all others are about a malformed image. */
static const struct {
	const char *word;
	int code;
} exit_codes[] = {
	{"usage", 2},
	{"input", 66},
	{"crypto", 70},
	{"profile", 70},
	{"kernel", 70},
	{"threads", 70},
	{"memory", 71},
	{"limit", 71},
	{"root", 73},
	{"in_use", 73},
	{"denied", 73},
	{"refused", 73},
	{"address", 73},
	{"output", 73},
	{"io", 74},
	{"changed", 74},
	{"crc", 76},
	{"signature", 76},
};
#define EXIT_MALFORMED 65

static int exit_code_of(const struct fault *fault)
{
	for (size_t i = 0; i < sizeof exit_codes / sizeof exit_codes[0]; i++)
		if (strcmp(exit_codes[i].word, fault->word) == 0)
			return exit_codes[i].code;
	return EXIT_MALFORMED;
}

static int fail(const struct fault *fault)
{
	fault_print(stderr, "nsmsim", fault);
	fprintf(stderr, "reason: %s\n", fault->word);
	return exit_code_of(fault);
}

struct service {
	const struct settings *settings;
	struct loop *loop;
	struct signals signals;
	struct module module;
	struct clients clients;
};

static int64_t now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_REALTIME, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* --- The module ------------------------------------------------------------------------------- */

/* The image is read and checked in debug mode too, but not measured then. */
static int open_bank(struct service *service, struct fault *fault)
{
	struct bank *bank = &service->module.bank;

	bank_open(bank);
	if (image_measure(bank, service->settings->image, fault) != 0)
		return -1;
	if (service->settings->is_debug)
		bank_open(bank);
	bank_lock_boot(bank);
	return 0;
}

/* The root's key is in memory only for as long as it signs the authority's certificate. */
static int open_issuer(struct service *service, struct fault *fault)
{
	char folder[PATH_MAX];
	struct root root;
	int status;

	if (root_folder(folder, service->settings->folder, fault) != 0 ||
		root_open(&root, folder, fault) != 0)
		return -1;
	status = issuer_open(
		&service->module.issuer, &root, service->module.id, now() / 1000, fault);
	root_close(&root);
	return status;
}

/* Has libcrypto load what it needs while files can still be opened. */
static int rehearse(struct service *service, struct fault *fault)
{
	static const uint8_t request[] = "\xa1\x6b"
					 "Attestation\xa0";
	size_t size = module_answer(
		&service->module, request, sizeof request - 1, service->clients.reply);

	return size > 256 ? 0 : fault_set(fault, "crypto", "libcrypto refuses to sign");
}

/* --- The service ------------------------------------------------------------------------------ */

static void signalled(struct signals *signals, int number, pid_t sender)
{
	struct service *service =
		(struct service *)((char *)signals - offsetof(struct service, signals));

	(void)sender;
	LOG(LOG_INFO, "ending", log_number("signal", number));
	loop_stop(service->loop);
}

/* Sockets that are there may be used, and the listening one accepts. Its file is removed at the
 * end, which needs the folder. Root keeps its name, and none of its rights. */
static int confine_service(const struct settings *settings, struct fault *fault)
{
	static const char *const calls[] = {
		"accept4", "recvfrom", "sendto", "unlinkat", "getsockopt", NULL};
	char folder[PATH_MAX];
	const char *const writable[] = {folder, NULL};
	const char *slash = strrchr(settings->socket, '/');
	const struct confine_profile profile = {.name = "nsmsim",
		.keep_user = true,
		.more_calls = calls,
		.refusal = CONFINE_KILL,
		.files = CONFINE_FILES_WISHED,
		.writable = writable};
	struct confine_report report;

	(void)snprintf(folder, sizeof folder, "%.*s",
		slash == NULL ? 1 : (int)(slash - settings->socket) + 1,
		slash == NULL ? "." : settings->socket);
	if (confine(&profile, &report, fault) != 0)
		return -1;
	confine_log(&report);
	return 0;
}

static void tell_ready(const struct service *service)
{
	static const char line[] = "listening\n";
	const struct settings *settings = service->settings;

	LOG(LOG_INFO, "listening", log_string("socket", settings->socket),
		log_string("module", service->module.id), log_boolean("debug", settings->is_debug));
	if (settings->ready < 0)
		return;
	(void)!write(settings->ready, line, sizeof line - 1);
	close(settings->ready);
}

static int serve(struct service *service, struct fault *fault)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, 0};
	const struct settings *settings = service->settings;
	int status = -1;

	service->signals.arrived = signalled;
	if (signals_start(&service->signals, service->loop, numbers, fault) != 0 ||
		clients_open(&service->clients, service->loop, &service->module, settings->socket,
			fault) != 0)
		return -1;
	if (confine_service(settings, fault) == 0) {
		tell_ready(service);
		status = loop_run(service->loop, fault);
	}
	clients_close(&service->clients);
	signals_stop(&service->signals);
	return status;
}

static int run(struct service *service, struct fault *fault)
{
	service->module.id = service->settings->module_id;
	service->module.now = now;
	if (open_bank(service, fault) != 0 || open_issuer(service, fault) != 0 ||
		rehearse(service, fault) != 0 ||
		loop_open(&service->loop, &clock_system, fault) != 0)
		return -1;
	return serve(service, fault);
}

static int run_service(const struct settings *settings, struct fault *fault)
{
	struct service *service = calloc(1, sizeof *service);
	int status;

	if (service == NULL)
		return fault_set(fault, "memory", "no memory");
	service->settings = settings;
	status = run(service, fault);
	loop_close(service->loop);
	issuer_close(&service->module.issuer);
	free(service);
	return status;
}

static int print_root(const struct settings *settings, struct fault *fault)
{
	char folder[PATH_MAX], path[PATH_MAX];
	struct root root;

	if (root_folder(folder, settings->folder, fault) != 0 ||
		root_path(path, folder, fault) != 0 || root_open(&root, folder, fault) != 0)
		return -1;
	root_close(&root);
	puts(path);
	return fflush(stdout) == 0 ? 0 : fault_set(fault, "io", "the output can't be written");
}

int main(int count, char **arguments)
{
	struct log_sink sink = {.program = "nsmsim", .fd = 2, .level = LOG_INFO};
	struct settings settings;
	struct fault fault;
	int status;

	signals_ignore_pipe();
	machine_trace_setup(getenv("CLOISTER_TRACE"));
	switch (settings_read(&settings, count, arguments, &fault)) {
	case SETTINGS_DONE:
		return fflush(stdout) == 0 ? 0 : 74;
	case SETTINGS_FAILED:
		(void)fail(&fault);
		fputs("nsmsim --help tells more.\n", stderr);
		return 2;
	case SETTINGS_RUN:
		break;
	}
	sink.form = settings.is_json ? LOG_JSON : LOG_AS_FITS;
	log_start(&sink);
	status = settings.wants_root ? print_root(&settings, &fault)
				     : run_service(&settings, &fault);
	/* What libraries do at the end of a process is not in the filter of system calls. */
	_exit(status == 0 ? 0 : fail(&fault));
}
