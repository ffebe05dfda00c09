/* log: what a program tells about its work, a line at a time:
 *   LOG(LOG_INFO, "session opened", log_string("peer", name), log_number("channels", 3));
 * As JSON, for what collects logs:
 *   {"time":"2025-03-01T12:00:00.000001Z","level":"info","program":"slc",
 *    "message":"session opened","peer":"vsock:3:5000","channels":3}          (in one line)
 * Plain, for people at a terminal:
 *   2025-03-01T12:00:00.000001Z info slc: session opened peer="vsock:3:5000" channels=3
 *
 * In both forms what foreign texts hold can do no harm: control bytes are escaped, and what is not
 * UTF-8 becomes U+FFFD. A line has LOG_LINE_MAX bytes at most; what does not fit is left out, and
 * "cut" says so. It is written by one write, so lines of several threads and processes do not mix.
 * Writing never waits for a reader: a line that finds a full pipe is dropped, and the next one that
 * gets through says how many were ("dropped"). The counter log_lines_dropped has them all.
 *
 * There is no field for bytes, on purpose: what is not text is a key, a nonce or a payload, and has
 * no place in a log.
 */
#ifndef CLOISTER_RUNTIME_KERNEL_LOG_H
#define CLOISTER_RUNTIME_KERNEL_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/kernel/clock.h"
#include "runtime/kernel/fault.h"

#define LOG_LINE_MAX 4096u /* bytes with the line feed: what a pipe takes whole or not at all */

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

enum log_form {
	LOG_AS_FITS, /* plain on a terminal, else JSON */
	LOG_JSON,
	LOG_PLAIN
};

/* Where lines go and how. There is one per process, for every part of a program must be able to log
 * without being handed a sink; it is set once, before the first thread, and only read then. Until
 * then it is JSON from LOG_INFO on, on standard error. */
struct log_sink {
	const char *program;
	int fd; /* stays its owner's */
	enum log_form form;
	enum log_level level;      /* the last one that is written */
	const struct clock *clock; /* null: clock_system */
};

/* A pipe or a terminal is opened a second time, through /proc, so that it can be made non-blocking
 * for this program alone; start before the program is confined. The program must ignore SIGPIPE. */
void log_start(const struct log_sink *sink);

enum log_kind { LOG_KIND_STRING, LOG_KIND_NUMBER, LOG_KIND_BOOLEAN };

/* One key with its value. Keys are words of ours; "time", "level", "program", "message", "dropped"
 * and "cut" are taken. */
struct log_field {
	const char *key;
	enum log_kind kind;
	const char *text; /* any bytes; null is the string "" */
	size_t size;
	int64_t number; /* or 0 or 1 */
};

struct log_field log_string(const char *key, const char *text);
struct log_field log_text(const char *key, const void *text, size_t size);
struct log_field log_number(const char *key, int64_t number);
struct log_field log_boolean(const char *key, bool value);

/* LOG(level, message, field...). */
#define LOG(LEVEL, ...) LOG_LINE_OF(LEVEL, __VA_ARGS__, )
#define LOG_LINE_OF(LEVEL, MESSAGE, ...)                                                           \
	log_write(LEVEL, MESSAGE, &((const struct log_field[]){{0}, __VA_ARGS__})[1],              \
		sizeof((const struct log_field[]){{0}, __VA_ARGS__}) / sizeof(struct log_field) -  \
			1)

void log_write(
	enum log_level level, const char *message, const struct log_field *fields, size_t count);

/* The message with the fault's word as "reason" and its text as "fault". */
void log_fault(enum log_level level, const char *message, const struct fault *fault);

#endif
