/* cp_get: copies that come out of the enclave, one after the other. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/pipeline/cp.h"
#include "host/pipeline/options.h"
#include "runtime/channel/copy_open.h"
#include "runtime/channel/copy_receive.h"

struct get {
	struct cp *cp;
	struct path_place target;
	int output; /* standard output, where the copy is written to it; -1 */
};

/* Nobody reads what is written to it. */
static bool is_broken(int output)
{
	struct pollfd state = {.fd = output, .events = POLLOUT};

	return poll(&state, 1, 0) == 1 && (state.revents & POLLERR) != 0;
}

static int receive(struct transfer *transfer, struct copy_outcome *outcome)
{
	const struct get *get = transfer->user; /* of all streams */
	struct copy_receive_options options = copy_receive_usual;

	options.shared = &transfer->stream;
	options.target = get->target;
	options.output = get->output;
	options.answers = transfer->answers;
	options.keeps = get->cp->resumes;
	options.attributes = get->cp->attributes;
	options.share = transfer->share;
	options.compares = get->cp->compares;
	options.watch = transfer->watch;
	if (copy_receive(&options, outcome) == 0)
		return 0;
	if (get->output >= 0 && is_broken(get->output))
		get->cp->interrupted = SIGPIPE;
	return -1;
}

static bool is_folder(const struct cp *cp, const char *path)
{
	struct path_place target;
	struct fault fault;

	if (copy_open_target(cp->root, path, strlen(path), true, &target, &fault) != 0)
		return false;
	path_leave(&target);
	return true;
}

/* Where one source goes: into the target where that is a folder, or has to be. */
static int find_target(struct get *get, const char *source, struct fault *fault)
{
	const struct cp *cp = get->cp;
	const char *name = cp->here_target;
	char path[PATH_MAX], part[PATH_PART_MAX + 1], whole[PATH_MAX];
	size_t size = strlen(name);

	if (cp_absolute(cp, name, path, fault) != 0)
		return -1;
	if (!cp->is_exact && (cp->count > 1 || name[size - 1] == '/' || is_folder(cp, path))) {
		if (cp_name(cp, source, part, fault) != 0)
			return -1;
		if (snprintf(whole, sizeof whole, "%s/%s", path, part) >= (int)sizeof whole)
			return fault_set(fault, "path", "%.64s...: the path is too long", path);
		return copy_open_target(cp->root, whole, strlen(whole), false, &get->target, fault);
	}
	return copy_open_target(cp->root, path, strlen(path), false, &get->target, fault);
}

static int get_to(struct cp *cp, const char *source, struct get *get, struct failure *failure)
{
	const struct transfer begin = {
		.type = SLC_GET,
		.path = source,
		.exclude = {cp->patterns, cp->excludes},
		.asks = cp->skips,
		.attributes = cp->attributes,
		.copy = receive,
		.user = get,
	};

	if (get->output < 0 && copy_open_check(&get->target, &failure->fault) != 0)
		return -1;
	cp->progress.whole = source;
	return cp_transfer(cp, &begin, failure);
}

static int get_one(struct cp *cp, const char *source, struct failure *failure)
{
	struct get get = {.cp = cp, .target = {.folder = -1}, .output = -1};
	int status;

	if (strcmp(cp->here_target, "-") == 0)
		get.output = STDOUT_FILENO;
	else if (find_target(&get, source, &failure->fault) != 0)
		return -1;
	status = get_to(cp, source, &get, failure);
	path_leave(&get.target);
	return status;
}

/* Standard output is one file, and nothing else may be in it. */
static int check_output(const struct cp *cp, struct fault *fault)
{
	if (strcmp(cp->here_target, "-") != 0)
		return 0;
	if (cp->count > 1)
		return fault_set(
			fault, "usage", "cp: only one file can be written to standard output");
	if (cp->skips)
		return fault_set(fault, "usage",
			"cp: of standard output nothing is there already: no --skip-unchanged, "
			"--checksum or --resume");
	if (cp->attributes)
		return fault_set(fault, "usage",
			"cp: standard output has no extended attributes: no --xattrs");
	if (cp->options->json)
		return fault_set(fault, "usage",
			"cp: --json and a copy to standard output exclude each other");
	return 0;
}

int cp_get(struct cp *cp, struct failure *failure)
{
	if (check_output(cp, &failure->fault) != 0)
		return -1;
	for (unsigned i = 0; i < cp->count; i++)
		if (get_one(cp, cp->sources[i], failure) != 0)
			return -1;
	return 0;
}
