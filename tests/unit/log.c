/* log: sinks that are full, closed, shared, or a terminal. */
#include "runtime/kernel/log.h"

#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static int64_t fixed_wall(void *unused)
{
	(void)unused;
	return INT64_C(1709251199000042999);
}

static const struct clock fixed = {.wall = fixed_wall};
static char line[LOG_LINE_MAX + 1];

static json_t *parse(void)
{
	json_error_t error;
	json_t *root = json_loads(line, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);

	if (root == NULL)
		fail_msg("%s in %s", error.text, line);
	return root;
}

static const char *string_of(json_t *root, const char *key)
{
	return json_string_value(json_object_get(root, key));
}

static void start(int fd, enum log_form form)
{
	log_start(&(struct log_sink){
		.program = "t", .fd = fd, .form = form, .level = LOG_INFO, .clock = &fixed});
}

/* The next line of a descriptor; empty at its end. */
static const char *next(int fd)
{
	size_t n = 0;

	while (n < LOG_LINE_MAX && read(fd, line + n, 1) == 1)
		if (line[n++] == '\n')
			break;
	line[n] = '\0';
	return line;
}

static void levels_are_respected(void **unused)
{
	struct fault fault;
	int ends[2];

	(void)unused;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	start(ends[1], LOG_AS_FITS);
	LOG(LOG_DEBUG, "not this");
	LOG(LOG_INFO, "this", log_number("n", 1), log_boolean("b", false));
	assert_string_equal(next(ends[0]),
		"{\"time\":\"2024-02-29T23:59:59.000042Z\",\"level\":\"info\",\"program\":\"t\","
		"\"message\":\"this\",\"n\":1,\"b\":false}\n");
	(void)fault_set(&fault, "word", "the %s", "text");
	log_fault(LOG_ERROR, "failed", &fault);
	assert_non_null(strstr(next(ends[0]),
		"\"error\",\"program\":\"t\",\"message\":\"failed\",\"reason\":\"word\",\"fault\":"
		"\"the text\"}\n"));
	start(STDERR_FILENO, LOG_JSON);
	close(ends[0]);
	close(ends[1]);
}

/* Fills the sink and takes one line from it: the next one gets through, and knows how many did not.
 * All that did are whole and in order. */
static void check_full(int in)
{
	static char text[4000];
	json_t *root;
	int got = 0;

	memset(text, 'x', sizeof text);
	for (int i = 0; i < 1000; i++)
		LOG(LOG_INFO, "full", log_number("i", i), log_text("text", text, sizeof text));
	for (;; got++) {
		(void)next(in);
		root = parse();
		if (strcmp(string_of(root, "message"), "full") != 0)
			break;
		assert_int_equal(json_integer_value(json_object_get(root, "i")), got);
		json_decref(root);
		if (got == 0)
			LOG(LOG_INFO, "after");
	}
	assert_true(got < 1000);
	assert_int_equal(json_integer_value(json_object_get(root, "dropped")), 1000 - got);
	json_decref(root);
}

static void a_full_pipe_is_not_waited_for(void **unused)
{
	int ends[2];

	(void)unused;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	start(ends[1], LOG_JSON);
	check_full(ends[0]);
	assert_int_equal(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0);
	start(STDERR_FILENO, LOG_JSON);
	close(ends[0]);
	close(ends[1]);
}

/* The same where the pipe can't be opened a second time. */
static void a_full_pipe_of_others_is_asked_first(void **unused)
{
	struct rlimit before, none;
	int ends[2];

	(void)unused;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){0, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	start(ends[1], LOG_JSON);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	check_full(ends[0]);
	start(STDERR_FILENO, LOG_JSON);
	close(ends[0]);
	close(ends[1]);
}

static void a_full_socket_is_not_waited_for(void **unused)
{
	int ends[2];

	(void)unused;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	start(ends[1], LOG_JSON);
	check_full(ends[0]);
	close(ends[0]);
	LOG(LOG_INFO, "nobody reads"); /* and no signal kills us */
	start(STDERR_FILENO, LOG_JSON);
	close(ends[1]);
}

static void a_closed_pipe_is_no_harm(void **unused)
{
	int ends[2];

	(void)unused;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	signal(SIGPIPE, SIG_IGN);
	start(ends[1], LOG_JSON);
	close(ends[0]);
	LOG(LOG_INFO, "nobody reads");
	start(STDERR_FILENO, LOG_JSON);
	close(ends[1]);
	signal(SIGPIPE, SIG_DFL);
}

static void a_terminal_gets_the_plain_form(void **unused)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave;

	(void)unused;
	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(slave >= 0);
	start(slave, LOG_AS_FITS);
	LOG(LOG_ERROR, "seen", log_string("by", "a person"));
	assert_string_equal(
		next(master), "2024-02-29T23:59:59.000042Z error t: seen by=\"a person\"\r\n");
	start(slave, LOG_JSON);
	LOG(LOG_ERROR, "as told");
	assert_int_equal(next(master)[0], '{');
	start(STDERR_FILENO, LOG_JSON);
	close(slave);
	close(master);
}

static void *log_many(void *number)
{
	for (int i = 0; i < 200; i++)
		LOG(LOG_INFO, "many", log_number("thread", (int64_t)(intptr_t)number),
			log_string("text", "0123456789012345678901234567890123456789"));
	return NULL;
}

/* Threads of two processes write to one file: every line is whole. */
static void lines_do_not_mix(void **unused)
{
	FILE *file = tmpfile();
	pthread_t threads[4];
	pid_t child;
	int lines = 0, status;

	(void)unused;
	assert_non_null(file);
	assert_int_equal(fcntl(fileno(file), F_SETFL, O_APPEND), 0);
	start(fileno(file), LOG_JSON);
	child = fork();
	assert_true(child >= 0);
	for (intptr_t i = 0; i < 4; i++)
		if (pthread_create(&threads[i], NULL, log_many, (void *)i) != 0)
			abort();
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	if (child == 0)
		_exit(0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	rewind(file);
	for (; fgets(line, sizeof line, file) != NULL; lines++)
		json_decref(parse());
	assert_int_equal(lines, 2 * 4 * 200);
	start(STDERR_FILENO, LOG_JSON);
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels_are_respected),
		cmocka_unit_test(a_full_pipe_is_not_waited_for),
		cmocka_unit_test(a_full_pipe_of_others_is_asked_first),
		cmocka_unit_test(a_full_socket_is_not_waited_for),
		cmocka_unit_test(a_closed_pipe_is_no_harm),
		cmocka_unit_test(a_terminal_gets_the_plain_form),
		cmocka_unit_test(lines_do_not_mix),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
