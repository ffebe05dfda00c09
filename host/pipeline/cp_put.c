/* cp_put: copies that go into the enclave.
 *
 * As with cp(1), what is copied is put into the target where that is a folder, and becomes the
 * target where it is not. Only the other end knows which: it is asked to put it into a folder
 * first, and if there is none, to make the target.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/pipeline/cp.h"
#include "runtime/channel/copy_open.h"
#include "runtime/channel/copy_send.h"

static int fail(struct copy_outcome *outcome, const struct fault *fault)
{
	outcome->reason = copy_reason(fault);
	(void)snprintf(outcome->text, sizeof outcome->text, "%s", fault->text);
	return -1;
}

/* Standard input is a source of its own, and becomes the target. */
static bool is_input(const char *path)
{
	return strcmp(path, "-") == 0;
}

static int open_source(const struct cp *cp, const char *path, int *source, struct fault *fault)
{
	char absolute[PATH_MAX];

	if (is_input(path)) {
		*source = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
		return *source >= 0 ? 0 : fault_io(fault, errno, "cannot use the standard input");
	}
	if (cp_absolute(cp, path, absolute, fault) != 0)
		return -1;
	return copy_open_source(cp->root, absolute, strlen(absolute), false, source, fault);
}

/* One of the sources; the outcome is that of all so far. */
static int send_one(struct transfer *transfer, const char *path, struct copy_outcome *outcome)
{
	const struct cp *cp = transfer->user;
	struct copy_send_options options = copy_send_usual;
	struct copy_outcome one = {0};
	char name[PATH_PART_MAX + 1] = "";
	struct fault fault;
	int status;

	if (transfer->into && cp_name(cp, path, name, &fault) != 0)
		return fail(outcome, &fault);
	if (open_source(cp, path, &options.source, &fault) != 0)
		return fail(outcome, &fault);
	options.name = name;
	options.is_input = is_input(path);
	options.exclude = (struct copy_exclude){cp->patterns, cp->excludes};
	options.attributes = cp->attributes;
	options.share = transfer->share;
	options.answers = transfer->answers;
	options.shared = &transfer->stream;
	options.watch = transfer->watch;
	status = copy_send(&options, &one);
	close(options.source);
	one.members += outcome->members;
	one.bytes += outcome->bytes;
	one.skipped += outcome->skipped;
	one.unchanged += outcome->unchanged;
	one.resumed += outcome->resumed;
	one.attributes += outcome->attributes;
	*outcome = one;
	return status;
}

static int send_all(struct transfer *transfer, struct copy_outcome *outcome)
{
	const struct cp *cp = transfer->user;

	for (unsigned i = 0; i < cp->count; i++)
		if (send_one(transfer, cp->sources[i], outcome) != 0)
			return -1;
	return 0;
}

/* Nothing is sent for a source that is not there. */
static int check_sources(const struct cp *cp, struct fault *fault)
{
	int source;

	for (unsigned i = 0; i < cp->count; i++) {
		if (open_source(cp, cp->sources[i], &source, fault) != 0)
			return -1;
		close(source);
	}
	return 0;
}

static bool must_be_folder(const struct cp *cp)
{
	size_t size = strlen(cp->target);

	return cp->count > 1 || (!cp->is_exact && size > 0 && cp->target[size - 1] == '/');
}

static bool has_no_folder(const struct cp *cp)
{
	const struct request *request = &cp->streams[0].transfer.request;

	return !request->is_done && request->outcome != CHANNEL_LOST &&
	       !cp->streams[0].transfer.failed_here && request->reason == SLC_REASON_NOT_FOUND;
}

/* One file is not shared out, and neither is what comes from standard input or goes to standard
 * output. */
bool cp_is_narrow(const struct cp *cp)
{
	struct fault unused;
	struct stat status;
	int source, result;

	if (cp->target == NULL)
		return strcmp(cp->here_target, "-") == 0;
	for (unsigned i = 0; i < cp->count; i++)
		if (is_input(cp->sources[i]))
			return true;
	if (cp->count > 1 || open_source(cp, cp->sources[0], &source, &unused) != 0)
		return false;
	result = fstat(source, &status);
	close(source);
	return result == 0 && !S_ISDIR(status.st_mode);
}

/* Standard input has no name that it could have in a folder. */
static int check_input(const struct cp *cp, struct fault *fault)
{
	for (unsigned i = 0; i < cp->count; i++)
		if (is_input(cp->sources[i]) && must_be_folder(cp))
			return fault_set(fault, "usage",
				"cp: standard input becomes a file, which has to be named");
	return 0;
}

int cp_put(struct cp *cp, struct failure *failure)
{
	struct transfer begin = {
		.type = SLC_PUT,
		.path = cp->target,
		.asks = cp->skips,
		.attributes = cp->attributes,
		.keeps = cp->resumes,
		.compares = cp->compares,
		.copy = send_all,
		.user = cp,
	};
	int status;

	if (check_input(cp, &failure->fault) != 0 || check_sources(cp, &failure->fault) != 0)
		return -1;
	begin.into = !cp->is_exact && !is_input(cp->sources[0]);
	cp->progress.whole = cp->sources[0];
	status = cp_transfer(cp, &begin, failure);
	if (status == 0 || !begin.into || !has_no_folder(cp) || must_be_folder(cp))
		return status;
	*failure = (struct failure){0};
	begin.into = false;
	return cp_transfer(cp, &begin, failure);
}
