/* pipeline_client: how the client reaches a listener, and what it does where that is none; ping and
 * attest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/channel/wire.h"
#include "tests/lib/pipeline.h"

static struct pipeline_result result;

static void failed_with(int code, const char *word)
{
	char line[64];

	(void)snprintf(line, sizeof line, "reason: %s\n", word);
	assert_non_null(strstr(result.errors, line));
	told_ended(&result.told, code, false);
}

/* --- Listeners that are none ------------------------------------------------------------------ */

/* A listener at an abstract socket, which says `bytes` to each who comes, and holds on to him. */
struct stranger {
	char address[64];
	int fd, client;
	struct watch watch;
	const void *bytes;
	size_t size;
};

static void came(struct watch *watch, unsigned events)
{
	struct stranger *stranger =
		(struct stranger *)((char *)watch - offsetof(struct stranger, watch));

	(void)events;
	if (stranger->client >= 0)
		close(stranger->client);
	stranger->client = accept4(stranger->fd, NULL, NULL, SOCK_CLOEXEC);
	assert_true(stranger->client >= 0);
	assert_int_equal(send(stranger->client, stranger->bytes, stranger->size, MSG_NOSIGNAL),
		(ssize_t)stranger->size);
}

static void stranger_open(struct stranger *stranger, struct loop *loop)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	socklen_t size = sizeof(sa_family_t);
	struct fault fault;

	memset(stranger, 0, sizeof *stranger);
	stranger->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(stranger->fd, (struct sockaddr *)&name, size), 0);
	size = sizeof name; /* the kernel chose a name of five digits */
	assert_int_equal(getsockname(stranger->fd, (struct sockaddr *)&name, &size), 0);
	assert_int_equal(listen(stranger->fd, 8), 0);
	(void)snprintf(
		stranger->address, sizeof stranger->address, "unix:@%.5s", name.sun_path + 1);
	stranger->client = -1;
	stranger->watch.ready = came;
	assert_int_equal(watch_start(&stranger->watch, loop, stranger->fd, WATCH_READ, &fault), 0);
}

static void stranger_close(struct stranger *stranger)
{
	watch_stop(&stranger->watch);
	if (stranger->client >= 0)
		close(stranger->client);
	close(stranger->fd);
}

static void another_version_is_told(void **state)
{
	struct pipeline_server *server = *state;
	struct slc_hello hello = {.features = 1, .limit = 65536, .keepalive = 15, .credit = 262144};
	uint8_t bytes[SLC_FRAME_SIZE + SLC_HELLO_SIZE];
	struct stranger stranger;

	wire_put_frame(bytes, SLC_FRAME_HELLO, 0, 0, SLC_HELLO_SIZE);
	wire_put_hello(bytes + SLC_FRAME_SIZE, &hello);
	wire_put_number(bytes + SLC_FRAME_SIZE, 2);
	stranger_open(&stranger, server->loop);
	stranger.bytes = bytes;
	stranger.size = sizeof bytes;
	(void)RUN("--addr", stranger.address, "--timeout", "60", "ping");
	failed_with(67, "version");
	(void)RUN("--addr", stranger.address, "--timeout", "60", "exec", "true");
	failed_with(125, "version");
	stranger_close(&stranger);
}

static void another_protocol_is_told(void **state)
{
	struct pipeline_server *server = *state;
	struct stranger stranger;

	stranger_open(&stranger, server->loop);
	stranger.bytes = "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n";
	stranger.size = strlen(stranger.bytes);
	(void)RUN("--addr", stranger.address, "ping");
	failed_with(67, "protocol");
	stranger_close(&stranger);
}

static void silence_is_a_timeout(void **state)
{
	struct pipeline_server *server = *state;
	struct stranger stranger;

	stranger_open(&stranger, server->loop);
	(void)RUN("--addr", stranger.address, "--timeout", "1", "ping");
	failed_with(68, "timeout");
	(void)RUN("--addr", stranger.address, "exec", "--timeout=1", "true");
	failed_with(125, "timeout");
	stranger_close(&stranger);
}

static void nobody_there_is_refused(void **state)
{
	struct pipeline_server *server = *state;

	(void)RUN("--addr", "unix:/proc/nonexistent/socket", "ping");
	failed_with(68, "refused");
	(void)RUN("--addr", "unix:@nobody-listens-here", "cp", "/etc/passwd", ":/tmp/");
	failed_with(68, "refused");
	(void)RUN("--addr", "unix:/proc/nonexistent/socket", "exec", "true");
	failed_with(125, "refused");
	assert_non_null(strstr(result.errors, "unix:/proc/nonexistent/socket"));
}

/* --- The command line ------------------------------------------------------------------------- */

static void a_wrong_command_line_ends_with_2(void **state)
{
	const char *const *const wrong[] = {
		WORDS("--addr", "vsock:x:1", "ping"),
		WORDS("--addr", "", "ping"),
		WORDS("--enclave", "../web", "ping"),
		WORDS("--enclave", "web", "--addr", "unix:@nobody", "ping"),
		WORDS("--timeout", "0", "ping"),
		WORDS("--timeout", "-1", "ping"),
		WORDS("--timeout", "1s", "ping"),
		WORDS("--nothing", "ping"),
		WORDS("--addr"),
		WORDS("ping", "there"),
		WORDS("ping", "-c", "0"),
		WORDS("ping", "-x"),
		WORDS("exec"),
		WORDS("exec", "-x", "true"),
		WORDS("cp"),
		WORDS("cp", ":a"),
		WORDS("cp", "a", "b"),
		WORDS("cp", ":a", ":b"),
		WORDS("cp", "a", ":b", ":c"),
		WORDS("cp", "", ":c"),
		WORDS("cp", "a", ":"),
		WORDS("attest", "x"),
		WORDS("attest", "-o", "x", "--nonce", "xyz"),
		WORDS("attest", "-o", "x", "--nonce", "123"),
		WORDS("attest", "-o", "x", "y"),
		WORDS("--json", "listen"),
	};
	struct pipeline_server *server = *state;

	for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		assert_int_equal(pipeline_run(server, &result, "", wrong[i]), 2);
		assert_non_null(strstr(result.errors, "reason: "));
		assert_string_equal(result.output, "");
	}
	assert_int_equal(pipeline_run(server, &result, "", WORDS("no\033verb")), 2);
	assert_non_null(strstr(result.errors, "no such verb: no\\x1bverb"));
	assert_int_equal(server->channels, 0);
}

static void help_fits_a_screen(void **state)
{
	static const char *const verbs[] = {"exec", "cp", "ping", "attest"};
	struct pipeline_server *server = *state;

	assert_int_equal(RUN("--help"), 0);
	assert_memory_equal(result.output, "usage: pipeline ", 16);
	assert_int_equal(RUN("--version"), 0);
	assert_memory_equal(result.output, "pipeline ", 9);
	for (unsigned i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
		unsigned lines = 0;

		assert_int_equal(RUN(verbs[i], "--help"), 0);
		assert_non_null(strstr(result.output, verbs[i]));
		for (const char *at = result.output; (at = strchr(at, '\n')) != NULL; at++)
			lines++;
		assert_in_range(lines, 3, 24);
	}
	assert_int_equal(server->sessions, 0);
}

static void options_stand_before_or_behind_the_verb(void **state)
{
	struct pipeline_server *server = *state;

	assert_int_equal(RUN("--addr", server->address, "exec", "--", "status", "4"), 4);
	assert_int_equal(RUN("exec", "--addr", server->address, "status", "5"), 5);
	assert_int_equal(RUN("--addr=unix:/none", "exec", "--addr", server->address, "--quiet",
				 "status", "6"),
		6);
	assert_int_equal(server->sessions, 3);
	assert_int_equal(server->lost, 0);
}

/* --- Ping and attest -------------------------------------------------------------------------- */

static void ping_measures(void **state)
{
	struct pipeline_server *server = *state;
	json_t *json;

	assert_int_equal(RUN("ping"), 0);
	assert_non_null(strstr(result.output, ": 1 answer, least "));
	assert_int_equal(RUN("--quiet", "ping", "-c", "3"), 0);
	assert_string_equal(result.output, "");
	assert_int_equal(RUN("ping", "-c", "7", "--json"), 0);
	json = json_loads(result.output, JSON_REJECT_DUPLICATES, NULL);
	assert_string_equal(json_string_value(json_object_get(json, "address")), server->address);
	assert_int_equal(json_integer_value(json_object_get(json, "count")), 7);
	assert_true(json_integer_value(json_object_get(json, "least")) > 0);
	assert_true(json_integer_value(json_object_get(json, "least")) <=
		    json_integer_value(json_object_get(json, "median")));
	assert_true(json_integer_value(json_object_get(json, "median")) <=
		    json_integer_value(json_object_get(json, "most")));
	json_decref(json);
	assert_int_equal(server->lost, 0);
}

static void a_document_is_kept(void **state)
{
	static const char expected[] = "document:\0\x82\0\0\0\x04"
				       "data\0\x81\0\0\0\x03\xab\xcd\xef";
	struct pipeline_server *server = *state;
	char path[96], data[96], text[64] = {0};
	struct stat status;
	int fd;

	(void)snprintf(path, sizeof path, "%s/document", server->folder);
	(void)snprintf(data, sizeof data, "%s/data", server->folder);
	fd = open(data, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, "data", 4), 4);
	close(fd);
	for (int i = 0; i < 2; i++) /* the second one replaces the first */
		assert_int_equal(
			RUN("attest", "-o", path, "--nonce", "abCDef", "--user-data", data), 65);
	failed_with(65, "malformed");
	assert_string_equal(result.output, "verdict     malformed\n");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(fd, text, sizeof text), sizeof expected - 1);
	assert_memory_equal(text, expected, sizeof expected - 1);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0644);
	close(fd);
	assert_int_equal(RUN("attest", "-o", "-", "--nonce", "abCDef", "--user-data", data), 65);
	assert_int_equal(result.output_size, sizeof expected - 1);
	assert_memory_equal(result.output, expected, sizeof expected - 1);
	assert_int_equal(RUN("--json", "attest", "-o", path), 65);
	assert_non_null(strstr(result.output, "\"bytes\":47,\"document\":null}"));
	assert_int_equal(unlink(path) + unlink(data), 0);
}

static void a_document_can_not_go_everywhere(void **state)
{
	struct pipeline_server *server = *state;

	(void)RUN("attest", "-o", "/proc/nonexistent/document");
	failed_with(73, "output");
	(void)RUN("attest", "-o", "/dev/null");
	failed_with(73, "output");
	(void)RUN("attest", "-o", server->folder);
	failed_with(73, "output");
	(void)RUN("attest", "-o", "x", "--user-data", "/proc/nonexistent");
	failed_with(66, "input");
}

static void results_that_nobody_can_read_are_failures(void **state)
{
	static const char command[] = "\"$0\" --insecure-dev ping >/dev/full 2>/dev/null";
	struct pipeline_server *server = *state;
	char address[160], *program = pipeline_program();
	struct child_plan plan = {.program = "sh", .path = SHELL_PATH};
	struct told told = {0};

	(void)snprintf(address, sizeof address, "CLOISTER_ADDR=%s", server->address);
	plan.argv = WORDS("sh", "-c", command, program);
	plan.environment = WORDS(address, "PATH=" SHELL_PATH);
	told_start(&told, server->loop, &plan);
	while (told.ends == 0 || server->slc != NULL)
		pipeline_server_turn(server);
	told_ended(&told, 74, false);
	free(program);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIPELINE_TEST(another_version_is_told),
		PIPELINE_TEST(another_protocol_is_told),
		PIPELINE_TEST(silence_is_a_timeout),
		PIPELINE_TEST(nobody_there_is_refused),
		PIPELINE_TEST(a_wrong_command_line_ends_with_2),
		PIPELINE_TEST(help_fits_a_screen),
		PIPELINE_TEST(options_stand_before_or_behind_the_verb),
		PIPELINE_TEST(ping_measures),
		PIPELINE_TEST(a_document_is_kept),
		PIPELINE_TEST(a_document_can_not_go_everywhere),
		PIPELINE_TEST(results_that_nobody_can_read_are_failures),
	};

	return cmocka_run_group_tests_name("pipeline_client", tests, NULL, NULL);
}
