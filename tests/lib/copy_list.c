/* copy_list: sends, and lists what was sent as text; see copy.h. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/channel/copy_digest.h"
#include "runtime/channel/reason.h"
#include "tests/lib/copy.h"
#include "tests/lib/tree.h"

struct reading {
	struct copy_member member;
	struct copy_digest digest;
	unsigned long long bytes;
	FILE *text;
	struct fault fault;
};

static void read_file_field(struct reading *reading, const struct field *field)
{
	uint8_t digest[COPY_DIGEST_SIZE];

	if (field->tag == SLC_COPY_BYTES) {
		assert_in_range(field->length, 1, COPY_BUFFER);
		reading->bytes += field->length;
		copy_digest_add(&reading->digest, field->value, field->length, &reading->fault);
		return;
	}
	assert_int_equal(field->tag, SLC_COPY_DIGEST);
	assert_int_equal(field->length, COPY_DIGEST_SIZE);
	copy_digest_end(&reading->digest, digest, &reading->fault);
	assert_memory_equal(digest, field->value, sizeof digest);
	fprintf(reading->text, "  %llu bytes\n", reading->bytes);
}

static void read_field(struct reading *reading, const struct field *field)
{
	struct copy_member *member = &reading->member;

	if (field->tag > SLC_COPY_BEGIN) {
		read_file_field(reading, field);
	} else if (field->tag < SLC_COPY_BEGIN) {
		assert_int_equal(copy_member_take(member, field, &reading->fault), 0);
	} else {
		assert_int_equal(copy_member_close(member, field, &reading->fault), 0);
		fprintf(reading->text, "'%s' %u %o %lld.%09ld %llu '%s'\n", member->name,
			member->kind, member->mode, (long long)member->time.tv_sec,
			member->time.tv_nsec, (unsigned long long)member->size, member->link);
		reading->bytes = 0;
		copy_digest_begin(&reading->digest, &reading->fault);
	}
}

char *list_stream(int stream)
{
	static struct reading reading;
	struct field field;
	struct fields fields;
	enum fields_result result;
	size_t used, size;
	char *text, *bytes;
	char path[64];

	snprintf(path, sizeof path, "/proc/self/fd/%d", stream);
	bytes = tree_read(AT_FDCWD, path, &size);
	fields = fields_of((const uint8_t *)bytes, size);
	reading = (struct reading){.bytes = 0};
	reading.text = open_memstream(&text, &used);
	assert_int_equal(copy_digest_open(&reading.digest, &reading.fault), 0);
	while ((result = fields_next(&fields, &field)) == FIELDS_NEXT)
		read_field(&reading, &field);
	assert_int_equal(result, FIELDS_END);
	copy_digest_close(&reading.digest);
	fclose(reading.text);
	free(bytes);
	return text;
}

int send_to_memory(struct copy_send_options *options, struct copy_outcome *outcome)
{
	options->stream = memfd_create("stream", MFD_CLOEXEC);
	assert_true(options->stream >= 0);
	return copy_send(options, outcome);
}

void assert_sent(
	struct copy_send_options *options, struct copy_outcome *outcome, const char *expected)
{
	char *text;

	if (send_to_memory(options, outcome) != 0)
		fail_msg("%s", outcome->text);
	text = list_stream(options->stream);
	assert_string_equal(text, expected);
	free(text);
	close(options->stream);
}

void assert_not_sent(
	struct copy_send_options *options, struct copy_outcome *outcome, uint32_t reason)
{
	assert_int_equal(send_to_memory(options, outcome), -1);
	if (outcome->reason != reason)
		fail_msg("not %s, but %s: %s", slc_reason_word(reason),
			slc_reason_word(outcome->reason), outcome->text);
	assert_string_not_equal(outcome->text, "");
	close(options->stream);
}
