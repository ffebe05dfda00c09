/* names: the verbs that people know from the Sentient framework's pipeline, with its options: each
 * is one of ours with other words, and has all of its options besides. What they do differently is
 * said in the manual.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/pipeline/run_json.h"
#include "host/pipeline/verbs.h"

#define FALLBACK     "vsock:127:53000" /* where that framework's enclaves listen */
#define FALLBACK_CID 127u

enum { COMMAND = 600, NO_WAIT, HERE, THERE };

static const char copy_help[] =
	"\n"
	"Copies as `pipeline cp -T` does: what is copied becomes the target, and is merged\n"
	"with it where both are folders. --cid N --port N say where to.\n"
	"\n"
	"  --quiet   show no progress\n"
	"  --json    {\"attested\", \"members\", \"bytes\", \"skipped\", \"seconds\"}\n";

static const char run_help[] =
	"usage: pipeline run --command TEXT [--no-wait]\n"
	"\n"
	"Runs a text in the enclave's bash, or in its sh where it has no bash, as\n"
	"`pipeline exec -- bash -c -- TEXT` does, and ends with its status.\n"
	"--cid N --port N say where to.\n"
	"\n"
	"  --no-wait   leave it there when it runs, and print its number, as exec --detach\n"
	"  --json      print {\"stdout\", \"stderr\", \"rc\", \"attested\"} when it has ended\n";

/* --- Commands --------------------------------------------------------------------------------- */

struct text {
	char *bytes;
	bool is_detached;
};

static int run_in(const char *shell, struct options *options, const struct text *text,
	struct failure *failure)
{
	char exec[] = "exec", detach[] = "--detach", end[] = "--", flag[] = "-c", name[16];
	char *arguments[] = {exec, detach, end, name, flag, end, text->bytes, NULL};
	char **first = arguments;

	(void)snprintf(name, sizeof name, "%s", shell);
	if (!text->is_detached)
		*++first = exec;
	optind = 0;
	return verb_exec(options, text->is_detached ? 7 : 6, first, failure);
}

int verb_run(struct options *options, int count, char **arguments, struct failure *failure)
{
	static const struct option table[] = {OPTIONS_COMMON,
		{"command", required_argument, NULL, COMMAND},
		{"no-wait", no_argument, NULL, NO_WAIT}, {0}};
	struct text text = {0};
	int code, status;

	while ((code = getopt_long(count, arguments, "", table, NULL)) != -1) {
		if (code == OPTION_HELP) {
			fputs(run_help, stdout);
			return 0;
		}
		if (code == COMMAND)
			text.bytes = optarg;
		else if (code == NO_WAIT)
			text.is_detached = true;
		else if (options_take(options, code, "run", arguments, failure) != 0)
			return -1;
	}
	if (text.bytes == NULL || optind != count)
		return fault_set(&failure->fault, "usage", "run: give --command TEXT");
	if (options->json && !text.is_detached)
		return run_json(options, text.bytes, failure);
	status = run_in("bash", options, &text, failure);
	if (status >= 0 || failure->exec_code != 127)
		return status;
	*failure = (struct failure){0}; /* nothing ran: there is no bash */
	return run_in("sh", options, &text, failure);
}

/* --- Copies ----------------------------------------------------------------------------------- */

/* A name here, such that neither a colon nor a dash in front means anything. */
static char *name_here(const char *path)
{
	char *name;

	return asprintf(&name, "%s%s", *path == '/' ? "" : "./", path) < 0 ? NULL : name;
}

static char *name_there(const char *path)
{
	char *name;

	return asprintf(&name, ":%s", path) < 0 ? NULL : name;
}

static int copy(bool is_put, struct options *options, const char *here, const char *there,
	struct failure *failure)
{
	char cp[] = "cp", exact[] = "-T", end[] = "--";
	char *local = name_here(here), *remote = name_there(there);
	char *arguments[] = {
		cp, exact, end, is_put ? local : remote, is_put ? remote : local, NULL};
	int status;

	optind = 0;
	if (local == NULL || remote == NULL)
		status = fault_set(&failure->fault, "memory", "no memory");
	else
		status = verb_cp(options, 5, arguments, failure);
	free(local);
	free(remote);
	return status;
}

int verb_copy(struct options *options, int count, char **arguments, struct failure *failure)
{
	const char *verb = arguments[0];
	bool is_tree = strstr(verb, "dir") != NULL;
	const struct option table[] = {OPTIONS_COMMON,
		{is_tree ? "localdir" : "localpath", required_argument, NULL, HERE},
		{is_tree ? "remotedir" : "remotepath", required_argument, NULL, THERE}, {0}};
	const char *here = NULL, *there = NULL;
	int code;

	while ((code = getopt_long(count, arguments, "", table, NULL)) != -1) {
		if (code == OPTION_HELP) {
			printf("usage: pipeline %s --local%s --remote%s\n%s", verb,
				is_tree ? "dir FOLDER" : "path PATH",
				is_tree ? "dir FOLDER" : "path PATH", copy_help);
			return 0;
		}
		if (code == HERE)
			here = optarg;
		else if (code == THERE)
			there = optarg;
		else if (options_take(options, code, verb, arguments, failure) != 0)
			return -1;
	}
	if (here == NULL || *here == '\0' || there == NULL || *there == '\0' || optind != count)
		return fault_set(&failure->fault, "usage", "%s: give --local%s and --remote%s",
			verb, is_tree ? "dir" : "path", is_tree ? "dir" : "path");
	return copy(strncmp(verb, "send", 4) == 0, options, here, there, failure);
}

/* --- Other names of the program --------------------------------------------------------------- */

int verb_pipeline_dir(struct options *options, int count, char **arguments, struct failure *failure)
{
	bool is_put = count == 4 && strcmp(arguments[1], "send-dir") == 0;

	if (count != 4 || (!is_put && strcmp(arguments[1], "recv-dir") != 0))
		return fault_set(&failure->fault, "usage",
			"usage: pipeline-dir send-dir|recv-dir SOURCE TARGET");
	options->fallback = FALLBACK;
	return copy(is_put, options, arguments[is_put ? 2 : 3], arguments[is_put ? 3 : 2], failure);
}

int verb_shell_sh(struct options *options, int count, char **arguments, struct failure *failure)
{
	char shell[] = "shell", *words[] = {shell, NULL};

	options->fallback = FALLBACK;
	if (count > 3)
		return fault_set(&failure->fault, "usage", "usage: shell.sh [PORT [CID]]");
	if (count > 1) {
		options->has_cid = true;
		options->cid = FALLBACK_CID;
		if (options_number("PORT", arguments[1], UINT32_MAX - 1, &options->port, failure) !=
			0)
			return -1;
	}
	if (count > 2 &&
		options_number("CID", arguments[2], UINT32_MAX - 1, &options->cid, failure) != 0)
		return -1;
	optind = 0;
	return verb_shell(options, 1, words, failure);
}
