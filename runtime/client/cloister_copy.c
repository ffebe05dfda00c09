/* cloister_copy: the copies of libcloister. See runtime/channel/cloister.h. What is copied becomes
 * what the target names; nothing is guessed. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/channel/copy_open.h"
#include "runtime/channel/copy_receive.h"
#include "runtime/channel/copy_send.h"
#include "runtime/client/cloister_inside.h"
#include "runtime/client/transfer.h"

struct side {
	int root;                 /* "/" */
	int source;               /* of a put; -1: none */
	struct path_place target; /* of a get */
};

static int send_source(struct transfer *transfer, struct copy_outcome *outcome)
{
	const struct side *side = transfer->user;
	struct copy_send_options options = copy_send_usual;

	options.source = side->source;
	options.name = "";
	options.shared = &transfer->stream;
	options.watch = transfer->watch;
	return copy_send(&options, outcome);
}

static int receive_target(struct transfer *transfer, struct copy_outcome *outcome)
{
	const struct side *side = transfer->user;
	struct copy_receive_options options = copy_receive_usual;

	options.shared = &transfer->stream;
	options.target = side->target;
	options.watch = transfer->watch;
	return copy_receive(&options, outcome);
}

static int make_absolute(const char *path, char absolute[PATH_MAX], struct fault *fault)
{
	char folder[PATH_MAX] = "";

	if (*path != '/' && getcwd(folder, sizeof folder) == NULL)
		return fault_set(
			fault, "input", "the current folder has no path: %s", strerror(errno));
	if (snprintf(absolute, PATH_MAX, "%s/%s", folder, path) >= PATH_MAX)
		return fault_set(fault, "path", "%.64s...: the path is too long", path);
	return 0;
}

/* Opens what is here, for the way that it goes. */
static int open_side(struct side *side, const char *path, bool is_put, struct fault *fault)
{
	char absolute[PATH_MAX];

	if (make_absolute(path, absolute, fault) != 0)
		return -1;
	side->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (side->root < 0)
		return fault_set(fault, "input", "can't open /: %s", strerror(errno));
	if (is_put)
		return copy_open_source(
			side->root, absolute, strlen(absolute), false, &side->source, fault);
	if (copy_open_target(side->root, absolute, strlen(absolute), false, &side->target, fault) !=
		0)
		return -1;
	return copy_open_check(&side->target, fault);
}

static void close_side(struct side *side)
{
	if (side->root >= 0)
		close(side->root);
	if (side->source >= 0)
		close(side->source);
	path_leave(&side->target);
}

static int copy(struct cloister *session, bool is_put, const char *here, const char *there,
	struct cloister_copied *copied, struct cloister_error *error)
{
	struct side side = {.root = -1, .source = -1, .target = {.folder = -1}};
	struct transfer transfer = {.connection = &session->connection,
		.type = is_put ? SLC_PUT : SLC_GET,
		.path = there,
		.copy = is_put ? send_source : receive_target,
		.user = &side};
	struct failure failure;
	int status = -1;

	if (!session->has_socket)
		(void)fault_set(&failure.fault, "usage", "this session moves no bytes of its own");
	else if (open_side(&side, here, is_put, &failure.fault) == 0)
		status = transfer_run(&transfer, &failure);
	close_side(&side);
	if (status != 0)
		return client_fail(error, &failure.fault);
	if (copied != NULL)
		*copied = (struct cloister_copied){.members = transfer.outcome.members,
			.bytes = transfer.outcome.bytes,
			.skipped = transfer.outcome.skipped};
	return 0;
}

int cloister_put(struct cloister *session, const char *from, const char *to,
	struct cloister_copied *copied, struct cloister_error *error)
{
	return copy(session, true, from, to, copied, error);
}

int cloister_get(struct cloister *session, const char *from, const char *to,
	struct cloister_copied *copied, struct cloister_error *error)
{
	return copy(session, false, to, from, copied, error);
}
