/* progress: see progress.h. */
#include "runtime/eif/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define DELAY_MS    2000
#define INTERVAL_MS 200

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

void progress_start(struct progress *progress, uint64_t total)
{
	progress->done = 0;
	progress->printed = false;
	progress->total = isatty(STDERR_FILENO) ? total : 0;
	progress->next = now() + DELAY_MS;
}

void progress_step(struct progress *progress, uint64_t bytes)
{
	int64_t time;
	unsigned percent;

	progress->done += bytes;
	if (progress->total == 0)
		return;
	time = now();
	if (time < progress->next)
		return;
	progress->next = time + INTERVAL_MS;
	progress->printed = true;
	percent = (unsigned)((double)progress->done * 100 / (double)progress->total);
	fprintf(stderr, "\r%llu of %llu MiB, %u %%", (unsigned long long)progress->done >> 20,
		(unsigned long long)progress->total >> 20, percent > 100 ? 100 : percent);
}

void progress_end(struct progress *progress)
{
	if (progress->printed)
		fprintf(stderr, "\r\033[K");
	progress->printed = false;
	progress->total = 0;
}
