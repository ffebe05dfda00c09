/* run: the verb that starts an enclave: checks the image, takes a name and a CID, leaves a
 * supervisor behind, and waits until it has news. */
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/enclave/backend.h"
#include "host/enclave/client.h"
#include "host/enclave/size.h"
#include "host/enclave/supervisor.h"
#include "host/enclave/verbs.h"

/* What nitro-cli prints, in its order, from the state file that the supervisor has written. */
static int print_started(const char *name, struct fault *fault)
{
	static const char *const keys[] = {"EnclaveName", "EnclaveID", "ProcessID", "EnclaveCID",
		"NumberOfCPUs", "CPUIDs", "MemoryMiB"};
	char folder[PATH_MAX];
	json_t *all, *some = json_object();
	int status;

	if (state_find(name, NULL, folder, &all, fault) < 0) {
		json_decref(some);
		return -1;
	}
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		(void)json_object_set(some, keys[i], json_object_get(all, keys[i]));
	status = print_json(some, fault);
	json_decref(all);
	json_decref(some);
	return status;
}

/* For people, who else would see nothing until the end. */
static void show_progress(const struct settings *settings, const json_t *json)
{
	const char *state = json_string_value(json_object_get(json, "state"));

	if (isatty(STDERR_FILENO) && state != NULL)
		fprintf(stderr, "%s: %s\n", settings->name, state);
}

/* Returns 1 when what was waited for has happened, 0 to go on, -1. */
static int heed(const struct settings *settings, const json_t *json, struct fault *fault)
{
	const char *event = client_event(json);

	if (strcmp(event, "state") == 0)
		show_progress(settings, json);
	if (strcmp(event, "failed") == 0)
		return client_failed(json, fault);
	if (strcmp(event, "ended") == 0)
		return fault_set(fault, "ended", "the enclave has ended before it was %s",
			settings->wait_ready ? "ready" : "heard");
	if (strcmp(event, "late") == 0 && settings->wait_ready)
		return fault_set(fault, "late",
			"the enclave runs, but was not ready in %u seconds (--ready-timeout)",
			settings->ready_seconds);
	return strcmp(event, "ready") == 0 ||
	       (strcmp(event, "running") == 0 && !settings->wait_ready);
}

/* Reads to the end after a failure: then nothing is left of the enclave. */
static void await_end(int told)
{
	struct fault ignored;
	json_t *json;

	while (client_line(told, &json, &ignored) > 0)
		json_decref(json);
}

static int await(const struct settings *settings, int told, struct fault *fault)
{
	json_t *json;
	int got, status = 0;

	while (status == 0 && (got = client_line(told, &json, fault)) != 0) {
		if (got < 0)
			return -1;
		status = heed(settings, json, fault);
		json_decref(json);
	}
	if (status == 0)
		return fault_set(fault, "supervisor",
			"the enclave's supervisor has died; `enclave list` removes what it left");
	if (status < 0 && strcmp(fault->word, "late") != 0)
		await_end(told);
	return status < 0 ? -1 : 0;
}

/* In nitro-cli's form: an instance, which is none here, and an enclave of it. */
static void choose_id(struct settings *settings)
{
	uint64_t number = 0;

	(void)!getrandom(&number, sizeof number, 0);
	(void)snprintf(settings->id, sizeof settings->id, "i-0000000000000000-enc%015llx",
		(unsigned long long)(number >> 4));
}

static int attach(const char *name, struct fault *fault)
{
	char *arguments[] = {(char[]){"console"}, (char *)(uintptr_t)name, NULL};

	return verb_console(2, arguments, fault);
}

static int start(const struct settings *settings, const struct judged *judged, struct state *state,
	struct fault *fault)
{
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return fault_io(fault, errno, "cannot make a pair of sockets");
	pid = fork();
	if (pid < 0)
		return fault_io(fault, errno, "cannot start the enclave's supervisor");
	if (pid == 0) {
		close(ends[0]);
		supervisor_run(settings, judged, state, ends[1]);
		_exit(0);
	}
	close(ends[1]);
	/* From here on the lock is the supervisor's alone. */
	close(state->lock);
	if (await(settings, ends[0], fault) < 0)
		return -1;
	close(ends[0]);
	if (print_started(settings->name, fault) < 0)
		return -1;
	return settings->attach ? attach(settings->name, fault) : 0;
}

static void warn(const struct settings *settings)
{
	if (settings->debug && settings->backend->debug != NULL)
		fprintf(stderr, "enclave: warning: --debug-mode: %s\n", settings->backend->debug);
}

int verb_run(int count, char **arguments, struct fault *fault)
{
	struct settings settings;
	struct judged judged;
	struct state state;
	int status = settings_read(&settings, count, arguments, fault);

	if (status != SETTINGS_RUN)
		return status;
	status = judge_open(&judged, settings.image, fault);
	if (status == 0)
		status = size_choose(&settings, &judged.image, fault);
	if (status == 0) {
		choose_id(&settings);
		warn(&settings);
		status = state_claim(&state, &settings, fault);
	}
	if (status == 0)
		status = start(&settings, &judged, &state, fault);
	judge_close(&judged);
	return status;
}
