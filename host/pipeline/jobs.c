/* jobs: the verbs about detached commands: ps, logs, kill and wait. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "host/pipeline/control.h"
#include "host/pipeline/output.h"
#include "host/pipeline/verbs.h"
#include "runtime/channel/reason.h"

#define SIGNAL_MAX 64u
#define FOLLOW     1u

static const char ps_help[] =
	"usage: pipeline ps\n"
	"\n"
	"Lists the commands that were started with exec --detach: those that run, and the last\n"
	"that have ended. A key sees its own; one with the verb control sees all.\n"
	"\n"
	"  --json   {\"jobs\": [{\"job\", \"state\", \"command\", \"key\", \"began\", \"said\",\n"
	"           \"dropped\", and of one that has ended \"status\", \"reason\", \"ended\"}]}\n";

static const char logs_help[] =
	"usage: pipeline logs [-f] JOB\n"
	"\n"
	"Prints what a detached command has said, on the output that it was said on; of a long\n"
	"log what is kept, the last 64 KiB or so.\n"
	"\n"
	"  -f       go on until it ends\n"
	"  --json   a line {\"stream\", \"text\"} for each piece; at last {\"job\", \"dropped\"}\n";

static const char kill_help[] = "usage: pipeline kill [-s SIGNAL] JOB\n"
				"\n"
				"Sends a signal to a detached command and what it has started.\n"
				"\n"
				"  -s SIGNAL  its name or number; by default TERM\n"
				"  --json     {\"job\", \"signal\"}\n";

static const char wait_help[] =
	"usage: pipeline wait JOB\n"
	"\n"
	"Waits for the end of a detached command, and ends with its status, as exec does.\n"
	"\n"
	"  --json   {\"job\", \"status\", \"reason\"}, and ends with 0\n";

/* --- Command lines ---------------------------------------------------------------------------- */

/* A signal by its name, with or without SIG, or by its number; 0: there is none. */
static uint32_t signal_of(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if ('0' <= *text && *text <= '9' && *end == '\0')
		return value <= SIGNAL_MAX ? (uint32_t)value : 0;
	if (strncasecmp(text, "SIG", 3) == 0)
		text += 3;
	for (int number = 1; number < NSIG; number++) {
		const char *name = sigabbrev_np(number);

		if (name != NULL && strcasecmp(name, text) == 0)
			return (uint32_t)number;
	}
	return 0;
}

static int take(struct control *control, int code, char **arguments, struct options *options,
	struct failure *failure)
{
	switch (code) {
	case 'f':
		control->bits = FOLLOW;
		return 0;
	case 's':
		control->signal = signal_of(optarg);
		if (control->signal != 0)
			return 0;
		return fault_set(&failure->fault, "usage", "there is no signal '%.40s'", optarg);
	default:
		return options_take(options, code, control->verb, arguments, failure);
	}
}

/* 1: it may be asked; 0: all is done; -1: a failure. */
static int take_all(struct control *control, const char *letters, const char *help,
	struct options *options, int count, char **arguments, struct failure *failure)
{
	static const struct option table[] = {OPTIONS_COMMON, {0}};
	const int wanted = strcmp(control->verb, "ps") == 0 ? 0 : 1;
	int code;

	while ((code = getopt_long(count, arguments, letters, table, NULL)) != -1) {
		if (code == OPTION_HELP) {
			fputs(help, stdout);
			return 0;
		}
		if (take(control, code, arguments, options, failure) != 0)
			return -1;
	}
	if (count - optind != wanted)
		return fault_set(&failure->fault, "usage", "%s wants %s", control->verb,
			wanted == 0 ? "nothing behind it" : "the number of a job: see ps");
	if (wanted == 1 &&
		options_number("a job", arguments[optind], UINT32_MAX, &control->job, failure) != 0)
		return -1;
	return 1;
}

/* Runs a verb; `conclude` has the answer. */
static int run(struct control *control, const char *letters, const char *help,
	int (*conclude)(const struct control *control, struct failure *failure),
	struct options *options, int count, char **arguments, struct failure *failure)
{
	int status;

	control->options = options;
	status = take_all(control, letters, help, options, count, arguments, failure);
	if (status != 1)
		return status;
	status = control_run(control, failure);
	if (status == 0)
		status = conclude(control, failure);
	control_free(control);
	return status;
}

/* --- ps --------------------------------------------------------------------------------------- */

int verb_ps(struct options *options, int count, char **arguments, struct failure *failure)
{
	struct control control = {.verb = "ps", .came = control_keep};

	return run(&control, "", ps_help, control_print_jobs, options, count, arguments, failure);
}

/* --- logs ------------------------------------------------------------------------------------- */

/* A piece that is not UTF-8 has its other bytes as \\xNN. Null: no memory. */
static json_t *piece_text(const uint8_t *bytes, size_t size)
{
	json_t *whole = json_stringn((const char *)bytes, size);
	char *text = whole == NULL ? malloc(4 * size + 1) : NULL;
	size_t used = 0;

	for (size_t i = 0; text != NULL && i < size; i++)
		used += (size_t)snprintf(text + used, 5,
			bytes[i] == 0 || bytes[i] > 126 ? "\\x%02x" : "%c", bytes[i]);
	if (text != NULL)
		whole = json_stringn(text, used);
	free(text);
	return whole;
}

static void print_piece(
	struct control *control, enum slc_stream stream, const uint8_t *bytes, size_t size)
{
	const char *name = stream == SLC_ERROR ? "error" : "output";
	struct fault fault;

	if (output_json(json_pack("{s:s, s:o}", "stream", name, "text", piece_text(bytes, size)),
		    &fault) != 0)
		request_abort(&control->request, SLC_REASON_CANCELLED, NULL);
}

static int end_of_log(const struct control *control, struct failure *failure)
{
	const uint64_t dropped = control->request.dropped;

	if (control->options->json)
		return output_json(json_pack("{s:I, s:I}", "job", (json_int_t)control->job,
					   "dropped", (json_int_t)dropped),
			&failure->fault);
	if (dropped > 0 && !control->options->quiet)
		fprintf(stderr, "pipeline: %" PRIu64 " bytes of the log are not kept any more\n",
			dropped);
	return 0;
}

int verb_logs(struct options *options, int count, char **arguments, struct failure *failure)
{
	struct control control = {.verb = "logs"};
	int status;

	control.options = options;
	status = take_all(&control, "f", logs_help, options, count, arguments, failure);
	if (status != 1)
		return status;
	control.came = options->json ? print_piece : NULL;
	status = control_run(&control, failure);
	if (status == 0)
		status = end_of_log(&control, failure);
	control_free(&control);
	return status;
}

/* --- kill ------------------------------------------------------------------------------------- */

static int was_sent(const struct control *control, struct failure *failure)
{
	if (!control->options->json)
		return 0;
	return output_json(json_pack("{s:I, s:I}", "job", (json_int_t)control->job, "signal",
				   (json_int_t)control->signal),
		&failure->fault);
}

int verb_kill(struct options *options, int count, char **arguments, struct failure *failure)
{
	struct control control = {.verb = "kill", .signal = SIGTERM};

	return run(&control, "s:", kill_help, was_sent, options, count, arguments, failure);
}

/* --- wait ------------------------------------------------------------------------------------- */

static int has_ended(const struct control *control, struct failure *failure)
{
	const struct request *request = &control->request;

	if (control->options->json)
		return output_json(json_pack("{s:I, s:I, s:s}", "job", (json_int_t)control->job,
					   "status", (json_int_t)request->status, "reason",
					   slc_reason_word(request->reason)),
			&failure->fault);
	if (request->reason != SLC_REASON_NONE)
		return failure_reason(failure, request->reason, "job %" PRIu32 " was ended: %s",
			control->job, slc_reason_word(request->reason));
	return (int)(request->status & 255u);
}

int verb_wait(struct options *options, int count, char **arguments, struct failure *failure)
{
	struct control control = {.verb = "wait"};

	return run(&control, "", wait_help, has_ended, options, count, arguments, failure);
}
