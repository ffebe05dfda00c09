/* input: see input.h. */
#include "services/slc/input.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static void close_pipe(struct input *input)
{
	if (!input->is_open)
		return;
	watch_stop(&input->watch);
	if (input->is_terminal)
		input->held = input->watch.fd;
	else
		close(input->watch.fd);
	input->is_open = false;
}

static void drop(struct input *input)
{
	size_t size = input->used;

	input->used = 0;
	if (size > 0)
		input->consumed(input, size);
}

static void breaks(struct input *input)
{
	close_pipe(input);
	drop(input);
	input->broken(input);
}

/* Writes what the pipe takes. Returns how much that was; -1: nobody reads any more. */
static ssize_t put(struct input *input, const uint8_t *bytes, size_t size)
{
	ssize_t done = write(input->watch.fd, bytes, size);

	if (done < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return done;
}

static void copy_in(struct input *input, const uint8_t *bytes, size_t size)
{
	size_t at = (input->begin + input->used) % input->size;
	size_t first = input->size - at < size ? input->size - at : size;

	memcpy(input->ring + at, bytes, first);
	memcpy(input->ring, bytes + first, size - first);
	input->used += size;
}

/* A terminal is at its end for who reads lines from it when it is told so; there is no other way.
 * False: there is no room to tell. */
static bool tell_end(const struct input *input)
{
	struct termios modes;

	if (!input->is_terminal || !input->is_open || tcgetattr(input->watch.fd, &modes) != 0 ||
		(modes.c_lflag & ICANON) == 0)
		return true;
	return write(input->watch.fd, &modes.c_cc[VEOF], 1) == 1 || errno != EAGAIN;
}

/* Watched for room while bytes wait, and for the end of whoever reads. */
static void settle(struct input *input)
{
	bool is_over = input->used == 0 && input->is_ended;

	if (is_over && tell_end(input))
		close_pipe(input);
	else if (input->is_open)
		watch_change(&input->watch, is_over || input->used > 0 ? WATCH_WRITE : 0);
}

static void write_ring(struct input *input)
{
	while (input->used > 0) {
		size_t end = input->size - input->begin;
		size_t part = input->used < end ? input->used : end;
		ssize_t done = put(input, input->ring + input->begin, part);

		if (done < 0) {
			breaks(input);
			return;
		}
		if (done == 0)
			break;
		input->begin = (input->begin + (size_t)done) % input->size;
		input->used -= (size_t)done;
		input->consumed(input, (size_t)done);
	}
	settle(input);
}

static void ready(struct watch *watch, unsigned events)
{
	struct input *input = (struct input *)((char *)watch - offsetof(struct input, watch));

	if ((events & WATCH_ENDED) != 0)
		breaks(input);
	else
		write_ring(input);
}

void input_begin(struct input *input, struct loop *loop)
{
	input->loop = loop;
	input->begin = input->used = 0;
	input->is_ended = input->is_terminal = false;
	input->held = -1;
}

void input_open(struct input *input, int fd)
{
	struct fault fault;

	memset(&input->watch, 0, sizeof input->watch);
	input->watch.ready = ready;
	input->is_open = true;
	if (watch_start(&input->watch, input->loop, fd, 0, &fault) != 0) {
		input->watch.fd = fd;
		breaks(input);
		return;
	}
	write_ring(input);
}

void input_take(struct input *input, const uint8_t *bytes, size_t size)
{
	if (input->used == 0 && input->is_open) {
		ssize_t done = put(input, bytes, size);

		if (done < 0) {
			input->consumed(input, size);
			breaks(input);
			return;
		}
		bytes += done;
		size -= (size_t)done;
		if (done > 0)
			input->consumed(input, (size_t)done);
	}
	copy_in(input, bytes, size);
	settle(input);
}

void input_end(struct input *input)
{
	input->is_ended = true;
	settle(input);
}

void input_close(struct input *input)
{
	close_pipe(input);
	if (input->held >= 0)
		close(input->held);
	input->held = -1;
	input->used = 0;
}
