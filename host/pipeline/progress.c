/* progress: see progress.h. */
#include "host/pipeline/progress.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DELAY    (2 * CLOCK_SECOND)
#define INTERVAL (200 * CLOCK_MILLISECOND)
#define CELLS    20u
#define MEBIBYTE 1048576.0

/* The end of a name tells more than its beginning. */
static void keep_name(char name[PROGRESS_NAME_MAX], const char *whole)
{
	size_t size = strlen(whole), most = PROGRESS_NAME_MAX - 1;

	(void)snprintf(name, PROGRESS_NAME_MAX, "%s", size > most ? whole + size - most : whole);
}

void progress_tell(void *data, const struct copy_progress *now)
{
	struct progress_stream *stream = data;
	struct progress *progress = stream->all;
	struct copy_progress *all = &progress->now;
	uint64_t members, bytes;

	pthread_mutex_lock(&progress->lock);
	members = all->members - stream->members + now->members;
	bytes = all->bytes - stream->bytes + now->bytes;
	*all = *now;
	all->members = members;
	all->bytes = bytes;
	stream->members = now->members;
	stream->bytes = now->bytes;
	keep_name(progress->name, *now->name != '\0' ? now->name : progress->whole);
	pthread_mutex_unlock(&progress->lock);
}

static void print_bar(double part)
{
	unsigned full = (unsigned)(part * CELLS);

	fputs("  [", stderr);
	for (unsigned cell = 0; cell < CELLS; cell++)
		fputc(cell < full ? '#' : '-', stderr);
	fprintf(stderr, "] %u %%", (unsigned)(part * 100));
}

/* The size of a member is what its sender expected: /proc has 0, and what grows has too little. */
static void print(struct progress *progress, const char *name, const struct copy_progress *now)
{
	double seconds = (double)(loop_now(progress->loop) - progress->begin) / 1e9;
	double rate = (double)(progress->earlier + now->bytes) / seconds;
	bool has_size = now->size > 0 && now->done <= now->size;

	fputs("\r\033[K", stderr);
	print_escaped(stderr, name);
	if (now->members > 1)
		fprintf(stderr, "  %" PRIu64 " done", now->members);
	fprintf(stderr, "  %.1f MiB", (double)now->bytes / MEBIBYTE);
	if (has_size)
		print_bar((double)now->done / (double)now->size);
	fprintf(stderr, "  %.1f MiB/s", rate / MEBIBYTE);
	if (has_size && rate > 0) {
		uint64_t left = (uint64_t)((double)(now->size - now->done) / rate);

		fprintf(stderr, "  %" PRIu64 ":%02" PRIu64 " left", left / 60, left % 60);
	}
	(void)fflush(stderr);
	progress->is_printed = true;
}

static void tick(struct timer *timer)
{
	struct progress *progress =
		(struct progress *)((char *)timer - offsetof(struct progress, timer));
	struct copy_progress now;
	char name[PROGRESS_NAME_MAX];

	pthread_mutex_lock(&progress->lock);
	now = progress->now;
	(void)memcpy(name, progress->name, sizeof name);
	pthread_mutex_unlock(&progress->lock);
	print(progress, name, &now);
	timer_start(timer, progress->loop, INTERVAL);
}

void progress_start(struct progress *progress, struct loop *loop, bool quiet)
{
	pthread_mutex_init(&progress->lock, NULL);
	progress->loop = loop;
	progress->begin = loop_now(loop);
	progress->timer.fired = tick;
	if (!quiet && isatty(STDERR_FILENO))
		timer_start(&progress->timer, loop, DELAY);
}

void progress_next(struct progress *progress, uint64_t bytes)
{
	progress->earlier += bytes;
	progress->now = (struct copy_progress){.name = NULL};
}

void progress_end(struct progress *progress)
{
	if (progress->loop == NULL)
		return;
	timer_stop(&progress->timer);
	if (progress->is_printed)
		fputs("\r\033[K", stderr);
	pthread_mutex_destroy(&progress->lock);
	progress->loop = NULL;
}
