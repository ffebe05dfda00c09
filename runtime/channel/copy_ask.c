/* copy_ask: the sender's questions, and what it makes of the answers. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/channel/copy_hash.h"
#include "runtime/channel/copy_send_inside.h"

/* --- Questions -------------------------------------------------------------------------------- */

static ssize_t read_answers(struct sender *sender, uint8_t *bytes, size_t size, struct fault *fault)
{
	ssize_t n;

	do {
		if (copy_go_on(&sender->options->watch, fault) < 0)
			return -1;
		n = read(sender->options->answers, bytes, size);
	} while (n < 0 && errno == EINTR);
	if (n > 0 || copy_go_on(&sender->options->watch, fault) < 0)
		return n > 0 ? n : -1;
	return fault_set(fault, "lost", "the other end of the copy has not answered");
}

/* Takes answers from the front of bytes[0..size). Returns how many there were, or -1. */
static int take_answers(struct sender *sender, const uint8_t *bytes, size_t size, uint32_t answered,
	struct fault *fault)
{
	struct copy_survey *survey = &sender->survey;
	struct field field;
	enum field_result result;
	int count = 0;

	while ((result = field_reader_next(&sender->answers, &bytes, &size, &field)) != FIELD_MORE)
		if (result != FIELD_WHOLE || answered + (uint32_t)count == survey->asking ||
			copy_survey_take(survey, answered + (uint32_t)count++, &field) < 0)
			return fault_set(fault, "protocol",
				"the other end of the copy answers what was not asked");
	return count;
}

/* Has all questions answered that were asked. */
static int hear(struct sender *sender, struct fault *fault)
{
	uint8_t bytes[4096];
	uint32_t answered = 0;

	if (copy_output_field(sender, SLC_COPY_TELL, fault) < 0 ||
		copy_output_flush(sender, fault) < 0)
		return -1;
	while (answered < sender->survey.asking) {
		ssize_t n = read_answers(sender, bytes, sizeof bytes, fault);
		int count = n < 0 ? -1 : take_answers(sender, bytes, (size_t)n, answered, fault);

		if (count < 0)
			return -1;
		answered += (uint32_t)count;
	}
	sender->survey.asking = 0;
	return 0;
}

int copy_ask(struct sender *sender, const struct stat *status, struct fault *fault)
{
	struct copy_survey *survey = &sender->survey;

	if (!S_ISREG(status->st_mode) || status->st_nlink != 1)
		return 0;
	copy_send_describe(sender, COPY_FILE, status);
	if (copy_output_question(sender, fault) < 0)
		return -1;
	survey->asked[survey->asking++] = *status;
	return survey->asking == COPY_SURVEY_BATCH ? hear(sender, fault) : 0;
}

int copy_ask_end(struct sender *sender, struct fault *fault)
{
	return sender->survey.asking > 0 ? hear(sender, fault) : 0;
}

/* --- What comes of the answers ---------------------------------------------------------------- */

/* 1: the first `most` bytes of the file have this digest, and the sender's has them; 0: they have
 * not, and the file is at its beginning; or -1. */
static int has_digest(
	struct sender *sender, int fd, uint64_t most, const uint8_t *expected, struct fault *fault)
{
	const char *name = sender->walk.name;
	uint8_t value[COPY_DIGEST_SIZE];
	uint64_t size;

	if (copy_hash(&sender->digest, fd, name, most, &size, &sender->options->watch, fault) < 0 ||
		copy_digest_peek(&sender->digest, value, fault) < 0)
		return -1;
	if (size == most && memcmp(value, expected, sizeof value) == 0)
		return 1;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return fault_io(fault, errno, "cannot read '%s' again", name);
	return 0;
}

int copy_ask_settle(struct sender *sender, int fd, const struct stat *status, struct fault *fault)
{
	const struct copy_verdict *verdict = NULL;
	struct copy_member *member = &sender->member;
	uint64_t most;
	int result;

	if (S_ISREG(status->st_mode) && status->st_nlink == 1)
		verdict = copy_survey_find(&sender->survey, status);
	if (verdict == NULL)
		return 0;
	member->stays = verdict->has == COPY_HAS_SAME;
	if (member->stays)
		return 0;
	most = verdict->has == COPY_HAS_PART ? verdict->part : verdict->size;
	result = has_digest(sender, fd, most, verdict->digest, fault);
	member->stays = result > 0 && verdict->has == COPY_HAS_DIGEST;
	if (result > 0 && verdict->has == COPY_HAS_PART) {
		member->from = verdict->part;
		memcpy(member->from_digest, verdict->digest, sizeof verdict->digest);
	}
	return result < 0 ? -1 : 0;
}
