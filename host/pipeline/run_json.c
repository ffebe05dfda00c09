/* run_json: `run --json`: what a command has said and how it ended, as one object. It is written
 * against the public interface of the library, runtime/channel/cloister.h, and nothing below it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/pipeline/output.h"
#include "host/pipeline/profile.h"
#include "host/pipeline/run_json.h"
#include "host/pipeline/where.h"
#include "runtime/channel/cloister.h"

#define SAID_MAX 16777216u /* bytes of both streams together */

struct said {
	char *texts[2]; /* of stream 1 and 2, terminated */
	size_t sizes[2], whole;
	const char *fault; /* why no more is taken; null: nothing */
};

static int take(void *data, int stream, const void *bytes, size_t size)
{
	struct said *said = data;
	char **text = &said->texts[stream - 1], *more;
	size_t *used = &said->sizes[stream - 1];

	said->fault = "it has said more than 16 MiB, which is too much for --json";
	if (size > SAID_MAX - said->whole)
		return -1;
	said->fault = "there is no memory for what it says";
	more = realloc(*text, *used + size + 1);
	if (more == NULL)
		return -1;
	said->fault = NULL;
	(void)memcpy(more + *used, bytes, size);
	*text = more;
	*used += size;
	said->whole += size;
	more[*used] = '\0';
	return 0;
}

/* Of a NUL inside a text JSON knows, and C does not: it is written \x00, as other bytes are. */
static json_t *json_of(const struct said *said, int which)
{
	const char *text = said->texts[which] != NULL ? said->texts[which] : "";
	size_t size = said->sizes[which];
	json_t *value = strlen(text) == size ? output_text(text) : json_stringn(text, size);
	char *escaped = NULL;
	size_t room = 0;
	FILE *file = value == NULL ? open_memstream(&escaped, &room) : NULL;

	if (file == NULL)
		return value;
	for (size_t at = 0; at < size; at += strlen(text + at) + 1) {
		if (at > 0)
			(void)fputs("\\x00", file);
		print_escaped(file, text + at);
	}
	if (size > 0 && text[size - 1] == '\0')
		(void)fputs("\\x00", file);
	if (fclose(file) == 0)
		value = json_string(escaped);
	free(escaped);
	return value;
}

static int set(struct cloister_options *library, const char *name, const char *value,
	struct cloister_error *error)
{
	return value == NULL || *value == '\0' ? 0 : cloister_set(library, name, value, error);
}

static int set_all(struct cloister_options *library, const struct options *options,
	const char *address, struct cloister_error *error)
{
	char seconds[16];

	(void)snprintf(seconds, sizeof seconds, "%u", options->seconds);
	if (set(library, "address", address, error) != 0 ||
		set(library, "vsock_dir", getenv("CLOISTER_VSOCK_DIR"), error) != 0 ||
		set(library, "policy", options->policy, error) != 0 ||
		set(library, "root", options->root, error) != 0 ||
		set(library, "key", options->key, error) != 0 ||
		set(library, "accept_unsigned", options->accepts_unsigned ? "true" : NULL, error) !=
			0 ||
		set(library, "accept_debug", options->accepts_debug ? "true" : NULL, error) != 0 ||
		set(library, "insecure_dev", options->is_insecure ? "true" : NULL, error) != 0)
		return -1;
	return options->seconds != 0 ? set(library, "timeout", seconds, error) : 0;
}

static int fail(struct failure *failure, const struct cloister_error *error)
{
	return fault_set(&failure->fault, error->word, "%s", error->text);
}

/* --- The session ------------------------------------------------------------------------------ */

static int open_session(
	struct cloister **session, const struct options *options, struct failure *failure)
{
	struct cloister_options *library = cloister_options_new();
	struct cloister_error error;
	struct options all = *options;
	struct profile profile;
	struct address address;
	char text[ADDRESS_TEXT_MAX];
	int status = -1;

	if (options_complete(&all, &profile, failure) == 0 &&
		where_address(&all, &profile, &address, failure) == 0) {
		address_print(&address, text);
		(void)snprintf(error.word, sizeof error.word, "memory");
		(void)snprintf(error.text, sizeof error.text, "no memory");
		if (library == NULL || set_all(library, &all, text, &error) != 0 ||
			cloister_connect(session, library, &error) != 0)
			(void)fail(failure, &error);
		else
			status = 0;
	}
	cloister_options_free(library);
	profile_close(&profile);
	if (status == 0 && !cloister_is_attested(*session))
		output_alarm("NOT ATTESTED: nobody knows who answers");
	return status;
}

static int run(struct cloister *session, const char *const *words, struct said *said, int *status,
	struct failure *failure)
{
	struct cloister_command *command = cloister_command_new(words);
	struct cloister_error error;
	int result;

	if (command == NULL)
		return fault_set(&failure->fault, "memory", "no memory");
	cloister_command_output(command, take, said);
	result = cloister_exec(session, command, status, &error);
	cloister_command_free(command);
	if (result == 0)
		return 0;
	if (*status == 126 || *status == 127)
		failure->exec_code = failure->other_code = *status;
	if (said->fault != NULL)
		return fault_set(&failure->fault, "limit", "%s", said->fault);
	return fail(failure, &error);
}

int run_json(const struct options *options, const char *text, struct failure *failure)
{
	const char *words[] = {"bash", "-c", "--", text, NULL};
	struct said said = {0};
	struct cloister *session = NULL;
	bool is_attested;
	int status = 125, result;

	if (open_session(&session, options, failure) != 0)
		return -1;
	is_attested = cloister_is_attested(session);
	result = run(session, words, &said, &status, failure);
	if (result != 0 && status == 127) { /* nothing ran: there is no bash */
		*failure = (struct failure){0};
		words[0] = "sh";
		result = run(session, words, &said, &status, failure);
	}
	cloister_close(session);
	if (result == 0)
		result = output_json(
			json_pack("{s:o, s:o, s:i, s:b}", "stdout", json_of(&said, 0), "stderr",
				json_of(&said, 1), "rc", status, "attested", is_attested),
			&failure->fault);
	free(said.texts[0]);
	free(said.texts[1]);
	return result == 0 ? status : -1;
}
