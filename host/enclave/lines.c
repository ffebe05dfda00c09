/* lines: see lines.h. */
#include "host/enclave/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/kernel/log.h"

static void end_line(struct lines *lines)
{
	lines->text[lines->size] = '\0';
	if (lines->size > 0) {
		LOG(LOG_WARNING, "said", log_string("who", lines->who),
			log_string("line", lines->text));
		memcpy(lines->last, lines->text, lines->size + 1);
	}
	lines->size = 0;
}

/* Returns what `read` did. */
static ssize_t read_some(struct lines *lines)
{
	char bytes[4096];
	ssize_t got = read(lines->watch.fd, bytes, sizeof bytes);

	for (ssize_t i = 0; i < got; i++) {
		if (bytes[i] == '\n' || lines->size == LINES_TEXT_MAX)
			end_line(lines);
		if (bytes[i] != '\n')
			lines->text[lines->size++] = bytes[i];
	}
	return got;
}

static void ready(struct watch *watch, unsigned events)
{
	struct lines *lines =
		(struct lines *)(void *)((char *)watch - offsetof(struct lines, watch));

	(void)events;
	if (read_some(lines) == 0)
		lines_close(lines);
}

int lines_open(struct lines *lines, struct loop *loop, const char *who, struct fault *fault)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return fault_io(fault, errno, "cannot make a pipe");
	(void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
	*lines = (struct lines){.watch.ready = ready, .who = who};
	if (watch_start(&lines->watch, loop, ends[0], WATCH_READ, fault) == 0)
		return ends[1];
	close(ends[0]);
	close(ends[1]);
	return -1;
}

void lines_close(struct lines *lines)
{
	if (lines->watch.loop == NULL)
		return;
	(void)read_some(lines);
	end_line(lines);
	watch_stop(&lines->watch);
	close(lines->watch.fd);
}
