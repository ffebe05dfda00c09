/* sink: see sink.h. */
#include "host/pipeline/sink.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

static struct sink *of_work(struct work *work)
{
	return (struct sink *)((char *)work - offsetof(struct sink, work));
}

/* In the thread. The parts stay in place: the loop only adds behind them. */
static void drain(struct work *work)
{
	struct sink *sink = of_work(work);
	ssize_t put;

	do
		put = writev(sink->fd, sink->parts, (int)sink->count);
	while (put < 0 && errno == EINTR);
	sink->done = put > 0 ? (size_t)put : 0;
	sink->failed = put < 0 ? errno : 0;
}

static void drop(struct sink *sink, size_t size)
{
	queue_drop(&sink->queue, size);
	sink->written(sink, size);
}

static void write_on(struct sink *sink)
{
	struct fault fault;

	sink->count = queue_parts(&sink->queue, 0, sink->queue.used, sink->parts);
	if (sink->pool == NULL && workers_open(&sink->pool, 1, 0, &fault) != 0) {
		sink->error = EAGAIN;
		drop(sink, sink->queue.used);
		return;
	}
	sink->is_busy = true;
	(void)work_submit(sink->pool, &sink->work, sink->loop, &fault); /* it is idle: there is
									   room */
}

static void drained(struct work *work)
{
	struct sink *sink = of_work(work);

	sink->is_busy = false;
	sink->error = sink->failed;
	drop(sink, sink->error != 0 ? sink->queue.used : sink->done);
	if (sink->queue.used > 0 && !sink->is_busy)
		write_on(sink);
}

int sink_open(struct sink *sink, struct loop *loop, int fd, size_t size, struct fault *fault)
{
	uint8_t *memory = malloc(size);

	if (memory == NULL)
		return fault_set(fault, "memory", "no memory for output");
	queue_init(&sink->queue, memory, size);
	sink->fd = fd;
	sink->loop = loop;
	sink->work.run = drain;
	sink->work.done = drained;
	return 0;
}

void sink_put(struct sink *sink, const uint8_t *bytes, size_t size)
{
	if (sink->error != 0) {
		sink->written(sink, size);
		return;
	}
	queue_put(&sink->queue, bytes, size);
	if (!sink->is_busy)
		write_on(sink);
}

bool sink_is_idle(const struct sink *sink)
{
	return !sink->is_busy && sink->queue.used == 0;
}

void sink_close(struct sink *sink)
{
	workers_close(sink->pool);
	free(sink->queue.memory);
	sink->pool = NULL;
	sink->queue.memory = NULL;
}
