/* source: see source.h. */
#include "host/pipeline/source.h"

#include <errno.h>
#include <unistd.h>

static struct source *of_work(struct work *work)
{
	return (struct source *)((char *)work - offsetof(struct source, work));
}

static void fill(struct work *work)
{
	struct source *source = of_work(work);
	ssize_t got;

	do
		got = read(source->fd, source->bytes, sizeof source->bytes);
	while (got < 0 && errno == EINTR);
	source->at = 0;
	source->size = got > 0 ? (size_t)got : 0;
	source->is_over = got <= 0;
	source->error = got < 0 ? errno : 0;
}

static void filled(struct work *work)
{
	struct source *source = of_work(work);

	source->is_busy = false;
	source->ready(source);
}

/* The pool has one thread and is idle: it has room. */
static void read_on(struct source *source)
{
	struct fault fault;

	source->is_busy = true;
	(void)work_submit(source->pool, &source->work, source->loop, &fault);
}

int source_start(struct source *source, struct loop *loop, int fd, struct fault *fault)
{
	source->fd = fd;
	source->loop = loop;
	source->work.run = fill;
	source->work.done = filled;
	if (workers_open(&source->pool, 1, 0, fault) != 0)
		return -1;
	read_on(source);
	return 0;
}

void source_take(struct source *source, size_t size)
{
	source->at += size;
	if (source->at == source->size && !source->is_over && !source->is_busy)
		read_on(source);
}

bool source_stop(struct source *source)
{
	if (source->is_busy)
		return false;
	workers_close(source->pool);
	source->pool = NULL;
	return true;
}
