/* permit: the verb that reads a file of authorized keys as the enclave does, and says what each key
 * may do, or whether one may do something. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/pipeline/permit_show.h"
#include "host/pipeline/verbs.h"
#include "runtime/kernel/time_text.h"
#include "runtime/net/address.h"

#define EXIT_MALFORMED 65
#define EXIT_DENIED    77

static const char help[] =
	"usage: pipeline permit FILE\n"
	"       pipeline permit [--at TIME] [--user NAME] FILE KEY VERB [ARGUMENT...]\n"
	"\n"
	"Reads a file of authorized keys as an enclave does that has it, and says what each\n"
	"key may do; or whether KEY, a name or a file with a public key, may do this:\n"
	"\n"
	"  exec COMMAND [ARGUMENT...]   put PATH   get PATH   attest   control\n"
	"  forward TARGET   listen ADDRESS\n"
	"\n"
	"  --at TIME     at this time, 2027-01-31T12:00:00Z, and not now\n"
	"  --user NAME   exec as this user\n"
	"  --json        of a file, its keys; of a request {\"allowed\", \"reason\", \"key\"}\n"
	"\n"
	"Ends with 0 when it is allowed, 77 when it is not, 65 when the file has a mistake.\n";

struct question {
	const char *user;
	bool has_time;
	int64_t now;
	struct address target;
	char target_text[ADDRESS_TEXT_MAX];
};

/* --- The request ------------------------------------------------------------------------------ */

/* By its name, or by its public half. */
static const struct authorized_key *key_named(const struct authorized *authorized, const char *name)
{
	struct key_public public;
	struct fault unused;

	for (uint32_t i = 0; i < authorized->count; i++)
		if (strcmp(authorized->keys[i].name, name) == 0)
			return &authorized->keys[i];
	if (key_public_file(&public, name, &unused) != 0)
		return NULL;
	return authorized_find(authorized, public.spki, public.size);
}

static int need_arguments(const char *verb, int count, int least, int most, struct fault *fault)
{
	if (least <= count && count <= most)
		return 0;
	return fault_set(fault, "usage", "permit: %s wants %s", verb,
		most == 0   ? "nothing behind it"
		: most == 1 ? "one argument"
			    : "a command");
}

static int fill(struct question *question, struct authorized_request *request, int count,
	char **arguments, struct fault *fault)
{
	const char *verb = arguments[0];
	const bool is_exec = request->type == SLC_EXEC;
	const bool is_bare = request->type == SLC_ATTEST || request->type == SLC_CONTROL;

	if (need_arguments(verb, count - 1, is_bare ? 0 : 1,
		    is_exec   ? count
		    : is_bare ? 0
			      : 1,
		    fault) != 0)
		return -1;
	if (is_exec) {
		request->arguments = (const char *const *)(arguments + 1);
		request->user = question->user;
	} else if (request->type == SLC_FORWARD || request->type == SLC_LISTEN) {
		if (address_parse(arguments[1], &question->target, fault) != 0)
			return -1;
		address_print(&question->target, question->target_text);
		request->target = question->target_text;
	} else if (!is_bare) {
		request->path = arguments[1];
		request->path_size = strlen(arguments[1]);
	}
	return 0;
}

/* Where one may listen is of the verb forward, and asked for by itself. */
static enum slc_type type_named(const char *verb)
{
	return strcmp(verb, "listen") == 0 ? SLC_LISTEN : authorized_type(verb);
}

static int answer(struct question *question, const struct authorized *authorized, int count,
	char **arguments, const struct options *options, struct failure *failure)
{
	struct authorized_request request = {.type = type_named(arguments[1])};
	const struct authorized_key *key = key_named(authorized, arguments[0]);
	enum permit permit;

	if (request.type == 0)
		return fault_set(&failure->fault, "usage",
			"permit: a verb is exec, put, get, attest, forward, listen or control");
	if (fill(question, &request, count - 1, arguments + 1, &failure->fault) != 0)
		return -1;
	permit = authorized_permits(authorized, key, &request, question->now);
	if (permit_show_answer(permit, key, options, &failure->fault) != 0)
		return -1;
	if (permit == PERMIT_ALLOWED)
		return 0;
	failure->other_code = EXIT_DENIED;
	return fault_set(
		&failure->fault, permit_word(permit), "%s: %s", arguments[0], permit_text(permit));
}

/* --- The command line ------------------------------------------------------------------------- */

enum { AT = OPTION_HELP + 1, USER };

static int take(struct question *question, int code, char **arguments, struct options *options,
	struct failure *failure)
{
	switch (code) {
	case AT:
		question->has_time = true;
		if (time_of_text(optarg, &question->now) == 0)
			return 0;
		return fault_set(&failure->fault, "usage",
			"--at wants a time of the form 2027-01-31T12:00:00Z, and not %.40s",
			optarg);
	case USER:
		question->user = optarg;
		return 0;
	default:
		return options_take(options, code, "permit", arguments, failure);
	}
}

static int run(struct question *question, int count, char **arguments,
	const struct options *options, struct failure *failure)
{
	struct authorized *authorized = calloc(1, sizeof *authorized);
	int status;

	if (authorized == NULL)
		return fault_set(&failure->fault, "memory", "no memory");
	status = authorized_file(authorized, arguments[0], &failure->fault);
	if (status != 0 && strcmp(failure->fault.word, "not_found") != 0 &&
		strcmp(failure->fault.word, "input") != 0)
		failure->other_code = EXIT_MALFORMED;
	if (status == 0)
		status = count == 1 ? permit_show_file(authorized, options, &failure->fault)
				    : answer(question, authorized, count - 1, arguments + 1,
					      options, failure);
	free(authorized);
	return status;
}

int verb_permit(struct options *options, int count, char **arguments, struct failure *failure)
{
	static const struct option table[] = {OPTIONS_COMMON, {"at", required_argument, NULL, AT},
		{"user", required_argument, NULL, USER}, {0}};
	struct question question = {.now = (int64_t)time(NULL)};
	int code;

	while ((code = getopt_long(count, arguments, "+", table, NULL)) != -1) {
		if (code == OPTION_HELP) {
			fputs(help, stdout);
			return 0;
		}
		if (take(&question, code, arguments, options, failure) != 0)
			return -1;
	}
	if (count - optind != 1 && count - optind < 3)
		return fault_set(&failure->fault, "usage",
			"permit wants a file, and perhaps a key, a verb and what it is about");
	return run(&question, count - optind, arguments + optind, options, failure);
}
