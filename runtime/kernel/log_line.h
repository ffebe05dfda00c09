/* log_line: the text of one line of the log. A pure function; for log.c and its test. */
#ifndef CLOISTER_RUNTIME_KERNEL_LOG_LINE_H
#define CLOISTER_RUNTIME_KERNEL_LOG_LINE_H

#include "runtime/kernel/log.h"

struct log_record {
	int64_t time; /* nanoseconds since 1970, UTC */
	enum log_level level;
	const char *program;
	const char *message;
	uint64_t dropped; /* lines that were lost before this one */
	const struct log_field *fields;
	size_t count;
};

/* Writes the line with its line feed; returns its bytes. */
size_t log_line(char line[LOG_LINE_MAX], enum log_form form, const struct log_record *record);

#endif
