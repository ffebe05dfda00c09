/* end: the verbs that go to a running enclave: `terminate` and `console`. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/enclave/client.h"
#include "host/enclave/control.h"
#include "host/enclave/state.h"
#include "host/enclave/verbs.h"

static const char terminate_help[] =
	"usage: enclave terminate --name NAME | --id ID | --all\n"
	"\n"
	"Asks the enclave's init to shut down, kills it when it does not in time, and returns\n"
	"when nothing of it is left. Prints what nitro-cli prints.\n"
	"\n"
	"  --name, --enclave-name NAME   which\n"
	"  --id, --enclave-id ID         which\n"
	"  --all                         every one of this user\n"
	"  --json                        accepted; the output is always JSON\n";

static const char console_help[] =
	"usage: enclave console --name NAME | --id ID\n"
	"\n"
	"Shows what the enclave has said, and says, on its console; what is typed goes there.\n"
	"Only of enclaves that were started with --debug-mode. Ends with the enclave.\n"
	"\n"
	"  --name, --enclave-name NAME      which\n"
	"  --id, --enclave-id ID            which\n"
	"  --disconnect-timeout SECONDS     accepted, as nitro-cli's\n";

/* Ends when the supervisor has: then nothing of the enclave is left. */
static int await_end(int fd, struct fault *fault)
{
	json_t *json;
	int got, status = 0;

	while ((got = client_line(fd, &json, fault)) > 0) {
		/* It had to be killed, or has failed meanwhile: it is gone all the same. */
		if (strcmp(client_event(json), "failed") == 0)
			status = client_failed(json, fault);
		if (strcmp(client_event(json), "refused") == 0)
			status = client_failed(json, fault);
		json_decref(json);
	}
	return got < 0 ? -1 : status;
}

static json_t *pack_terminated(const json_t *enclave)
{
	return json_pack("{s:O, s:O, s:b}", "EnclaveName", json_object_get(enclave, "EnclaveName"),
		"EnclaveID", json_object_get(enclave, "EnclaveID"), "Terminated", 1);
}

static int terminate(const char *folder, const json_t *enclave, struct fault *fault)
{
	int fd = client_open(folder, CONTROL_TERMINATE, fault), status;
	json_t *json;

	if (fd < 0)
		return -1;
	status = await_end(fd, fault);
	close(fd);
	if (status < 0)
		return -1;
	json = pack_terminated(enclave);
	status = print_json(json, fault);
	json_decref(json);
	return status;
}

struct every {
	unsigned count;
	char folders[1024][PATH_MAX];
	json_t *enclaves[1024];
};

static int note(void *data, const char *name, const char *folder, json_t *json)
{
	struct every *every = data;

	(void)name;
	if (every->count == sizeof every->folders / sizeof *every->folders)
		return 0;
	memcpy(every->folders[every->count], folder, strlen(folder) + 1);
	every->enclaves[every->count++] = json_incref(json);
	return 0;
}

static int terminate_all(struct fault *fault)
{
	static struct every every;
	int status = state_each(note, &every, fault);

	for (unsigned i = 0; i < every.count; i++) {
		if (terminate(every.folders[i], every.enclaves[i], fault) < 0)
			status = -1;
		json_decref(every.enclaves[i]);
	}
	return status;
}

int verb_terminate(int count, char **arguments, struct fault *fault)
{
	char folder[PATH_MAX] = "";
	struct choice choice;
	json_t *enclave = NULL;
	int status =
		choice_read(&choice, "terminate", terminate_help, "a", count, arguments, fault);

	if (status != 0)
		return status;
	if (choice.all)
		return terminate_all(fault);
	if (choice_find(&choice, "terminate", folder, &enclave, fault) < 0)
		return -1;
	status = terminate(folder, enclave, fault);
	json_decref(enclave);
	return status;
}

static int console(const char *folder, struct fault *fault)
{
	int fd = client_open(folder, CONTROL_CONSOLE, fault), status;
	json_t *json = NULL;

	if (fd < 0)
		return -1;
	status = client_line(fd, &json, fault);
	if (status == 0)
		status = fault_set(fault, "ended", "the enclave has just ended");
	if (status > 0)
		status = strcmp(client_event(json), "console") == 0 ? client_console(fd, fault)
								    : client_failed(json, fault);
	json_decref(json);
	close(fd);
	return status;
}

int verb_console(int count, char **arguments, struct fault *fault)
{
	char folder[PATH_MAX] = "";
	struct choice choice;
	json_t *enclave = NULL;
	int status = choice_read(&choice, "console", console_help, "d", count, arguments, fault);

	if (status != 0)
		return status;
	if (choice_find(&choice, "console", folder, &enclave, fault) < 0)
		return -1;
	json_decref(enclave);
	return console(folder, fault);
}
