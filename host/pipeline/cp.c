/* cp: the verb that copies files and trees into the enclave and out of it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/pipeline/cp.h"
#include "host/pipeline/output.h"
#include "host/pipeline/verbs.h"

enum {
	EXCLUDE = 512,
	SKIP,
	COMPARE,
	RESUME,
	XATTRS,
	STREAMS
}; /* what getopt_long returns, behind the codes of options.h */

static const char help[] =
	"usage: pipeline cp [OPTION...] SOURCE... :TARGET\n"
	"       pipeline cp [OPTION...] :SOURCE... TARGET\n"
	"\n"
	"Copies files, symbolic links and whole trees into the enclave or out of it; paths of the\n"
	"enclave have a colon in front. Modes, times and hard links are kept, owners are not, and\n"
	"symbolic links are not followed. A target that is a folder gets the sources put into it,\n"
	"and must be one if there are several sources or it ends with a slash.\n"
	"- as the source is standard input, and as the target standard output; each is a file.\n"
	"A file is replaced when all of it has arrived and its digest is right.\n"
	"\n"
	"  --exclude PATTERN  leave out what is called so, below the sources: *.o, /cache, dir/\n"
	"  -T                 the one source becomes the target, also where that is a folder\n"
	"  --skip-unchanged   leave files as they are that have size and time already\n"
	"  --checksum         the same, but by their digests and not by their times\n"
	"  --resume           the same as --skip-unchanged; what breaks off is kept, and goes on\n"
	"  --xattrs           copy extended attributes too, those of the namespace user.\n"
	"  --streams N        share what is in a tree out among 1 to 8 sessions (1)\n"
	"  -q, --quiet        show no progress\n"
	"  --json             {\"attested\", \"members\", \"bytes\", \"skipped\", \"unchanged\",\n"
	"                     \"resumed\", \"xattrs\", \"seconds\"}\n"
	"\n"
	"What is here and begins with a colon is written ./:NAME.\n";

/* The first one ends the copy in good order, a second one the program. */
static void interrupted(struct signals *signals, int number, pid_t sender)
{
	struct cp *cp = (struct cp *)((char *)signals - offsetof(struct cp, signals));

	(void)sender;
	cp->interrupted = number;
	signals_stop(signals);
	cp_streams_stop(cp, SLC_REASON_CANCELLED);
}

static int watch_signals(struct cp *cp, struct failure *failure)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, 0};

	cp->signals.arrived = interrupted;
	return heed(&cp->signals, cp->streams[0].connection.loop, numbers, &failure->fault);
}

/* On a terminal the line of progress would be within the file. */
static bool prints(const struct cp *cp)
{
	return cp->here_target != NULL && strcmp(cp->here_target, "-") == 0 &&
	       isatty(STDOUT_FILENO);
}

static int run(struct cp *cp, struct failure *failure)
{
	struct loop *loop;
	int status;

	if (cp_open(cp, &failure->fault) != 0)
		return -1;
	if (cp_streams_open(cp, failure) != 0 || watch_signals(cp, failure) != 0)
		return -1;
	loop = cp->streams[0].connection.loop;
	progress_start(&cp->progress, loop, cp->options->quiet || prints(cp));
	status = cp->target != NULL ? cp_put(cp, failure) : cp_get(cp, failure);
	cp->seconds = (double)(loop_now(loop) - cp->progress.begin) / 1e9;
	progress_end(&cp->progress);
	signals_stop(&cp->signals);
	return status;
}

static int print(const struct cp *cp, struct failure *failure)
{
	if (cp->options->json)
		return output_json(
			json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:f}", "attested",
				cp->streams[0].connection.is_attested, "members",
				(json_int_t)cp->members, "bytes", (json_int_t)cp->bytes, "skipped",
				(json_int_t)cp->skipped, "unchanged", (json_int_t)cp->unchanged,
				"resumed", (json_int_t)cp->resumed, "xattrs",
				(json_int_t)cp->xattrs, "seconds", cp->seconds),
			&failure->fault);
	if (cp->skipped > 0 && !cp->options->quiet)
		fprintf(stderr,
			"pipeline: %llu members were skipped: sockets, FIFOs and devices, and what "
			"vanished\n",
			(unsigned long long)cp->skipped);
	return 0;
}

static int run_and_end(struct cp *cp, struct failure *failure)
{
	int status = run(cp, failure);

	cp_streams_close(cp);
	cp_close(cp);
	if (cp->interrupted != 0)
		heed_end_by(cp->interrupted);
	return status == 0 ? print(cp, failure) : status;
}

/* Finds out which way to go by the colons; all sources are on one side. */
static int take_paths(struct cp *cp, unsigned count, char **paths, struct failure *failure)
{
	char *target = count < 2 ? "" : paths[count - 1];
	bool is_put = *target == ':';

	cp->count = count < 2 ? 0 : count - 1;
	for (unsigned i = 0; i < cp->count; i++) {
		if ((*paths[i] == ':') == is_put || paths[i][is_put ? 0 : 1] == '\0')
			cp->count = 0;
		else if (!is_put)
			paths[i]++;
	}
	if (cp->count == 0 || target[is_put ? 1 : 0] == '\0')
		return fault_set(&failure->fault, "usage",
			"cp: give sources and a target, one side of them with a colon in front");
	if (cp->is_exact && cp->count > 1)
		return fault_set(&failure->fault, "usage", "cp: with -T there is one source");
	cp->sources = paths;
	cp->target = is_put ? target + 1 : NULL;
	cp->here_target = is_put ? NULL : target;
	return 0;
}

static int exclude(struct cp *cp, const char *pattern, struct failure *failure)
{
	size_t size = strlen(pattern);

	if (cp->excludes == COPY_EXCLUDES_MAX)
		return fault_set(&failure->fault, "usage", "cp: more than %u patterns to exclude",
			COPY_EXCLUDES_MAX);
	if (size < 1 || size > COPY_EXCLUDE_MAX)
		return fault_set(&failure->fault, "usage",
			"cp: a pattern to exclude has 1 to %u bytes", COPY_EXCLUDE_MAX);
	cp->patterns[cp->excludes++] = pattern;
	return 0;
}

static void see_what_is_there(struct cp *cp, int code)
{
	cp->skips = true;
	cp->compares = cp->compares || code == COMPARE;
	cp->resumes = cp->resumes || code == RESUME;
}

/* 0: there is something to copy; 1: there was a question, which is answered; or -1. */
static int take_options(struct cp *cp, struct options *options, int count, char **arguments,
	struct failure *failure)
{
	static const struct option table[] = {OPTIONS_COMMON,
		{"exclude", required_argument, NULL, EXCLUDE},
		{"skip-unchanged", no_argument, NULL, SKIP},
		{"checksum", no_argument, NULL, COMPARE}, {"resume", no_argument, NULL, RESUME},
		{"xattrs", no_argument, NULL, XATTRS},
		{"streams", required_argument, NULL, STREAMS}, {0}};
	int status = 0, code;

	while (status == 0 && (code = getopt_long(count, arguments, "qT", table, NULL)) != -1) {
		if (code == OPTION_HELP) {
			fputs(help, stdout);
			return 1;
		}
		if (code == 'T')
			cp->is_exact = true;
		else if (code == XATTRS)
			cp->attributes = true;
		else if (code == STREAMS)
			status = options_number(
				"--streams", optarg, COPY_STREAMS_MAX, &cp->width, failure);
		else if (code == EXCLUDE)
			status = exclude(cp, optarg, failure);
		else if (code == SKIP || code == COMPARE || code == RESUME)
			see_what_is_there(cp, code);
		else
			status = options_take(options, code == 'q' ? OPTION_QUIET : code, "cp",
				arguments, failure);
	}
	return status;
}

int verb_cp(struct options *options, int count, char **arguments, struct failure *failure)
{
	struct cp *cp = calloc(1, sizeof *cp);
	int status;

	if (cp == NULL)
		return fault_set(&failure->fault, "memory", "no memory");
	cp->root = -1;
	cp->options = options;
	status = take_options(cp, options, count, arguments, failure);
	if (status == 0)
		status = take_paths(cp, (unsigned)(count - optind), arguments + optind, failure);
	if (status == 0)
		status = run_and_end(cp, failure);
	free(cp);
	return status > 0 ? 0 : status;
}
