/* pipeline_run: runs the client against the listener of pipeline.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/lib/pipeline.h"

#define WORDS_MAX 16
#define WARNING   "pipeline: INSECURE: the session is plain, for development alone\n"

int pipeline_input(const char *text)
{
	int fd = memfd_create("pipeline", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

char *pipeline_program(void)
{
	const char *folder = getenv("SANITIZED");
	char path[512], *program;

	(void)snprintf(path, sizeof path, "%s/pipeline", folder != NULL ? folder : "out/san/bin");
	program = realpath(path, NULL);
	assert_non_null(program);
	return program;
}

static void load(int fd, char *text, size_t room)
{
	ssize_t size = pread(fd, text, room - 1, 0);

	assert_true(size >= 0);
	text[size] = '\0';
}

void pipeline_start(struct pipeline_server *server, struct pipeline_result *result, int input,
	const char *const *arguments)
{
	const char *argv[WORDS_MAX + 3] = {"pipeline", "--insecure-dev"};
	char address[160], *program = pipeline_program();
	const char *environment[] = {address, "PATH=/usr/bin:/bin", NULL};
	struct child_descriptor descriptors[3];
	struct child_plan plan = {0};

	(void)snprintf(address, sizeof address, "CLOISTER_ADDR=%s", server->address);
	for (unsigned i = 0; arguments[i] != NULL; i++) {
		assert_true(i < WORDS_MAX);
		argv[i + 2] = arguments[i];
	}
	memset(result, 0, sizeof *result);
	result->in = input;
	result->out = pipeline_input("");
	result->err = pipeline_input("");
	descriptors[0] = (struct child_descriptor){result->in, STDIN_FILENO};
	descriptors[1] = (struct child_descriptor){result->out, STDOUT_FILENO};
	descriptors[2] = (struct child_descriptor){result->err, STDERR_FILENO};
	plan.program = program;
	plan.argv = argv;
	plan.environment = environment;
	plan.descriptors = descriptors;
	plan.descriptor_count = 3;
	told_start(&result->told, server->loop, &plan);
	free(program);
}

/* Tests read what is said behind it. */
static void drop_warning(char *text)
{
	const size_t size = sizeof WARNING - 1;

	if (strncmp(text, WARNING, size) == 0)
		memmove(text, text + size, strlen(text + size) + 1);
}

void pipeline_wait(struct pipeline_server *server, struct pipeline_result *result)
{
	while (result->told.ends == 0 && result->told.failures == 0)
		pipeline_server_turn(server);
	assert_int_equal(result->told.failures, 0);
	while (server->slc != NULL)
		pipeline_server_turn(server);
	load(result->out, result->output, sizeof result->output);
	load(result->err, result->errors, sizeof result->errors);
	drop_warning(result->errors);
	result->output_size = (size_t)lseek(result->out, 0, SEEK_END);
	close(result->in);
	close(result->out);
	close(result->err);
}

int pipeline_run(struct pipeline_server *server, struct pipeline_result *result, const char *input,
	const char *const *arguments)
{
	pipeline_start(server, result, pipeline_input(input), arguments);
	pipeline_wait(server, result);
	return result->told.code + (result->told.was_signal ? 1000 : 0);
}
