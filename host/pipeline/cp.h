/* cp: what the files of the verb cp share: its command line, and the ways to name what is here. */
#ifndef CLOISTER_HOST_PIPELINE_CP_H
#define CLOISTER_HOST_PIPELINE_CP_H

#include <limits.h>

#include "host/pipeline/heed.h"
#include "host/pipeline/progress.h"
#include "runtime/client/transfer.h"
#include "runtime/kernel/path.h"

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

	struct connection connection;
	struct transfer transfer;
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

/* Copies all sources. Faults: those of transfer.h and path.h. */
int cp_put(struct cp *cp, struct failure *failure);
int cp_get(struct cp *cp, struct failure *failure);

/* One copy through a channel; adds up what it did. */
int cp_transfer(struct cp *cp, struct failure *failure);

/* Makes a path absolute. Fault: "path" (too long). */
int cp_absolute(
	const struct cp *cp, const char *path, char absolute[PATH_MAX], struct fault *fault);

/* The last part of a path, as the name of a member. A path without one, as "." and "/", has that of
 * the folder that it leads to. Fault: "request" (there is none). */
int cp_name(
	const struct cp *cp, const char *path, char name[PATH_PART_MAX + 1], struct fault *fault);

#endif
