/* log: the sink and its descriptor; see log.h. */
#include "runtime/kernel/log.h"

#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/kernel/counters.h"
#include "runtime/kernel/log_line.h"

COUNTER(log_lines_dropped, "Lines of the log that nobody took in time")

static struct log_sink sink = {.program = "cloister",
	.fd = STDERR_FILENO,
	.form = LOG_JSON,
	.level = LOG_INFO,
	.clock = &clock_system};
static int reopened = -1; /* the sink's descriptor, opened a second time; -1 while it is not */
static bool is_socket;
static _Atomic uint64_t dropped; /* since the last line that got through */

/* O_NONBLOCK belongs to what is open, not to the descriptor: set on standard error it would also
 * hit the shell, or the parent. */
static int open_again(int fd)
{
	char path[32];

	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

void log_start(const struct log_sink *wanted)
{
	struct stat status = {0};

	if (reopened >= 0)
		close(reopened);
	sink = *wanted;
	if (sink.clock == NULL)
		sink.clock = &clock_system;
	if (sink.form == LOG_AS_FITS)
		sink.form = isatty(sink.fd) ? LOG_PLAIN : LOG_JSON;
	atomic_store(&dropped, 0);
	(void)fstat(sink.fd, &status);
	is_socket = S_ISSOCK(status.st_mode);
	reopened = S_ISFIFO(status.st_mode) || isatty(sink.fd) ? open_again(sink.fd) : -1;
}

/* Where the descriptor can't be made non-blocking, it is asked first; then only a second writer of
 * the same pipe, just in between, can make this wait. */
static ssize_t put(const char *line, size_t size)
{
	struct pollfd ready = {.fd = sink.fd, .events = POLLOUT};

	if (reopened >= 0)
		return write(reopened, line, size);
	if (is_socket)
		return send(sink.fd, line, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (poll(&ready, 1, 0) != 1)
		return -1;
	return write(sink.fd, line, size);
}

void log_write(
	enum log_level level, const char *message, const struct log_field *fields, size_t count)
{
	struct log_record record = {.level = level,
		.program = sink.program,
		.message = message,
		.fields = fields,
		.count = count};
	char line[LOG_LINE_MAX];
	size_t size;

	if (level > sink.level)
		return;
	record.time = sink.clock->wall(sink.clock->data);
	record.dropped = atomic_exchange(&dropped, 0);
	size = log_line(line, sink.form, &record);
	if (put(line, size) == (ssize_t)size)
		return;
	atomic_fetch_add(&dropped, record.dropped + 1);
	counter_add(&log_lines_dropped, 1);
}

void log_fault(enum log_level level, const char *message, const struct fault *fault)
{
	LOG(level, message, log_string("reason", fault->word), log_string("fault", fault->text));
}

struct log_field log_string(const char *key, const char *text)
{
	return log_text(key, text, text != NULL ? strlen(text) : 0);
}

struct log_field log_text(const char *key, const void *text, size_t size)
{
	return (struct log_field){
		.key = key, .kind = LOG_KIND_STRING, .text = text, .size = text != NULL ? size : 0};
}

struct log_field log_number(const char *key, int64_t number)
{
	return (struct log_field){.key = key, .kind = LOG_KIND_NUMBER, .number = number};
}

struct log_field log_boolean(const char *key, bool value)
{
	return (struct log_field){.key = key, .kind = LOG_KIND_BOOLEAN, .number = value};
}
