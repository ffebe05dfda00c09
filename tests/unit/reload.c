/* reload: real SIGHUPs, and a real file that is right, wrong, half right, and gone. */
#include "runtime/kernel/reload.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/kernel/conf.h"
#include "runtime/kernel/log.h"

/* What the tested program configures. */
struct settings {
	int64_t limit;
};

static char path[] = "/tmp/reload-XXXXXX";
static struct conf conf; /* too large for a stack */
static struct settings places[2];
static struct reload reload;
static struct loop *loop;
static struct fault fault;
static unsigned taken;
static int64_t old_limit;
static int log_ends[2];

static int read_settings(struct reload *asked, void *fresh, struct fault *why)
{
	struct settings *settings = fresh;
	char text[256];
	FILE *file = fopen(path, "re");
	size_t size;

	(void)asked;
	if (file == NULL)
		return fault_io(why, errno, "cannot open %s", path);
	size = fread(text, 1, sizeof text, file);
	fclose(file);
	*settings = (struct settings){0}; /* what was there is gone, valid or not */
	if (conf_parse(&conf, "f", text, size, why) < 0 ||
		conf_integer(&conf, conf_root(&conf), "limit", 1, 100, &settings->limit, why) < 0)
		return -1;
	return conf_unknown(&conf, why);
}

static void count_taken(struct reload *asked, const void *old)
{
	assert_ptr_not_equal(old, asked->current);
	old_limit = ((const struct settings *)old)->limit;
	taken++;
}

static void write_text(const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	fclose(file);
}

static int64_t limit_now(void)
{
	return ((const struct settings *)reload.current)->limit;
}

static const char *logged(void)
{
	static char text[LOG_LINE_MAX + 1];
	ssize_t got = read(log_ends[0], text, LOG_LINE_MAX);

	text[got > 0 ? got : 0] = '\0';
	return text;
}

static int setup(void **unused)
{
	int fd;

	(void)unused;
	strcpy(path, "/tmp/reload-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(pipe2(log_ends, O_CLOEXEC | O_NONBLOCK), 0);
	log_start(&(struct log_sink){
		.program = "t", .fd = log_ends[1], .form = LOG_JSON, .level = LOG_INFO});
	taken = 0;
	reload = (struct reload){.read = read_settings,
		.taken = count_taken,
		.current = &places[0],
		.spare = &places[1]};
	assert_int_equal(loop_open(&loop, &clock_system, &fault), 0);
	write_text("limit = 5\n");
	assert_int_equal(reload_now(&reload, &fault), 0);
	assert_int_equal(taken, 0);
	return reload_start(&reload, loop, &fault);
}

static int teardown(void **unused)
{
	(void)unused;
	reload_stop(&reload);
	reload_stop(&reload);
	loop_close(loop);
	log_start(&(struct log_sink){
		.program = "t", .fd = STDERR_FILENO, .form = LOG_JSON, .level = LOG_INFO});
	close(log_ends[0]);
	close(log_ends[1]);
	return unlink(path) == 0 || errno == ENOENT ? 0 : -1;
}

static void hang_up(void)
{
	assert_int_equal(kill(getpid(), SIGHUP), 0);
	assert_int_equal(loop_turn(loop, UINT64_MAX, &fault), 0);
}

static void a_valid_one_is_taken(void **unused)
{
	(void)unused;
	assert_int_equal(limit_now(), 5);
	write_text("limit = 7\n");
	assert_int_equal(limit_now(), 5);
	hang_up();
	assert_int_equal(limit_now(), 7);
	assert_int_equal(old_limit, 5);
	assert_int_equal(taken, 1);
	assert_non_null(
		strstr(logged(), "\"info\",\"program\":\"t\",\"message\":\"new configuration "
				 "taken\""));
	write_text("limit = 8\n");
	hang_up();
	assert_int_equal(limit_now(), 8);
	assert_int_equal(old_limit, 7);
}

static void assert_refused(const char *text, const char *reason)
{
	const void *before = reload.current;

	if (text != NULL)
		write_text(text);
	else
		assert_int_equal(unlink(path), 0);
	hang_up();
	assert_ptr_equal(reload.current, before);
	assert_int_equal(limit_now(), 5);
	assert_int_equal(taken, 0);
	assert_non_null(strstr(logged(), reason));
}

static void a_wrong_one_changes_nothing(void **unused)
{
	(void)unused;
	assert_refused("limit = \n", "\"reason\":\"syntax\"");
	assert_refused("limit = 101\n", "\"reason\":\"range\"");
	assert_refused("limit = 9\nlimits = 9\n", "\"reason\":\"unknown\"");
	assert_refused("limit = 9\n[", "\"reason\":\"syntax\"");
	assert_refused(NULL, "\"reason\":\"io\"");
	write_text("limit = 9\n");
	hang_up();
	assert_int_equal(limit_now(), 9);
}

static void signals_that_come_together_count_once(void **unused)
{
	(void)unused;
	write_text("limit = 6\n");
	assert_int_equal(kill(getpid(), SIGHUP), 0);
	assert_int_equal(kill(getpid(), SIGHUP), 0);
	hang_up();
	assert_int_equal(loop_turn(loop, 0, &fault), 0);
	assert_int_equal(taken, 1);
	assert_int_equal(limit_now(), 6);
}

static void a_first_one_that_is_wrong_is_a_fault(void **unused)
{
	struct settings two[2] = {{0}};
	struct reload first = {
		.read = read_settings, .taken = count_taken, .current = &two[0], .spare = &two[1]};

	(void)unused;
	write_text("limit = 0\n");
	assert_int_equal(reload_now(&first, &fault), -1);
	assert_string_equal(fault.word, "range");
	assert_false(first.has_current);
	assert_string_equal(logged(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_valid_one_is_taken, setup, teardown),
		cmocka_unit_test_setup_teardown(a_wrong_one_changes_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(
			signals_that_come_together_count_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_first_one_that_is_wrong_is_a_fault, setup, teardown),
	};

	return cmocka_run_group_tests_name("reload", tests, NULL, NULL);
}
