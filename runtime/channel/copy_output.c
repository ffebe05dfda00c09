/* copy_output: the sender's fields on their way to the stream. A file is read straight into the
 * buffer, behind room for its field's header, and is written from there together with the fields
 * around it: large files go in large pieces, and many small ones go in one. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "runtime/channel/copy_send_inside.h"

#define INPUT_PATIENCE 100 /* milliseconds until it is asked again whether to stop */

#define PIECE_LEAST 65536u /* with less room the buffer is written first, where more may come */

void copy_send_progress(const struct sender *sender)
{
	const struct copy_watch *watch = &sender->options->watch;
	const struct copy_progress progress = {
		.name = sender->member.name,
		.size = sender->member.size,
		.done = sender->done,
		.members = sender->outcome->members,
		.bytes = sender->outcome->bytes,
	};

	if (watch->progress != NULL)
		watch->progress(watch->data, &progress);
}

/* --- The buffer ------------------------------------------------------------------------------- */

static int lost(struct fault *fault)
{
	return fault_set(fault, "lost", "the other end of the copy has stopped reading");
}

static int write_fault(struct fault *fault)
{
	if (errno == EPIPE || errno == ECONNRESET)
		return lost(fault);
	return fault_io(fault, errno, "cannot write the stream of a copy");
}

static int write_all(struct sender *sender, struct fault *fault)
{
	size_t written = 0;

	while (written < sender->output.used) {
		ssize_t n = write(sender->options->stream, sender->buffer + written,
			sender->output.used - written);

		if (n < 0 && errno != EINTR)
			return write_fault(fault);
		if (copy_go_on(&sender->options->watch, fault) < 0)
			return -1;
		written += n > 0 ? (size_t)n : 0;
	}
	sender->output = field_writer_of(sender->buffer, sizeof sender->buffer);
	return 0;
}

int copy_output_flush(struct sender *sender, struct fault *fault)
{
	const struct copy_send_options *options = sender->options;
	uint8_t *block;
	bool goes_on;

	if (options->shared == NULL)
		return write_all(sender, fault);
	goes_on = copy_stream_give(options->shared, &block, sender->output.used);
	if (copy_go_on(&options->watch, fault) < 0)
		return -1;
	if (!goes_on)
		return lost(fault);
	sender->output = field_writer_of(block, COPY_STREAM_BLOCK);
	return 0;
}

static int make_room(struct sender *sender, size_t size, struct fault *fault)
{
	if (sender->output.size - sender->output.used >= size)
		return 0;
	return copy_output_flush(sender, fault);
}

int copy_output_member(struct sender *sender, struct fault *fault)
{
	struct fields row = fields_of(sender->attributes.row, sender->attributes.size);
	struct field field;

	if (make_room(sender, COPY_DESCRIPTION_MAX, fault) < 0)
		return -1;
	copy_member_begin(&sender->member, &sender->output);
	while (fields_next(&row, &field) == FIELDS_NEXT) {
		if (make_room(sender, SLC_FIELD_SIZE + field.length, fault) < 0)
			return -1;
		field_put(&sender->output, field.tag, field.value, field.length);
		sender->outcome->attributes++;
	}
	return copy_output_field(sender, SLC_COPY_BEGIN, fault);
}

int copy_output_question(struct sender *sender, struct fault *fault)
{
	if (make_room(sender, COPY_DESCRIPTION_MAX, fault) < 0)
		return -1;
	copy_member_ask(&sender->member, &sender->output);
	return 0;
}

int copy_output_field(struct sender *sender, uint32_t tag, struct fault *fault)
{
	if (make_room(sender, SLC_FIELD_SIZE, fault) < 0)
		return -1;
	field_put(&sender->output, tag, NULL, 0);
	return 0;
}

int copy_output_number(struct sender *sender, uint32_t tag, uint32_t number, struct fault *fault)
{
	if (make_room(sender, SLC_FIELD_SIZE + 4u, fault) < 0)
		return -1;
	field_put_number(&sender->output, tag, number);
	return 0;
}

/* --- Files ------------------------------------------------------------------------------------ */

/* An input may have nothing for as long as it likes, and the copy be stopped meanwhile. */
static int wait_for_input(struct sender *sender, int fd, struct fault *fault)
{
	struct pollfd input = {.fd = fd, .events = POLLIN};

	do {
		if (copy_go_on(&sender->options->watch, fault) < 0)
			return -1;
	} while (poll(&input, 1, INPUT_PATIENCE) == 0);
	return 0;
}

/* Waits for bytes even if a signal comes, unless that has stopped the copy. */
static ssize_t read_some(
	struct sender *sender, int fd, uint8_t *to, size_t room, struct fault *fault)
{
	ssize_t n;

	if (sender->options->is_input && wait_for_input(sender, fd, fault) < 0)
		return -1;
	n = read(fd, to, room);
	while (n < 0 && errno == EINTR) {
		if (copy_go_on(&sender->options->watch, fault) < 0)
			return -1;
		n = read(fd, to, room);
	}
	if (n < 0)
		return fault_io(fault, errno, "cannot read '%s'", sender->member.name);
	return n;
}

/* How much of the file the next piece may have: nothing of a hole. */
static size_t piece_most(const struct sender *sender)
{
	size_t most = COPY_PIECE - (size_t)(sender->done % COPY_PIECE);

	if (sender->is_sparse && sender->data_end - sender->done < most)
		return (size_t)(sender->data_end - sender->done);
	return most;
}

/* How much room it needs, with its header: for all that the file is known to have of it. */
static size_t piece_room(const struct sender *sender)
{
	uint64_t size = sender->member.size, done = sender->done;
	uint64_t left = size > done ? size - done : 0;
	size_t most = piece_most(sender);

	if (left < PIECE_LEAST)
		left = PIECE_LEAST;
	return SLC_FIELD_SIZE + (left < most ? (size_t)left : most);
}

/* Reads the next piece of `fd` into the buffer, as a field. Returns its size, 0 at the end. */
static ssize_t put_piece(struct sender *sender, int fd, struct fault *fault)
{
	struct field_writer *output = &sender->output;
	size_t room, most;
	uint8_t *to;
	ssize_t n;

	if (copy_hole_pass(sender, fd, fault) < 0)
		return -1;
	most = piece_most(sender);
	if (make_room(sender, piece_room(sender), fault) < 0)
		return -1;
	to = output->bytes + output->used + SLC_FIELD_SIZE;
	room = output->size - output->used - SLC_FIELD_SIZE;
	n = read_some(sender, fd, to, room < most ? room : most, fault);
	if (n <= 0)
		return n;
	field_put_header(output, SLC_COPY_BYTES, (uint32_t)n);
	output->used += (size_t)n;
	return copy_digest_add(&sender->digest, to, (size_t)n, fault) < 0 ? -1 : n;
}

int copy_output_file(struct sender *sender, int fd, struct fault *fault)
{
	uint8_t digest[COPY_DIGEST_SIZE];
	ssize_t n;

	if (sender->member.from == 0 && copy_digest_begin(&sender->digest, fault) < 0)
		return -1;
	while ((n = put_piece(sender, fd, fault)) > 0) {
		sender->done += (uint64_t)n;
		sender->outcome->bytes += (uint64_t)n;
		copy_send_progress(sender);
		if (copy_go_on(&sender->options->watch, fault) < 0)
			return -1;
	}
	if (n < 0 || copy_digest_end(&sender->digest, digest, fault) < 0 ||
		make_room(sender, SLC_FIELD_SIZE + sizeof digest, fault) < 0)
		return -1;
	field_put(&sender->output, SLC_COPY_DIGEST, digest, sizeof digest);
	return 0;
}
