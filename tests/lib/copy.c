/* copy: see copy.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/channel/copy_digest.h"
#include "runtime/channel/reason.h"
#include "runtime/channel/wire.h"
#include "tests/lib/copy.h"

void script_begin(struct script *script)
{
	script->writer = field_writer_of(script->bytes, sizeof script->bytes);
}

void script_name(struct script *script, const char *name)
{
	field_put_text(&script->writer, SLC_COPY_NAME, name);
}

void script_number(struct script *script, uint32_t tag, uint32_t number)
{
	field_put_number(&script->writer, tag, number);
}

void script_time(struct script *script, int64_t seconds, uint32_t nanoseconds)
{
	uint8_t bytes[12];

	wire_put_long(bytes, (uint64_t)seconds);
	wire_put_number(bytes + 8, nanoseconds);
	field_put(&script->writer, SLC_COPY_TIME, bytes, sizeof bytes);
}

void script_close(struct script *script)
{
	field_put(&script->writer, SLC_COPY_BEGIN, NULL, 0);
}

void script_digest(struct script *script, const char *text)
{
	struct copy_digest digest;
	uint8_t value[COPY_DIGEST_SIZE];
	struct fault fault;

	assert_int_equal(copy_digest_open(&digest, &fault), 0);
	assert_int_equal(copy_digest_begin(&digest, &fault), 0);
	assert_int_equal(copy_digest_add(&digest, (const uint8_t *)text, strlen(text), &fault), 0);
	assert_int_equal(copy_digest_end(&digest, value, &fault), 0);
	copy_digest_close(&digest);
	field_put(&script->writer, SLC_COPY_DIGEST, value, sizeof value);
}

void script_describe(
	struct script *script, const char *name, uint32_t kind, mode_t mode, const char *link)
{
	script_name(script, name);
	script_number(script, SLC_COPY_KIND, kind);
	script_number(script, SLC_COPY_MODE, mode);
	script_time(script, SCRIPT_SECONDS, SCRIPT_NANOSECONDS);
	if (link != NULL)
		field_put_text(&script->writer, SLC_COPY_LINK, link);
	script_close(script);
}

void script_file(struct script *script, const char *name, const char *text)
{
	script_describe(script, name, COPY_FILE, 0640, NULL);
	if (*text != '\0')
		field_put_text(&script->writer, SLC_COPY_BYTES, text);
	script_digest(script, text);
}

void script_folder(struct script *script, const char *name)
{
	script_describe(script, name, COPY_FOLDER, 0750, NULL);
}

struct copy_receive_options receive_into(int folder, const char *last)
{
	struct copy_receive_options options = copy_receive_usual;

	options.target.folder = folder;
	memcpy(options.target.last, last, strlen(last) + 1);
	return options;
}

int stream_of(const uint8_t *bytes, size_t size)
{
	int fd = memfd_create("stream", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), size);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

int receive_bytes(struct copy_receive_options *options, const uint8_t *bytes, size_t size,
	struct copy_outcome *outcome)
{
	int result;

	options->stream = stream_of(bytes, size);
	result = copy_receive(options, outcome);
	close(options->stream);
	return result;
}

void assert_received(struct copy_receive_options *options, const struct script *script)
{
	struct copy_outcome outcome;

	assert_false(script->writer.is_full);
	if (receive_bytes(options, script->bytes, script->writer.used, &outcome) != 0)
		fail_msg("%s: %s", slc_reason_word(outcome.reason), outcome.text);
	assert_int_equal(outcome.reason, 0);
}

void assert_refused(
	struct copy_receive_options *options, const struct script *script, uint32_t reason)
{
	struct copy_outcome outcome;

	assert_false(script->writer.is_full);
	assert_int_equal(receive_bytes(options, script->bytes, script->writer.used, &outcome), -1);
	if (outcome.reason != reason)
		fail_msg("not %s, but %s: %s", slc_reason_word(reason),
			slc_reason_word(outcome.reason), outcome.text);
	assert_string_not_equal(outcome.text, "");
}
