/* copy_receive: see copy_receive.h. Fields become events here, and the machine's effects answers
 * (copy_effect.c); what fails becomes the outcome. */
#include "runtime/channel/copy_receive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/channel/copy_hole.h"
#include "runtime/channel/copy_receive_inside.h"
#include "runtime/channel/reason.h"
#include "runtime/kernel/machine.h"

MACHINE_EVENTS(copy_job)

const struct copy_receive_options copy_receive_usual = {
	.stream = -1,
	.target = {.folder = -1},
	.output = -1,
	.answers = -1,
	.members = 4194304,
	.bytes = UINT64_MAX,
	.folders = 33554432,
	.links = 1048576,
};

void copy_receive_progress(const struct receiver *receiver)
{
	const struct copy_watch *watch = &receiver->options->watch;
	const struct copy_progress progress = {
		.name = receiver->member.name,
		.size = receiver->member.size,
		.done = receiver->done,
		.members = receiver->machine.members - receiver->repeated,
		.bytes = receiver->outcome->bytes,
	};

	if (watch->progress != NULL)
		watch->progress(watch->data, &progress);
}

/* --- Events ----------------------------------------------------------------------------------- */

/* Steps the machine, and goes on with the answers as long as there are some. */
static void feed(struct receiver *receiver, enum copy_job_event event, uint32_t n)
{
	struct answer next = {.event = event, .n = n};

	while (next.event != COPY_NO_ANSWER) {
		uint32_t effects = copy_job_drive(&receiver->machine, 0, next.event, next.n);

		next = copy_effect_do(receiver, effects);
	}
}

/* receiver->fault says why. */
static void abort_copy(struct receiver *receiver)
{
	feed(receiver, COPY_JOB_ABORT, copy_reason(&receiver->fault));
}

static void refuse(struct receiver *receiver, const char *what)
{
	fault_set(&receiver->fault, "request", "the stream of the copy is refused: %s", what);
	abort_copy(receiver);
}

/* --- Fields ----------------------------------------------------------------------------------- */

static void take_piece(struct receiver *receiver, const struct field *field)
{
	if (field->length == 0) {
		refuse(receiver, "it has an empty piece of a file");
		return;
	}
	if (field->length > receiver->options->bytes - receiver->outcome->bytes) {
		fault_set(&receiver->fault, "limit", "the copy has more than %llu bytes",
			(unsigned long long)receiver->options->bytes);
		abort_copy(receiver);
		return;
	}
	receiver->piece = *field;
	feed(receiver, COPY_JOB_DATA, field->length);
}

/* A few bytes say much: the copy can be stopped between any two of them. */
static void take_hole(struct receiver *receiver, const struct field *field)
{
	struct field hole = {.tag = field->tag, .value = NULL};

	if (field_number(field, &hole.length) < 0 || hole.length > COPY_HOLE_MAX)
		refuse(receiver, "it has a hole of no size, or of one that is too large");
	else if (copy_go_on(&receiver->options->watch, &receiver->fault) < 0)
		abort_copy(receiver);
	else
		take_piece(receiver, &hole);
}

static void take_digest(struct receiver *receiver, const struct field *field)
{
	if (field->length != COPY_DIGEST_SIZE) {
		refuse(receiver, "it has a digest of another length");
		return;
	}
	receiver->expected = field->value;
	feed(receiver, COPY_JOB_DIGEST, 0);
}

/* Whether the member that is described may have the attributes that it has. */
static bool may_have_attributes(const struct receiver *receiver, const struct field *end)
{
	uint32_t kind = receiver->member.kind;

	return receiver->attributes.count == 0 ||
	       (end->tag == SLC_COPY_BEGIN && (kind == COPY_FILE || kind == COPY_FOLDER));
}

/* An end that did not ask for them does not get them. */
static void take_attribute(struct receiver *receiver, const struct field *field)
{
	if (!receiver->options->attributes || receiver->member.given == 0)
		refuse(receiver, "it has an extended attribute where none was asked for");
	else if (copy_attributes_take(
			 &receiver->attributes, field, receiver->member.name, &receiver->fault) < 0)
		abort_copy(receiver);
}

static void take_member(struct receiver *receiver, const struct field *field)
{
	if (field->tag == SLC_COPY_NAME)
		copy_attributes_clear(&receiver->attributes);
	if (copy_member_take(&receiver->member, field, &receiver->fault) < 0)
		abort_copy(receiver);
}

static void take_begin(struct receiver *receiver, const struct field *field)
{
	const struct copy_member *member = &receiver->member;
	bool is_file = member->kind == COPY_FILE && !member->stays;

	if (copy_member_close(&receiver->member, field, &receiver->fault) < 0)
		abort_copy(receiver);
	else if ((member->stays && receiver->options->answers < 0) ||
		 (member->from > 0 && !receiver->options->keeps))
		refuse(receiver, "it goes on from what nobody has told it");
	else if (!may_have_attributes(receiver, field))
		refuse(receiver, "it has extended attributes of a link");
	else
		feed(receiver, is_file ? COPY_JOB_ENTRY : COPY_JOB_ITEM, 0);
}

/* An end that did not say that it answers is not asked. */
static void take_question(struct receiver *receiver, const struct field *field)
{
	if (receiver->options->answers < 0)
		refuse(receiver, "it asks about files, and no answers were offered");
	else if (field->tag == SLC_COPY_TELL && field->length > 0)
		refuse(receiver, "it has a question with a value");
	else if (field->tag == SLC_COPY_TELL)
		feed(receiver, COPY_JOB_TELL, 0);
	else if (!may_have_attributes(receiver, field))
		refuse(receiver, "it asks about extended attributes");
	else if (copy_member_close(&receiver->member, field, &receiver->fault) < 0)
		abort_copy(receiver);
	else
		feed(receiver, COPY_JOB_ASK, 0);
}

static void take_field(struct receiver *receiver, const struct field *field)
{
	bool is_file = field->tag == SLC_COPY_BYTES || field->tag == SLC_COPY_DIGEST ||
		       field->tag == SLC_COPY_HOLE || field->tag == SLC_COPY_TELL;

	if (field->tag >= SLC_TAG_SKIPPED)
		return;
	if (is_file && receiver->member.given != 0)
		refuse(receiver, "it has bytes or a digest within a description");
	else if (field->tag == SLC_COPY_BYTES)
		take_piece(receiver, field);
	else if (field->tag == SLC_COPY_HOLE)
		take_hole(receiver, field);
	else if (field->tag == SLC_COPY_DIGEST)
		take_digest(receiver, field);
	else if (field->tag == SLC_COPY_BEGIN)
		take_begin(receiver, field);
	else if (field->tag == SLC_COPY_ASK || field->tag == SLC_COPY_TELL)
		take_question(receiver, field);
	else if (field->tag == SLC_COPY_ATTRIBUTE)
		take_attribute(receiver, field);
	else if (!copy_member_has(field->tag))
		refuse(receiver, "it has a field that no copy has");
	else
		take_member(receiver, field);
}

static void take_bytes(struct receiver *receiver, const uint8_t *bytes, size_t size)
{
	enum field_result result = FIELD_WHOLE;
	struct field field;

	while (!receiver->is_over) {
		result = field_reader_next(&receiver->reader, &bytes, &size, &field);
		if (result == FIELD_MORE) {
			receiver->begin = receiver->end - size;
			return;
		}
		if (result == FIELD_BROKEN)
			refuse(receiver, "it has a field that is too long");
		else
			take_field(receiver, &field);
	}
}

/* --- The stream ------------------------------------------------------------------------------- */

static void take_end(struct receiver *receiver)
{
	if (receiver->options->share.count > 0 && receiver->machine.members == 0 &&
		receiver->machine.cs == COPY_JOB_IN_READY && receiver->member.given == 0 &&
		field_reader_may_end(&receiver->reader))
		receiver->is_over = true; /* the members are the other streams' */
	else if (field_reader_may_end(&receiver->reader) && receiver->member.given == 0)
		feed(receiver, COPY_JOB_END, 0);
	else
		refuse(receiver, "it ends within a member's description, or within a field");
}

/* Reads behind what was kept; *bytes begin with that. */
static ssize_t read_stream(struct receiver *receiver, const uint8_t **bytes)
{
	uint8_t *buffer = receiver->buffer;
	size_t kept = receiver->end - receiver->begin;
	ssize_t n;

	if (kept == 0 || sizeof receiver->buffer - receiver->end < COPY_PIECE) {
		memmove(buffer, buffer + receiver->begin, kept);
		receiver->begin = 0;
		receiver->end = kept;
	}
	*bytes = buffer + receiver->begin;
	n = read(receiver->options->stream, buffer + receiver->end,
		sizeof receiver->buffer - receiver->end);
	if (n <= 0)
		return n;
	receiver->end += (size_t)n;
	return n + (ssize_t)kept;
}

static ssize_t read_some(struct receiver *receiver, const uint8_t **bytes)
{
	struct copy_stream *shared = receiver->options->shared;

	return shared != NULL ? (ssize_t)copy_stream_take(shared, bytes)
			      : read_stream(receiver, bytes);
}

/* The stream is read before it is asked whether to stop: an end that came because the copy is given
 * up must not look like the end of the copy. */
static void receive_some(struct receiver *receiver)
{
	const uint8_t *bytes;
	ssize_t n = read_some(receiver, &bytes);
	int error = errno;

	if (copy_go_on(&receiver->options->watch, &receiver->fault) < 0) {
		abort_copy(receiver);
	} else if (n > 0) {
		take_bytes(receiver, bytes, (size_t)n);
	} else if (n == 0) {
		take_end(receiver);
	} else if (error != EINTR) {
		fault_io(&receiver->fault, error, "cannot read the stream of a copy");
		abort_copy(receiver);
	}
}

/* --- All of it -------------------------------------------------------------------------------- */

/* The machine says why the copy failed. What it knew by itself gets its words here. */
static void explain(struct receiver *receiver)
{
	uint32_t reason = receiver->machine.reason;

	if (copy_reason(&receiver->fault) == reason)
		return;
	if (reason == SLC_REASON_LIMIT)
		fault_set(&receiver->fault, "limit", "the copy has more than %u members",
			receiver->options->members);
	else
		fault_set(&receiver->fault, slc_reason_word(reason),
			"the stream of the copy has its fields in another order, or no member");
}

static int receive_all(struct receiver *receiver)
{
	const struct copy_receive_options *options = receiver->options;

	if (copy_digest_open(&receiver->digest, &receiver->fault) < 0 ||
		copy_folders_open(&receiver->folders, options->folders, &receiver->fault) < 0)
		return -1;
	if (options->target.last[0] == '\0' && options->output < 0)
		receiver->tree.fd = options->target.folder;
	while (!receiver->is_over)
		receive_some(receiver);
	receiver->outcome->members = receiver->machine.members - receiver->repeated;
	if (receiver->machine.reason == 0)
		return 0;
	explain(receiver);
	return -1;
}

static void begin(struct receiver *receiver, const struct copy_receive_options *options,
	struct copy_outcome *outcome)
{
	receiver->options = options;
	receiver->outcome = outcome;
	receiver->tree = (struct path_tree){.fd = -1, .one_mount = options->one_mount};
	receiver->looked_at = (struct path_tree){.fd = -1, .one_mount = options->one_mount};
	receiver->answers = field_writer_of(receiver->answer, sizeof receiver->answer);
	receiver->place.folder = -1;
	receiver->file = -1;
	copy_job_init(&receiver->machine, options->members, options->keeps ? 1u : 0u);
	copy_inodes_init(&receiver->files, options->links);
	field_reader_init(&receiver->reader, SLC_COPY_BYTES, receiver->value,
		options->attributes ? sizeof receiver->value : COPY_VALUE_MAX);
	receiver->reader.least = options->shared == NULL ? COPY_PIECE : 0;
}

static void end(struct receiver *receiver)
{
	if (receiver->tree.fd >= 0 && receiver->tree.fd != receiver->options->target.folder)
		close(receiver->tree.fd);
	if (receiver->looked_at.fd >= 0)
		close(receiver->looked_at.fd);
	copy_inodes_free(&receiver->files);
	copy_folders_close(&receiver->folders);
	copy_digest_close(&receiver->digest);
}

int copy_receive(const struct copy_receive_options *options, struct copy_outcome *outcome)
{
	struct receiver *receiver = calloc(1, sizeof *receiver);
	struct fault fault = {.word = "space", .text = "there is no memory for a copy"};
	int result = -1;

	*outcome = (struct copy_outcome){.reason = 0};
	if (receiver != NULL) {
		begin(receiver, options, outcome);
		result = receive_all(receiver);
		end(receiver);
		fault = receiver->fault;
		free(receiver);
	}
	if (result < 0)
		copy_outcome_fail(outcome, &fault);
	return result;
}
