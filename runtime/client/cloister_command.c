/* cloister_command: the commands of libcloister. See runtime/channel/cloister.h.
 *
 * Nothing grows: input is asked for when what came before it was sent, and output is handed on in
 * the call that brings it.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/channel/reason.h"
#include "runtime/client/cloister_inside.h"

#define INPUT_SIZE  65536u
#define STATUS_LOST 125
#define NAME_SHOWN  200u

struct cloister_command {
	struct cloister *session; /* null: not started */
	struct request request;
	struct field_writer fields;
	enum slc_type type; /* SLC_EXEC, SLC_FORWARD */
	bool is_done;
	char name[ADDRESS_TEXT_MAX]; /* words[0] or the target, for texts */

	cloister_input *input; /* null: what waits here is all */
	void *input_data;
	const uint8_t *waiting; /* input that was not sent yet */
	size_t left;
	uint8_t *buffer; /* what the input was read into */

	cloister_output_to *output;
	void *output_data;
};

/* --- Before it runs --------------------------------------------------------------------------- */

/* Makes room for a field, and puts it. False: there is no memory. */
static bool put(struct cloister_command *command, uint32_t tag, const void *value, size_t size)
{
	struct field_writer *fields = &command->fields;
	uint8_t *bytes = realloc(fields->bytes, fields->size + SLC_FIELD_SIZE + size);

	if (bytes == NULL)
		return false;
	fields->bytes = bytes;
	fields->size += SLC_FIELD_SIZE + size;
	field_put(fields, tag, value, size);
	return true;
}

struct cloister_command *cloister_command_new(const char *const *words)
{
	struct cloister_command *command = calloc(1, sizeof *command);
	bool is_well = command != NULL;

	for (const char *const *word = words; is_well && *word != NULL; word++)
		is_well = put(command, SLC_ARGUMENT, *word, strlen(*word));
	if (!is_well) {
		cloister_command_free(command);
		return NULL;
	}
	command->type = SLC_EXEC;
	if (words[0] != NULL)
		(void)strncpy(command->name, words[0], NAME_SHOWN);
	return command;
}

struct cloister_command *cloister_forward_new(const char *target, struct cloister_error *error)
{
	struct cloister_command *command = calloc(1, sizeof *command);
	struct address address;
	struct fault fault;

	fault_set(&fault, "memory", "there is no memory for a connection");
	if (command != NULL && address_parse(target, &address, &fault) == 0) {
		address_print(&address, command->name);
		command->type = SLC_FORWARD;
		if (put(command, SLC_TARGET, command->name, strlen(command->name)))
			return command;
	}
	cloister_command_free(command);
	(void)client_fail(error, &fault);
	return NULL;
}

static int set(
	struct cloister_command *command, const char *name, const char *value, struct fault *fault)
{
	static const struct {
		const char *name;
		enum slc_tag tag;
	} rows[] = {
		{"environment", SLC_ENVIRONMENT}, {"directory", SLC_DIRECTORY}, {"user", SLC_USER}};

	if (command->session != NULL || command->type != SLC_EXEC)
		return fault_set(fault, "usage", "that is no command, or it was started");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(rows[i].name, name) == 0)
			return put(command, rows[i].tag, value, strlen(value))
				       ? 0
				       : fault_set(fault, "memory", "there is no memory for %s",
						 name);
	return fault_set(fault, "usage", "there is no option %.100s of commands", name);
}

int cloister_command_set(struct cloister_command *command, const char *name, const char *value,
	struct cloister_error *error)
{
	struct fault fault;

	return set(command, name, value, &fault) == 0 ? 0 : client_fail(error, &fault);
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

/* Of a connection each direction has its end. */
static void end(struct channel *channel, enum slc_stream stream)
{
	const struct cloister_command *command = channel_owner(channel);

	if (command->type == SLC_FORWARD && stream == SLC_OUTPUT && command->output != NULL)
		(void)command->output(command->output_data, 1, NULL, 0);
}

static const struct channel_events events = {
	.accepted = go_on,
	.data = data,
	.end = end,
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
	if (request_open(&command->request, &session->connection, &events, command, command->type,
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
		return failure_reason(failure, request->reason, "%.200s was %s: %s", command->name,
			request->outcome == CHANNEL_REFUSED ? "refused" : "given up", why);
	if (request->status > 255)
		return failure_reason(failure, SLC_REASON_PROTOCOL, "%u is no status of a command",
			request->status);
	*status = (int)request->status;
	if (request->reason != SLC_REASON_NONE)
		return failure_reason(failure, request->reason, "%.200s: %s", command->name, why);
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
