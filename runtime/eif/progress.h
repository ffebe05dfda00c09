/* progress: one line on a terminal about work that takes more than two seconds. */
#ifndef CLOISTER_RUNTIME_EIF_PROGRESS_H
#define CLOISTER_RUNTIME_EIF_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	uint64_t total; /* bytes; 0: say nothing */
	uint64_t done;
	int64_t next; /* when to print, in milliseconds of the monotonic clock */
	bool printed;
};

void progress_start(struct progress *progress, uint64_t total);
void progress_step(struct progress *progress, uint64_t bytes);
void progress_end(struct progress *progress);

#endif
