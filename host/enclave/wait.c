/* wait: the verb that returns when an enclave has come to be something. */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/enclave/client.h"
#include "host/enclave/control.h"
#include "host/enclave/verbs.h"
#include "runtime/kernel/clock.h"

static const char help[] =
	"usage: enclave wait --name NAME | --id ID [--ready | --healthy | --gone]\n"
	"\n"
	"Returns when the enclave is so; 75 when it has ended before, or the time is up.\n"
	"\n"
	"  --name, --enclave-name NAME   which\n"
	"  --id, --enclave-id ID         which\n"
	"  --ready                       its units were up once; so by default\n"
	"  --healthy                     all its units are up, and it answers\n"
	"  --gone                        nothing of it is left, whether it was there or not\n"
	"  --timeout SECONDS             give up after that, with the reason `late`\n";

static bool is_reached(const struct choice *choice, const json_t *json)
{
	const char *state = json_string_value(json_object_get(json, "state"));

	if (choice->gone || state == NULL)
		return false;
	return strcmp(state, "ready") == 0 || (strcmp(state, "degraded") == 0 && !choice->healthy);
}

static int await(const struct choice *choice, int fd, struct fault *fault)
{
	uint64_t until = UINT64_MAX;
	struct timespec now;
	json_t *json;
	int got, status = 0;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	if (choice->seconds != 0)
		until = ((uint64_t)now.tv_sec + choice->seconds) * CLOCK_SECOND +
			(uint64_t)now.tv_nsec;
	while (status == 0 && (got = client_line_until(fd, until, &json, fault)) > 0) {
		if (is_reached(choice, json))
			status = 1;
		else if (strcmp(client_event(json), "failed") == 0 && !choice->gone)
			status = client_failed(json, fault);
		json_decref(json);
	}
	if (status != 0)
		return status < 0 ? -1 : 0;
	if (got < 0)
		return strcmp(fault->word, "late") != 0
			       ? -1
			       : fault_set(fault, "late", "it did not come to that in %u seconds",
					 choice->seconds);
	return choice->gone ? 0 : fault_set(fault, "ended", "the enclave has ended");
}

int verb_wait(int count, char **arguments, struct fault *fault)
{
	char folder[PATH_MAX] = "";
	struct choice choice;
	json_t *enclave = NULL;
	int status = choice_read(&choice, "wait", help, "w", count, arguments, fault), fd;

	if (status != 0)
		return status;
	if (choice.gone && choice.healthy)
		return fault_set(fault, "usage", "wait: --gone and --healthy exclude each other");
	status = choice_find(&choice, "wait", folder, &enclave, fault);
	json_decref(enclave);
	fd = status < 0 ? -1 : client_open(folder, CONTROL_WAIT, fault);
	if (fd < 0) /* or it has ended just now */
		return choice.gone && (strcmp(fault->word, "not_found") == 0 ||
					      strcmp(fault->word, "refused") == 0)
			       ? 0
			       : -1;
	status = await(&choice, fd, fault);
	close(fd);
	return status;
}
