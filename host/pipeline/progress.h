/* progress: one line on a terminal on a copy that takes more than two seconds. The copying thread
 * says how far it is; the loop prints. */
#ifndef CLOISTER_HOST_PIPELINE_PROGRESS_H
#define CLOISTER_HOST_PIPELINE_PROGRESS_H

#include <pthread.h>
#include <stdbool.h>

#include "runtime/channel/copy_outcome.h"
#include "runtime/kernel/loop.h"

#define PROGRESS_NAME_MAX 33 /* bytes of a name that are shown, with the NUL */

struct progress {
	struct timer timer;
	struct loop *loop;
	uint64_t begin;    /* of the copies, on the loop's clock */
	uint64_t earlier;  /* bytes of copies before this one */
	const char *whole; /* shown for a member that is the whole copy; set by the owner */
	bool is_printed;

	pthread_mutex_t lock; /* of what follows, and of the streams' */
	char name[PROGRESS_NAME_MAX];
	struct copy_progress now; /* its name is the one above, its sums those of all streams */
};

/* One of the streams that a copy is made through; zeroed before each copy but for `all`. */
struct progress_stream {
	struct progress *all;
	uint64_t members, bytes;
};

/* Prints only where standard error is a terminal and `quiet` is false. */
void progress_start(struct progress *progress, struct loop *loop, bool quiet);

/* For struct copy_watch; `data` is a struct progress_stream. */
void progress_tell(void *data, const struct copy_progress *now);

/* One of several copies has ended, and its streams have. */
void progress_next(struct progress *progress, uint64_t bytes);

/* Removes the line. One that was not started may be ended. */
void progress_end(struct progress *progress);

#endif
