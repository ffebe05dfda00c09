/* supervisor_tell: what others learn of an enclave: its state file, and news. */
#include <stdio.h>
#include <string.h>

#include "host/enclave/supervisor_inside.h"
#include "runtime/kernel/log.h"

/* What nitro-cli calls the states, and how well the enclave is then. */
static const struct {
	const char *state, *health;
} shown[] = {
	[ENCLAVE_IN_CREATED] = {"EMPTY", "starting"},
	[ENCLAVE_IN_LISTENING] = {"EMPTY", "starting"},
	[ENCLAVE_IN_STARTING] = {"EMPTY", "starting"},
	[ENCLAVE_IN_BOOTING] = {"RUNNING", "booting"},
	[ENCLAVE_IN_RUNNING] = {"RUNNING", "running"},
	[ENCLAVE_IN_READY] = {"RUNNING", "ready"},
	[ENCLAVE_IN_UNREACHABLE] = {"RUNNING", "unreachable"},
	[ENCLAVE_IN_STOPPING] = {"TERMINATING", "stopping"},
	[ENCLAVE_IN_LEAVING] = {"TERMINATING", "stopping"},
	[ENCLAVE_IN_KILLING] = {"TERMINATING", "stopping"},
	[ENCLAVE_IN_ENDED] = {"EMPTY", "ended"},
	[ENCLAVE_IN_FAILED] = {"EMPTY", "failed"},
};

static const struct {
	const char *word, *text;
} reasons[] = {
	[ENCLAVE_REASON_NONE] = {"none", ""},
	[ENCLAVE_REASON_LISTEN] = {"listen", "the sockets for its heartbeat can't be bound"},
	[ENCLAVE_REASON_START] = {"start", "it could not be started"},
	[ENCLAVE_REASON_HEARTBEAT] = {"heartbeat", "it was not heard in time (--boot-timeout)"},
	[ENCLAVE_REASON_PANIC] = {"panic", "its kernel has panicked"},
	[ENCLAVE_REASON_EXITED] = {"exited", "it has ended unasked, without a farewell"},
	[ENCLAVE_REASON_LEFT] = {"left", "it has shut itself down because of a failure"},
	[ENCLAVE_REASON_STUCK] = {"stuck", "it was killed, and does not end"},
};

static const char *health_of(const struct enclave *machine)
{
	if (machine->cs == ENCLAVE_IN_READY && machine->down > 0)
		return "degraded";
	return shown[machine->cs].health;
}

json_t *supervisor_state(void *user)
{
	const struct supervisor *supervisor = user;

	return json_pack("{s:s, s:s}", "event", "state", "state", health_of(&supervisor->machine));
}

void supervisor_write_state(struct supervisor *supervisor)
{
	const char *state = shown[supervisor->machine.cs].state;
	json_t *ours = json_object_get(supervisor->facts, "Cloister");
	struct fault fault;

	(void)json_object_set_new(supervisor->facts, "State", json_string(state));
	(void)json_object_set_new(ours, "Health", json_string(health_of(&supervisor->machine)));
	(void)json_object_set_new(
		ours, "UnitsDown", json_integer((json_int_t)supervisor->machine.down));
	if (state_write_json(supervisor->state, "state.json", supervisor->facts, &fault) < 0)
		log_fault(LOG_WARNING, "the state can't be written", &fault);
}

void supervisor_tell_state(struct supervisor *supervisor)
{
	json_t *json = supervisor_state(supervisor);

	control_tell(&supervisor->control, json);
	json_decref(json);
}

void supervisor_tell(struct supervisor *supervisor, const char *event)
{
	json_t *json = json_pack("{s:s, s:s, s:I}", "event", event, "state",
		health_of(&supervisor->machine), "down", (json_int_t)supervisor->machine.down);

	LOG(LOG_INFO, "enclave", log_string("event", event));
	control_tell(&supervisor->control, json);
	json_decref(json);
}

/* Whole lines of what JSON takes: what comes are bytes. Returns how many are left. */
static size_t make_text(char *tail, size_t size)
{
	const char *cut = size == RECORDER_TAIL ? memchr(tail, '\n', size) : NULL;
	size_t put = 0;

	for (size_t i = cut != NULL ? (size_t)(cut - tail) + 1 : 0; i < size; i++)
		if (tail[i] == '\n' || (tail[i] >= ' ' && tail[i] != 127))
			tail[put++] = tail[i];
		else if (tail[i] != '\r')
			tail[put++] = ' ';
	return put;
}

void supervisor_tell_failed(struct supervisor *supervisor)
{
	const char *word = reasons[supervisor->machine.reason].word;
	char tail[RECORDER_TAIL], text[2 * FAULT_TEXT_MAX];
	size_t size = recorder_tail(&supervisor->recorder, tail);
	json_t *json;

	(void)snprintf(text, sizeof text, "%s%s%s", reasons[supervisor->machine.reason].text,
		supervisor->fault.word[0] != '\0' ? ": " : "", supervisor->fault.text);
	if (strcmp(word, "start") == 0 && supervisor->fault.word[0] != '\0')
		word = supervisor->fault.word;
	LOG(LOG_ERROR, "the enclave has failed", log_string("reason", word),
		log_string("text", text));
	size = make_text(tail, size);
	json = json_pack("{s:s, s:s, s:s, s:s, s:o*}", "event", "failed", "state", "failed",
		"reason", word, "text", text, "console", json_stringn(tail, size));
	control_tell(&supervisor->control, json);
	json_decref(json);
}
