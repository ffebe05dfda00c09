/* nitro_cli: see nitro_cli.h. */
#include "host/enclave/nitro_cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/enclave/companion.h"
#include "host/enclave/nitro_error.h"

/* --- Where it is ------------------------------------------------------------------------------ */

/* This program answers to the name nitro-cli, too: it would call itself for ever. */
static bool is_ourselves(const char *path)
{
	struct stat that, this;

	return stat(path, &that) == 0 && stat("/proc/self/exe", &this) == 0 &&
	       that.st_dev == this.st_dev && that.st_ino == this.st_ino;
}

static bool is_on_path(char program[PATH_MAX])
{
	const char *path = getenv("PATH");
	char folders[PATH_MAX], *rest = NULL;

	(void)snprintf(folders, sizeof folders, "%s", path != NULL ? path : "/usr/bin:/bin");
	for (char *folder = strtok_r(folders, ":", &rest); folder != NULL;
		folder = strtok_r(NULL, ":", &rest)) {
		int size = snprintf(program, PATH_MAX, "%s/nitro-cli", folder);

		if (*folder == '/' && size < PATH_MAX && access(program, X_OK) == 0 &&
			!is_ourselves(program))
			return true;
	}
	return false;
}

int nitro_cli_find(char program[PATH_MAX], struct fault *fault)
{
	const char *own = getenv("NITRO_CLI");

	if (own != NULL && *own != '\0') {
		if (realpath(own, program) == NULL || access(program, X_OK) < 0)
			return fault_set(fault, "nitro_cli",
				"NITRO_CLI names '%.300s', which can't be executed: %s", own,
				strerror(errno));
		if (is_ourselves(program))
			return fault_set(fault, "nitro_cli",
				"NITRO_CLI names this program itself, not AWS's");
		return 0;
	}
	if (is_on_path(program))
		return 0;
	return fault_set(fault, "nitro_cli",
		"there is no nitro-cli of AWS on PATH: `dnf install -y aws-nitro-enclaves-cli`, or "
		"name it in NITRO_CLI");
}

/* --- What it says ----------------------------------------------------------------------------- */

/* JSON begins on a line of its own; what is in front of it is for people. */
static json_t *read_reply(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if ((text[i] == '{' || text[i] == '[') && (i == 0 || text[i - 1] == '\n'))
			return json_loadb(text + i, size - i,
				JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, NULL);
	return NULL;
}

/* False: it does not tell. */
static bool fault_of_error(const struct nitro_call *call, struct fault *fault)
{
	const char *line;
	size_t size;
	int number = nitro_error_find(call->error, &line, &size);
	const struct nitro_error *error;
	char word[16];

	if (number < 0)
		return false;
	error = &nitro_errors[number];
	(void)snprintf(word, sizeof word, "e%02d", number);
	(void)fault_set(fault, word, "nitro-cli: E%02d: %s: %.*s%s%s", number, error->text,
		(int)(size < 200 ? size : 200), line, error->mend != NULL ? "; " : "",
		error->mend != NULL ? error->mend : "");
	return true;
}

static void judge(
	const struct nitro_call *call, int code_or_signal, bool was_signal, struct fault *fault)
{
	if (call->is_late) {
		(void)fault_set(fault, "timeout", "nitro-cli took too long, and was ended");
		return;
	}
	if (call->text_size > NITRO_OUTPUT_MAX) {
		(void)fault_set(fault, "nitro_cli", "nitro-cli prints more than %u bytes",
			NITRO_OUTPUT_MAX);
		return;
	}
	if (!was_signal && code_or_signal == 0)
		return;
	if (!fault_of_error(call, fault))
		(void)fault_set(fault, "nitro_cli", "nitro-cli has ended with %s %d: %.200s",
			was_signal ? "signal" : "code", code_or_signal, call->error);
}

static void close_watch(struct watch *watch)
{
	if (watch->loop == NULL)
		return;
	watch_stop(watch);
	close(watch->fd);
}

/* Keeps what there is, and counts all. False at the end, where the descriptor is closed. */
static bool read_some(struct watch *watch, char *text, size_t most, size_t *size)
{
	char bytes[4096];
	ssize_t got = watch->loop != NULL ? read(watch->fd, bytes, sizeof bytes) : 0;
	size_t kept = *size < most ? *size : most;

	if (got < 0)
		return errno == EAGAIN || errno == EINTR;
	for (ssize_t i = 0; i < got && kept < most; i++)
		text[kept++] = bytes[i];
	text[kept] = '\0';
	*size += (size_t)got;
	return got > 0;
}

static bool read_out(struct nitro_call *call)
{
	return read_some(&call->out, call->text, NITRO_OUTPUT_MAX, &call->text_size);
}

static bool read_err(struct nitro_call *call)
{
	return read_some(&call->err, call->error, NITRO_ERROR_MAX, &call->error_size);
}

static void out_ready(struct watch *watch, unsigned events)
{
	struct nitro_call *call =
		(struct nitro_call *)(void *)((char *)watch - offsetof(struct nitro_call, out));
	struct fault ignored;

	(void)events;
	if (!read_out(call))
		close_watch(watch);
	if (call->text_size > NITRO_OUTPUT_MAX)
		(void)child_signal_group(&call->child, SIGKILL, &ignored);
}

static void err_ready(struct watch *watch, unsigned events)
{
	(void)events;
	if (!read_err((
		    struct nitro_call *)(void *)((char *)watch - offsetof(struct nitro_call, err))))
		close_watch(watch);
}

/* --- Its life --------------------------------------------------------------------------------- */

/* Idle from here on, so that `done` may start the next call. */
static void finish(struct nitro_call *call, struct fault *fault)
{
	json_t *reply = NULL;

	timer_stop(&call->limit);
	close_watch(&call->out);
	close_watch(&call->err);
	call->loop = NULL;
	if (fault->word[0] == '\0') {
		reply = read_reply(call->text, call->text_size);
		if (reply == NULL && !fault_of_error(call, fault))
			(void)fault_set(fault, "nitro_cli", "nitro-cli prints no JSON");
	}
	call->reply = reply;
	call->done(call, fault->word[0] != '\0' ? fault : NULL);
	json_decref(reply);
}

static struct nitro_call *of_child(struct child *child)
{
	return (struct nitro_call *)(void *)((char *)child - offsetof(struct nitro_call, child));
}

static void child_runs(struct child *child)
{
	(void)child;
}

static void child_failed(struct child *child, const struct fault *fault)
{
	struct fault copy = *fault;

	finish(of_child(child), &copy);
}

/* The daemon that it leaves behind may hold its pipes open: what there is now is all. */
static void child_ended(struct child *child, int code_or_signal, bool was_signal)
{
	struct nitro_call *call = of_child(child);
	struct fault fault = {0};
	size_t before;

	do {
		before = call->text_size + call->error_size;
		(void)read_out(call);
		(void)read_err(call);
	} while (
		call->text_size + call->error_size > before && call->text_size <= NITRO_OUTPUT_MAX);
	judge(call, code_or_signal, was_signal, &fault);
	child_reap(child);
	finish(call, &fault);
}

static void late(struct timer *timer)
{
	struct nitro_call *call =
		(struct nitro_call *)(void *)((char *)timer - offsetof(struct nitro_call, limit));
	struct fault ignored;

	call->is_late = true;
	(void)child_signal_group(&call->child, SIGKILL, &ignored);
}

/* A pipe whose end for us is watched. Returns the other end, or -1. */
static int open_pipe(struct watch *watch, struct loop *loop,
	void (*ready)(struct watch *watch, unsigned events), struct fault *fault)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return fault_io(fault, errno, "cannot make a pipe");
	(void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
	watch->ready = ready;
	if (watch_start(watch, loop, ends[0], WATCH_READ, fault) == 0)
		return ends[1];
	close(ends[0]);
	close(ends[1]);
	return -1;
}

int nitro_call_start(struct nitro_call *call, struct loop *loop, const char *program,
	const char *const *arguments, unsigned seconds, struct fault *fault)
{
	int out = open_pipe(&call->out, loop, out_ready, fault);
	int err = out < 0 ? -1 : open_pipe(&call->err, loop, err_ready, fault);
	const struct child_descriptor descriptors[] = {{out, 1}, {err, 2}};
	const struct child_plan plan = {
		.program = program,
		.argv = arguments,
		.environment = (const char *const *)environ,
		.group = CHILD_GROUP_NEW,
		.descriptors = descriptors,
		.descriptor_count = sizeof descriptors / sizeof *descriptors,
	};
	int status = -1;

	call->text_size = call->error_size = 0;
	call->text[0] = call->error[0] = '\0';
	call->is_late = false;
	call->child.started = child_runs;
	call->child.failed = child_failed;
	call->child.ended = child_ended;
	call->limit.fired = late;
	if (err >= 0)
		status = child_start(&call->child, loop, &plan, fault);
	if (out >= 0)
		close(out);
	if (err >= 0)
		close(err);
	if (status < 0) {
		close_watch(&call->out);
		close_watch(&call->err);
		return -1;
	}
	call->loop = loop;
	timer_start(&call->limit, loop, seconds * CLOCK_SECOND);
	return 0;
}

bool nitro_call_runs(const struct nitro_call *call)
{
	return call->loop != NULL;
}

void nitro_call_stop(struct nitro_call *call)
{
	if (call->loop == NULL)
		return;
	timer_stop(&call->limit);
	companion_finish(&call->child);
	close_watch(&call->out);
	close_watch(&call->err);
	call->loop = NULL;
}

/* --- And waiting for it ----------------------------------------------------------------------- */

struct question {
	struct nitro_call call;
	json_t *reply;
	struct fault fault;
};

static void answered(struct nitro_call *call, const struct fault *fault)
{
	struct question *question = call->user;

	if (fault != NULL)
		question->fault = *fault;
	else
		question->reply = json_incref(call->reply);
}

int nitro_cli_ask(const char *program, const char *const *arguments, unsigned seconds,
	json_t **reply, struct fault *fault)
{
	static struct question question;
	struct loop *loop;
	int status;

	question = (struct question){.call = {.done = answered, .user = &question}};
	if (loop_open(&loop, &clock_system, fault) < 0)
		return -1;
	status = nitro_call_start(&question.call, loop, program, arguments, seconds, fault);
	if (status == 0)
		status = loop_run(loop, fault);
	loop_close(loop);
	if (status == 0 && question.fault.word[0] != '\0') {
		*fault = question.fault;
		status = -1;
	}
	if (reply != NULL)
		*reply = question.reply;
	else
		json_decref(question.reply);
	return status;
}
