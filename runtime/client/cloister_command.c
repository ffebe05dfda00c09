/* cloister_command: the commands of libcloister. See runtime/channel/cloister.h.
 *
 * Nothing grows: input is asked for when what came before it was sent, and output is handed on in
 * the call that brings it.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/channel/reason.h"
#include "runtime/client/cloister_inside.h"

#define FIELD_HEADER 6u
#define INPUT_SIZE   65536u
#define STATUS_LOST  125
#define NAME_SHOWN   200u

struct cloister_command {
	struct cloister *session; /* null: not started */
	struct request request;
	struct field_writer fields;
	bool is_done;
	char name[NAME_SHOWN + 1]; /* words[0], for texts */

	cloister_input *input; /* null: what waits here is all */
	void *input_data;
	const uint8_t *waiting; /* input that was not sent yet */
	size_t left;
	uint8_t *buffer; /* what the input was read into */

	cloister_output_to *output;
	void *output_data;
};

/* --- Before it runs --------------------------------------------------------------------------- */

static bool write_words(struct cloister_command *command, const char *const *words)
{
	uint8_t *bytes;
	size_t size = 0;

	for (const char *const *word = words; *word != NULL; word++)
		size += FIELD_HEADER + strlen(*word);
	bytes = malloc(size + 1);
	if (bytes == NULL)
		return false;
	command->fields = field_writer_of(bytes, size + 1);
	for (const char *const *word = words; *word != NULL; word++)
		field_put_text(&command->fields, SLC_ARGUMENT, *word);
	return true;
}

struct cloister_command *cloister_command_new(const char *const *words)
{
	struct cloister_command *command = calloc(1, sizeof *command);

	if (command == NULL || !write_words(command, words)) {
		free(command);
		return NULL;
	}
	if (words[0] != NULL)
		(void)strncpy(command->name, words[0], NAME_SHOWN);
	return command;
}

void cloister_command_free(struct cloister_command *command)
{
	if (command == NULL)
		return;
	request_abort(&command->request, SLC_REASON_CANCELLED, NULL);
	free(command->fields.bytes);
	free(command->buffer);
	free(command);
}

void cloister_command_input(struct cloister_command *command, cloister_input *function, void *data)
{
	command->input = function;
	command->input_data = data;
}

void cloister_command_input_bytes(struct cloister_command *command, const void *bytes, size_t size)
{
	command->input = NULL;
	command->waiting = bytes;
	command->left = size;
}

void cloister_command_output(
	struct cloister_command *command, cloister_output_to *function, void *data)
{
	command->output = function;
	command->output_data = data;
}

/* --- While it runs ---------------------------------------------------------------------------- */

/* False: there is nothing now. At the end nothing is left and there is nobody to ask. */
static bool more_input(struct cloister_command *command)
{
	size_t got;

	if (command->left > 0 || command->input == NULL)
		return true;
	got = command->input(command->input_data, command->buffer, INPUT_SIZE);
	if (got == CLOISTER_LATER)
		return false;
	command->waiting = command->buffer;
	command->left = got <= INPUT_SIZE ? got : INPUT_SIZE;
	if (got == 0)
		command->input = NULL;
	return true;
}

static void send_input(struct cloister_command *command)
{
	while (command->request.channel != NULL && more_input(command)) {
		size_t sent;

		if (command->request.channel == NULL)
			return; /* the callback has cancelled it */
		if (command->left == 0) {
			channel_finish(command->request.channel, SLC_INPUT);
			return;
		}
		sent = channel_send(
			command->request.channel, SLC_INPUT, command->waiting, command->left);
		command->waiting += sent;
		command->left -= sent;
		if (command->left > 0)
			return; /* until there is room */
	}
}

static void go_on(struct channel *channel)
{
	send_input(channel_owner(channel));
}

static void data(struct channel *channel, enum slc_stream stream, const uint8_t *bytes, size_t size)
{
	struct cloister_command *command = channel_owner(channel);
	int answer = 0;

	if (command->output != NULL)
		answer = command->output(
			command->output_data, stream == SLC_ERROR ? 2 : 1, bytes, size);
	if (command->request.channel == NULL)
		return; /* the callback has cancelled it */
	channel_consumed(channel, size);
	if (answer != 0)
		request_abort(&command->request, SLC_REASON_CANCELLED, NULL);
}

static void status(struct channel *channel, uint32_t status, const uint8_t *fields, size_t size)
{
	struct cloister_command *command = channel_owner(channel);

	request_status(&command->request, status, fields, size);
}

static void ended(
	struct channel *channel, enum channel_outcome outcome, uint32_t reason, const char *text)
{
	struct cloister_command *command = channel_owner(channel);

	request_ended(&command->request, outcome, reason, text);
	command->is_done = true;
}

static const struct channel_events events = {
	.accepted = go_on,
	.data = data,
	.status = status,
	.writable = go_on,
	.ended = ended,
};

static int start(
	struct cloister *session, struct cloister_command *command, struct failure *failure)
{
	if (command->session != NULL)
		return fault_set(&failure->fault, "usage", "a command is started once");
	if (command->fields.used == 0)
		return fault_set(&failure->fault, "usage", "a command has a word at least");
	if (command->input != NULL && (command->buffer = malloc(INPUT_SIZE)) == NULL)
		return fault_set(&failure->fault, "memory", "there is no memory for its input");
	if (request_open(&command->request, &session->connection, &events, command, SLC_EXEC,
		    &command->fields, failure) != 0) {
		free(command->buffer);
		command->buffer = NULL;
		return -1;
	}
	command->session = session;
	return 0;
}

int cloister_start(
	struct cloister *session, struct cloister_command *command, struct cloister_error *error)
{
	struct failure failure;

	if (start(session, command, &failure) != 0)
		return client_fail(error, &failure.fault);
	return 0;
}

void cloister_signal(struct cloister_command *command, int number)
{
	uint32_t value = (uint32_t)number;

	if (command->request.channel != NULL)
		(void)channel_message(command->request.channel, SLC_SIGNAL, &value, 1);
}

void cloister_resume(struct cloister_command *command)
{
	send_input(command);
}

void cloister_cancel(struct cloister_command *command)
{
	request_abort(&command->request, SLC_REASON_CANCELLED, NULL);
}

/* --- When it has run -------------------------------------------------------------------------- */

bool cloister_is_done(const struct cloister_command *command)
{
	return command->is_done;
}

static int conclude(const struct cloister_command *command, int *status, struct failure *failure)
{
	const struct request *request = &command->request;
	const char *why = request->text;

	*status = STATUS_LOST;
	if (!command->is_done)
		return fault_set(&failure->fault, "usage", "the command is not done");
	if (!request->is_done && request->outcome == CHANNEL_LOST)
		return connection_failure(&command->session->connection, failure);
	if (*why == '\0')
		why = slc_reason_word(request->reason);
	if (!request->is_done)
		return failure_reason(failure, request->reason, "%s was %s: %s", command->name,
			request->outcome == CHANNEL_REFUSED ? "refused" : "given up", why);
	if (request->status > 255)
		return failure_reason(failure, SLC_REASON_PROTOCOL, "%u is no status of a command",
			request->status);
	*status = (int)request->status;
	if (request->reason != SLC_REASON_NONE)
		return failure_reason(failure, request->reason, "%s: %s", command->name, why);
	return 0;
}

int cloister_outcome(
	const struct cloister_command *command, int *status, struct cloister_error *error)
{
	struct failure failure;

	if (conclude(command, status, &failure) != 0)
		return client_fail(error, &failure.fault);
	return 0;
}

int cloister_exec(struct cloister *session, struct cloister_command *command, int *status,
	struct cloister_error *error)
{
	struct failure failure;

	*status = STATUS_LOST;
	if (!session->has_socket)
		(void)fault_set(&failure.fault, "usage", "this session moves no bytes of its own");
	else if (start(session, command, &failure) == 0) {
		while (!command->is_done)
			if (connection_turn(&session->connection, &failure) != 0)
				return client_fail(error, &failure.fault);
		return cloister_outcome(command, status, error);
	}
	return client_fail(error, &failure.fault);
}
