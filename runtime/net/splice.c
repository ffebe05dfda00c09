/* splice: see splice.h. */
#include "runtime/net/splice.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "runtime/net/socket.h"

#define ROUNDS 16 /* of one call */

static bool has_pipe(const struct stream_splice *splice)
{
	return splice->pipe[0] >= 0;
}

static void close_pipe(struct stream_splice *splice)
{
	if (!has_pipe(splice))
		return;
	close(splice->pipe[0]);
	close(splice->pipe[1]);
	splice->pipe[0] = splice->pipe[1] = -1;
}

void stream_splice_open(struct stream_splice *splice, struct stream *from, struct stream *to,
	uint8_t *buffer, size_t room)
{
	memset(splice, 0, sizeof *splice);
	splice->from = from;
	splice->to = to;
	splice->waits = STREAM_READ;
	splice->buffer = buffer;
	splice->room = room;
	if (stream_descriptor(from) < 0 || stream_descriptor(to) < 0 ||
		pipe2(splice->pipe, O_CLOEXEC | O_NONBLOCK) != 0)
		splice->pipe[0] = splice->pipe[1] = -1;
}

void stream_splice_close(struct stream_splice *splice)
{
	close_pipe(splice);
	splice->held = 0;
}

/* One call of splice(2), with what came of it as a stream says it. False where the kernel can't
 * splice sockets of this kind: nothing was moved then. */
static bool splice_once(int from, int to, size_t size, size_t *done, enum stream_result *result,
	struct fault *fault)
{
	ssize_t moved;

	do {
		moved = splice(from, NULL, to, NULL, size, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
	} while (moved < 0 && errno == EINTR);
	*done = moved > 0 ? (size_t)moved : 0;
	*result = moved > 0 ? STREAM_DONE : STREAM_END;
	if (moved >= 0)
		return true;
	if (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP)
		return false;
	*result = errno == EAGAIN ? STREAM_AGAIN : STREAM_FAILED;
	if (*result == STREAM_FAILED)
		socket_fault(fault, errno, "cannot hand bytes on");
	return true;
}

/* Goes on by copying: what is in the pipe comes first. A pipe gives at once all that it holds. */
static void copy_from_here(struct stream_splice *splice)
{
	ssize_t got = 0;

	if (splice->held > 0)
		got = read(splice->pipe[0], splice->buffer, splice->room);
	splice->held = got > 0 ? (size_t)got : 0;
	splice->begin = 0;
	close_pipe(splice);
}

static enum stream_result take(struct stream_splice *splice, struct fault *fault)
{
	enum stream_result result;

	if (has_pipe(splice)) {
		if (splice_once(stream_descriptor(splice->from), splice->pipe[1], splice->room,
			    &splice->held, &result, fault))
			return result;
		copy_from_here(splice);
	}
	splice->begin = 0;
	return stream_read(splice->from, splice->buffer, splice->room, &splice->held, fault);
}

static enum stream_result copy_out(struct stream_splice *splice, size_t *done, struct fault *fault)
{
	struct iovec part = {splice->buffer + splice->begin, splice->held};
	enum stream_result result = stream_write(splice->to, &part, 1, done, fault);

	splice->begin += *done;
	return result;
}

static enum stream_result give(struct stream_splice *splice, struct fault *fault)
{
	enum stream_result result;
	size_t done;
	bool spliced =
		has_pipe(splice) && splice_once(splice->pipe[0], stream_descriptor(splice->to),
					    splice->held, &done, &result, fault);

	if (has_pipe(splice) && !spliced)
		copy_from_here(splice);
	if (!spliced)
		result = copy_out(splice, &done, fault);
	splice->held -= done;
	splice->moved += done;
	return result;
}

enum stream_result stream_splice_move(struct stream_splice *splice, struct fault *fault)
{
	enum stream_result result = STREAM_DONE;

	for (int round = 0; round < 2 * ROUNDS && result == STREAM_DONE; round++) {
		result = splice->held == 0 ? take(splice, fault) : give(splice, fault);
		splice->waits = splice->held == 0 ? STREAM_READ : STREAM_WRITE;
	}
	return result;
}
