/* pipeline_cp: the verb cp against a listener that sends what it must not, fails midway, or
 * vanishes. Copies of whole trees are tested with the real one: tests/integration/pipeline.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <openssl/sha.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/channel/fields.h"
#include "tests/lib/pipeline.h"

static struct pipeline_result result;

/* --- A listener of copies --------------------------------------------------------------------- */

/* What the newest request was, and for a put the names that it sent. */
static struct {
	char path[64];
	uint32_t options;
	char names[256];
	size_t received;
	struct field_reader reader;
	uint8_t buffer[4096];
} seen;

static bool is(const char *path)
{
	return strcmp(seen.path, path) == 0;
}

static void put_data(
	struct channel *channel, enum slc_stream stream, const uint8_t *bytes, size_t size)
{
	struct field field;
	enum field_result got;

	(void)stream;
	seen.received += size;
	if (is("/stalls"))
		return;
	channel_consumed(channel, size);
	while ((got = field_reader_next(&seen.reader, &bytes, &size, &field)) != FIELD_MORE) {
		assert_int_not_equal(got, FIELD_BROKEN);
		if (got == FIELD_WHOLE && field.tag == SLC_COPY_NAME)
			(void)snprintf(seen.names + strlen(seen.names),
				sizeof seen.names - strlen(seen.names), "<%.*s>", (int)field.length,
				(const char *)field.value);
	}
	if (is("/full"))
		channel_abort(channel, SLC_REASON_SPACE, "no room left");
}

static void put_end(struct channel *channel, enum slc_stream stream)
{
	uint8_t memory[64];
	struct field_writer writer = field_writer_of(memory, sizeof memory);

	(void)stream;
	assert_true(field_reader_may_end(&seen.reader));
	field_put_long(&writer, SLC_MEMBERS, 1);
	field_put_long(&writer, SLC_BYTES, 2);
	assert_true(channel_conclude(channel, 0, memory, writer.used));
}

static void put_ended(
	struct channel *channel, enum channel_outcome outcome, uint32_t reason, const char *text)
{
	struct pipeline_server *server = channel_owner(channel);

	(void)text;
	if (outcome == CHANNEL_RESET)
		server->reset = reason;
}

static const struct channel_events put_events = {
	.data = put_data,
	.end = put_end,
	.ended = put_ended,
};

static void serve_put(struct pipeline_server *server, struct channel *channel)
{
	bool into = seen.options == 1;

	channel_own(channel, &put_events, server);
	field_reader_init(&seen.reader, SLC_COPY_BYTES, seen.buffer, sizeof seen.buffer);
	if (into && is("/new")) {
		channel_refuse(channel, SLC_REASON_NOT_FOUND, "no such folder");
		return;
	}
	channel_accept(channel);
	if (into && is("/late"))
		channel_abort(channel, SLC_REASON_NOT_FOUND, "no such folder");
}

/* --- A sender of copies ----------------------------------------------------------------------- */

static void put_file(struct field_writer *writer, const char *name, const char *text)
{
	static const uint8_t time[12] = {0, 0, 0, 0, 0x60, 0, 0, 0, 0, 0, 0, 7};
	uint8_t digest[SHA256_DIGEST_LENGTH];

	field_put_text(writer, SLC_COPY_NAME, name);
	field_put_number(writer, SLC_COPY_KIND, 1);
	field_put_number(writer, SLC_COPY_MODE, 0640);
	field_put(writer, SLC_COPY_TIME, time, sizeof time);
	field_put_long(writer, SLC_COPY_SIZE, strlen(text));
	field_put(writer, SLC_COPY_BEGIN, NULL, 0);
	field_put(writer, SLC_COPY_BYTES, text, strlen(text));
	SHA256((const uint8_t *)text, strlen(text), digest);
	if (is("/digest"))
		digest[31] ^= 1;
	if (!is("/cut") && !is("/reset") && !is("/vanish"))
		field_put(writer, SLC_COPY_DIGEST, digest, sizeof digest);
}

static void serve_get(struct pipeline_server *server, struct channel *channel)
{
	uint8_t memory[1024];
	struct field_writer writer = field_writer_of(memory, sizeof memory);

	channel_own(channel, &put_events, server);
	channel_accept(channel);
	if (!is("/nothing"))
		put_file(&writer, is("/escape") ? "../../escaped" : "", "new text");
	if (is("/garbage"))
		memset(memory, 0xff, sizeof memory);
	assert_int_equal(channel_send(channel, SLC_OUTPUT, writer.bytes, writer.used), writer.used);
	if (is("/reset"))
		channel_abort(channel, SLC_REASON_IO, "the disk is gone");
	else if (is("/vanish"))
		server->is_gone = true;
	else
		(void)channel_conclude(channel, 0, NULL, 0);
}

static void serve(struct pipeline_server *server, struct channel *channel, uint32_t type,
	const uint8_t *bytes, size_t size)
{
	struct fields fields = fields_of(bytes, size);
	struct field field;

	server->channel = NULL;
	memset(&seen, 0, sizeof seen);
	while (fields_next(&fields, &field) == FIELDS_NEXT) {
		if (field.tag == SLC_PATH)
			assert_int_equal(field_text(&field, seen.path, sizeof seen.path), 0);
		else if (field.tag == SLC_OPTIONS)
			assert_int_equal(field_number(&field, &seen.options), 0);
		else
			fail();
	}
	if (type == SLC_PUT)
		serve_put(server, channel);
	else
		serve_get(server, channel);
}

/* --- Files here ------------------------------------------------------------------------------- */

static char old[96]; /* a file in the server's folder */

static int setup(void **state)
{
	struct pipeline_server *server;
	int fd;

	if (pipeline_server_open(state) != 0)
		return -1;
	server = *state;
	server->serve = serve;
	(void)snprintf(old, sizeof old, "%s/old", server->folder);
	fd = open(old, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, "old text", 8), 8);
	return close(fd);
}

static int teardown(void **state)
{
	(void)unlink(old); /* and rmdir fails where anything else was left */
	return pipeline_server_close(state);
}

static void old_file_has(const char *text)
{
	char found[64] = {0};
	int fd = open(old, O_RDONLY | O_CLOEXEC);

	assert_true(read(fd, found, sizeof found - 1) >= 0);
	assert_string_equal(found, text);
	close(fd);
}

static void failed_with(int code, const char *word)
{
	char line[64];

	(void)snprintf(line, sizeof line, "reason: %s\n", word);
	assert_non_null(strstr(result.errors, line));
	told_ended(&result.told, code, false);
}

/* --- Tests ------------------------------------------------------------------------------------ */

static void a_file_that_is_whole_replaces_the_old_one(void **state)
{
	struct pipeline_server *server = *state;
	struct stat status;

	assert_int_equal(RUN("cp", ":/file", old), 0);
	old_file_has("new text");
	assert_int_equal(stat(old, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0640);
	assert_int_equal(status.st_mtim.tv_sec, 0x60000000);
	assert_int_equal(status.st_mtim.tv_nsec, 7);
	assert_string_equal(result.output, "");
	assert_int_equal(RUN("cp", "--json", ":/file", old), 0);
	assert_non_null(
		strstr(result.output, "{\"attested\":false,\"members\":1,\"bytes\":8,\"skipped\":0,"
				      "\"unchanged\":0,\"resumed\":0,\"xattrs\":0,\"seconds\":"));
	assert_int_equal(server->lost, 0);
}

static void whatever_is_wrong_leaves_the_old_file(void **state)
{
	static const struct {
		const char *path;
		int code;
		const char *word;
	} cases[] = {
		{":/digest", 76, "digest"},
		{":/cut", 67, "protocol"},
		{":/reset", 74, "io"},
		{":/vanish", 68, "lost"},
		{":/garbage", 65, "request"},
	};
	struct pipeline_server *server = *state;

	for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		(void)RUN("cp", cases[i].path, old);
		failed_with(cases[i].code, cases[i].word);
		old_file_has("old text");
	}
}

static void a_copy_of_nothing_or_of_what_is_elsewhere_fails(void **state)
{
	struct pipeline_server *server = *state;

	assert_int_not_equal(RUN("cp", ":/nothing", old), 0);
	assert_int_not_equal(RUN("cp", ":/escape", old), 0);
	assert_int_equal(access("/tmp/escaped", F_OK), -1);
	old_file_has("old text");
}

static void sources_go_into_a_folder_or_become_the_target(void **state)
{
	struct pipeline_server *server = *state;

	assert_int_equal(RUN("cp", old, ":/folder"), 0);
	assert_int_equal(seen.options, 1);
	assert_string_equal(seen.names, "<old>");
	assert_int_equal(RUN("cp", old, ":/new"), 0);
	assert_int_equal(seen.options, 0);
	assert_string_equal(seen.names, "<>");
	assert_int_equal(RUN("cp", old, ":/late"), 0);
	assert_int_equal(seen.options, 0);
	assert_string_equal(seen.names, "<>");
	(void)RUN("cp", old, ":/new/");
	assert_string_equal(seen.path, "/new/");
	assert_int_equal(server->lost, 0);
}

static void several_sources_want_a_folder(void **state)
{
	struct pipeline_server *server = *state;
	unsigned before = server->channels;

	assert_int_equal(RUN("cp", old, "/proc/self/status", old, ":/folder"), 0);
	assert_string_equal(seen.names, "<old><status><old>");
	assert_int_equal(server->channels, before + 1);
	(void)RUN("cp", old, old, ":/new");
	failed_with(66, "not_found");
}

static void a_source_that_is_missing_sends_nothing(void **state)
{
	struct pipeline_server *server = *state;

	(void)RUN("cp", old, "/proc/nonexistent/file", ":/folder");
	failed_with(66, "not_found");
	assert_int_equal(server->channels, 0);
	(void)RUN("cp", "/dev/null", ":/folder");
	failed_with(65, "request");
	(void)RUN("cp", ":/file", "/proc/nonexistent/folder/file");
	failed_with(66, "not_found");
	(void)RUN("cp", ":/file", "/dev/null");
	failed_with(73, "output");
	assert_int_equal(server->channels, 0);
}

static void a_full_disk_there_is_told(void **state)
{
	struct pipeline_server *server = *state;

	(void)RUN("cp", old, ":/full");
	failed_with(74, "space");
	assert_non_null(strstr(result.errors, "no room left"));
}

/* More than a window, and no hole. */
static void make_large(const char *path)
{
	static const char bytes[4096] = "large";
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	for (size_t size = 0; size < 4u * slc_usual.window; size += sizeof bytes)
		assert_int_equal(fwrite(bytes, 1, sizeof bytes, file), sizeof bytes);
	assert_int_equal(fclose(file), 0);
}

/* The listener takes a window full and no more. */
static void a_signal_ends_a_copy(void **state)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	struct pipeline_server *server = *state;

	make_large(old);
	for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		memset(&seen, 0, sizeof seen);
		server->reset = 0;
		pipeline_start(server, &result, pipeline_input(""), WORDS("cp", old, ":/stalls"));
		while (seen.received < slc_usual.window)
			pipeline_server_turn(server);
		assert_int_equal(kill(result.told.child.pid, numbers[i]), 0);
		pipeline_wait(server, &result);
		told_ended(&result.told, numbers[i], true);
		assert_int_equal(server->reset, SLC_REASON_CANCELLED);
		assert_int_equal(seen.received, slc_usual.window);
		assert_string_equal(result.errors, "");
	}
	assert_int_equal(server->lost, 0);
}

#define CP_TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CP_TEST(a_file_that_is_whole_replaces_the_old_one),
		CP_TEST(whatever_is_wrong_leaves_the_old_file),
		CP_TEST(a_copy_of_nothing_or_of_what_is_elsewhere_fails),
		CP_TEST(sources_go_into_a_folder_or_become_the_target),
		CP_TEST(several_sources_want_a_folder),
		CP_TEST(a_source_that_is_missing_sends_nothing),
		CP_TEST(a_full_disk_there_is_told),
		CP_TEST(a_signal_ends_a_copy),
	};

	return cmocka_run_group_tests_name("pipeline_cp", tests, NULL, NULL);
}
