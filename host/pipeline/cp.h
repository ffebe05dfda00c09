/* cp: what the files of the verb cp share: its command line, and the ways to name what is here. */
#ifndef CLOISTER_HOST_PIPELINE_CP_H
#define CLOISTER_HOST_PIPELINE_CP_H

#include <limits.h>

#include "host/pipeline/heed.h"
#include "host/pipeline/progress.h"
#include "runtime/client/transfer.h"
#include "runtime/kernel/path.h"

struct cp_stream {
	struct connection connection;
	struct transfer transfer;
	struct progress_stream progress;
};

struct cp {
	const struct options *options;
	char *const *sources; /* without their colons */
	unsigned count;
	const char *target;                      /* of a put, without its colon; null: a get */
	const char *here_target;                 /* of a get; null: a put */
	const char *patterns[COPY_EXCLUDES_MAX]; /* of what is left out */
	unsigned excludes;
	bool is_exact;                 /* the target is the copy's own name, whatever is there */
	bool skips, compares, resumes; /* what is there already */
	bool attributes;               /* extended ones are copied */

	struct cp_stream streams[COPY_STREAMS_MAX];
	uint32_t width;           /* how many of them there are to be; 0: nobody has said */
	unsigned opened, started; /* how many are, of all and of the copy at hand */
	int failed;               /* the one that failed first; -1: none */
	struct progress progress;
	struct signals signals;
	int interrupted; /* the number of the signal that ended it, or 0 */

	int root;            /* "/", from where paths are resolved */
	char here[PATH_MAX]; /* the folder where relative ones begin */

	/* All copies together. */
	uint64_t members, bytes, skipped, unchanged, resumed, xattrs;
	double seconds;
};

/* Finds root and here. Fault: "input". */
int cp_open(struct cp *cp, struct fault *fault);
void cp_close(struct cp *cp);

/* Whether nothing of the copy could go through further streams. */
bool cp_is_narrow(const struct cp *cp);

/* Copies all sources. Faults: those of transfer.h and path.h. */
int cp_put(struct cp *cp, struct failure *failure);
int cp_get(struct cp *cp, struct failure *failure);

/* The sessions. They are to be closed after a failure, too. Faults: those of options_connect. */
int cp_streams_open(struct cp *cp, struct failure *failure);
void cp_streams_close(struct cp *cp);

/* One copy through all of them, each of which begins as `begin` says; adds up what it did. */
int cp_transfer(struct cp *cp, const struct transfer *begin, struct failure *failure);

/* Gives it up: for callbacks of the loop. */
void cp_streams_stop(struct cp *cp, uint32_t reason);

/* Makes a path absolute. Fault: "path" (too long). */
int cp_absolute(
	const struct cp *cp, const char *path, char absolute[PATH_MAX], struct fault *fault);

/* The last part of a path, as the name of a member. A path without one, as "." and "/", has that of
 * the folder that it leads to. Fault: "request" (there is none). */
int cp_name(
	const struct cp *cp, const char *path, char name[PATH_PART_MAX + 1], struct fault *fault);

#endif
