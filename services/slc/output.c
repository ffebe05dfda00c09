/* output: see output.h. */
#include "services/slc/output.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "runtime/net/passing.h"

#define ROUNDS 8 /* reads in one turn: then others have theirs */

/* What a pipe says once its other end is closed comes in every turn, so a pipe that is not read is
 * not watched at all. A pipe that can't be watched counts as ended. */
static void wait_for_bytes(struct output *output)
{
	struct fault fault;

	if (output->watch.loop != NULL || watch_start(&output->watch, output->loop,
						  output->watch.fd, WATCH_READ, &fault) == 0)
		return;
	output_close(output);
	output->over(output);
}

/* A message, with a descriptor or without. */
static ssize_t receive(const struct output *output, size_t size)
{
	struct passing passing;
	struct fault fault;

	switch (passing_receive(output->watch.fd, 1, &passing, &fault)) {
	case STREAM_DONE:
		break;
	case STREAM_AGAIN:
		errno = EAGAIN;
		return -1;
	default:
		return 0;
	}
	if (passing.count == 1 && *output->passed >= 0)
		close(*output->passed);
	if (passing.count == 1)
		*output->passed = passing.descriptors[0];
	size = passing.size < size ? passing.size : size;
	memcpy(output->scratch, passing.message, size);
	return (ssize_t)size;
}

/* Moves bytes once. False: there is no more to do now. */
static bool move(struct output *output)
{
	size_t room = output->room(output);
	ssize_t done;

	if (room == 0) {
		watch_stop(&output->watch);
		return false;
	}
	room = room < output->scratch_size ? room : output->scratch_size;
	done = output->passed != NULL ? receive(output, room)
				      : read(output->watch.fd, output->scratch, room);
	if (done < 0 && (errno == EAGAIN || errno == EINTR)) {
		output->held = 0;
		wait_for_bytes(output);
		return false;
	}
	if (done <= 0) {
		output_close(output);
		output->over(output);
		return false;
	}
	output->held -= output->held < (size_t)done ? output->held : (size_t)done;
	output->take(output, output->scratch, (size_t)done);
	return output->is_open;
}

void output_run(struct output *output)
{
	bool goes_on = output->is_open;

	if (!goes_on)
		return;
	for (unsigned i = 0; i < ROUNDS && goes_on; i++)
		goes_on = move(output);
	if (goes_on)
		wait_for_bytes(output);
	output->moved(output);
}

static void ready(struct watch *watch, unsigned events)
{
	(void)events;
	output_run((struct output *)((char *)watch - offsetof(struct output, watch)));
}

void output_open(struct output *output, struct loop *loop, int fd)
{
	memset(&output->watch, 0, sizeof output->watch);
	output->watch.ready = ready;
	output->watch.fd = fd;
	output->loop = loop;
	output->is_open = true;
	output->is_counting = false;
	output->held = 0;
	wait_for_bytes(output);
}

void output_count(struct output *output)
{
	int held = 0;

	if (output->is_open && ioctl(output->watch.fd, FIONREAD, &held) == 0)
		output->held = (size_t)held;
	output->is_counting = true;
}

bool output_is_drained(const struct output *output)
{
	return !output->is_open || (output->is_counting && output->held == 0);
}

void output_close(struct output *output)
{
	if (!output->is_open)
		return;
	watch_stop(&output->watch);
	close(output->watch.fd);
	output->is_open = false;
}
