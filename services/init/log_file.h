/* log_file: what a unit writes, in files: NAME.log, and what is older in NAME.log.1 and so on. All
 * of them together have no more bytes than the unit's limit: a file that is full makes room for the
 * next one, and the oldest goes. Nothing is written between the two, so nothing is lost there. What
 * can't be written is dropped and counted, and said once; the unit goes on, and so do its files as
 * soon as they can. */
#ifndef CLOISTER_SERVICES_INIT_LOG_FILE_H
#define CLOISTER_SERVICES_INIT_LOG_FILE_H

#include "services/init/log_lines.h"

#define LOG_FILES_MAX     16u
#define LOG_FILES_DEFAULT 2u
#define LOG_LIMIT_MIN     16384u
#define LOG_LIMIT_MAX     (UINT64_C(1) << 40)
#define LOG_LIMIT_DEFAULT 262144u

/* What a unit's file says. */
struct log_limits {
	uint64_t bytes; /* of all files together; 0: there are none */
	uint32_t files;
	int has_times; /* in front of each line */
};

/* Zeroed is closed, with its unit's name and limits. */
struct log_file {
	const char *unit;
	const struct log_limits *limits;
	int fd; /* while it is open */
	bool is_open;
	bool is_inside;         /* the last byte that was written ends no line */
	bool is_torn;           /* and what should have come next was dropped */
	uint32_t files;         /* as the limits had it last */
	uint64_t size;          /* of NAME.log */
	uint64_t dropped;       /* bytes that were not written */
	uint64_t written_since; /* the last of them */
};

/* Writes; `folder` is a descriptor, -1 where there are no files. `wall` is the time, in
 * nanoseconds since 1970. */
void log_file_put(
	struct log_file *file, int folder, int64_t wall, const uint8_t *bytes, size_t size);

/* Removes what was written. */
void log_file_clear(struct log_file *file, int folder);

void log_file_close(struct log_file *file);

#endif
