/* workers: see workers.h. */
#include "runtime/kernel/workers.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct workers {
	pthread_mutex_t lock; /* of what follows, and of the links of work that waits */
	pthread_cond_t changed;
	struct work *first, *last;
	unsigned waiting, running;
	bool closing;

	unsigned queue_max;
	unsigned count;
	pthread_t threads[];
};

static void append(struct workers *pool, struct work *work)
{
	work->waits = true;
	work->previous = pool->last;
	work->next = NULL;
	if (pool->last == NULL)
		pool->first = work;
	else
		pool->last->next = work;
	pool->last = work;
	pool->waiting++;
}

static void take_out(struct workers *pool, struct work *work)
{
	work->waits = false;
	if (work->previous == NULL)
		pool->first = work->next;
	else
		work->previous->next = work->next;
	if (work->next == NULL)
		pool->last = work->previous;
	else
		work->next->previous = work->previous;
	pool->waiting--;
}

static void *serve(void *data)
{
	struct workers *pool = data;

	pthread_mutex_lock(&pool->lock);
	for (;;) {
		struct work *work = pool->first;

		if (work != NULL) {
			take_out(pool, work);
			pool->running++;
			pthread_mutex_unlock(&pool->lock);
			work->run(work);
			pthread_mutex_lock(&pool->lock);
			pool->running--; /* before `done`, which may submit again */
			loop_post(work->loop, &work->post);
		} else if (pool->closing) {
			break;
		} else {
			pthread_cond_wait(&pool->changed, &pool->lock);
		}
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

/* Starts one more thread. Signals are for the threads of loops. Returns an errno. */
static int add_thread(struct workers *pool)
{
	sigset_t all, before;
	pthread_attr_t attributes;
	int error;

	sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	(void)pthread_attr_init(&attributes);
	(void)pthread_attr_setstacksize(&attributes, WORKERS_STACK);
	error = pthread_create(&pool->threads[pool->count], &attributes, serve, pool);
	(void)pthread_attr_destroy(&attributes);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error == 0)
		pool->count++;
	return error;
}

int workers_open(struct workers **pool, unsigned threads, unsigned queue_max, struct fault *fault)
{
	struct workers *new = calloc(1, sizeof *new + threads * sizeof new->threads[0]);
	int error = 0;

	*pool = NULL;
	if (new == NULL)
		return fault_set(fault, "memory", "no memory for %u worker threads", threads);
	pthread_mutex_init(&new->lock, NULL);
	pthread_cond_init(&new->changed, NULL);
	new->queue_max = queue_max;
	while (error == 0 && new->count < threads)
		error = add_thread(new);
	if (error != 0) {
		workers_close(new);
		return fault_set(fault, "limit", "cannot start %u worker threads: %s", threads,
			strerror(error));
	}
	*pool = new;
	return 0;
}

static void arrived(struct post *post)
{
	struct work *work = (struct work *)((char *)post - offsetof(struct work, post));

	loop_release(work->loop);
	work->done(work);
}

int work_submit(struct workers *pool, struct work *work, struct loop *loop, struct fault *fault)
{
	bool room;

	work->cancelled = false;
	work->loop = loop;
	work->post.arrived = arrived;
	pthread_mutex_lock(&pool->lock);
	room = pool->waiting + pool->running < pool->queue_max + pool->count;
	if (room) {
		append(pool, work);
		pthread_cond_signal(&pool->changed);
	}
	pthread_mutex_unlock(&pool->lock);
	if (!room)
		return fault_set(fault, "limit", "%u workers are busy and %u pieces of work wait",
			pool->count, pool->queue_max);
	loop_hold(loop);
	return 0;
}

static void cancel(struct workers *pool, struct work *work)
{
	take_out(pool, work);
	work->cancelled = true;
	loop_post(work->loop, &work->post);
}

bool work_cancel(struct workers *pool, struct work *work)
{
	bool waits;

	pthread_mutex_lock(&pool->lock);
	waits = work->waits;
	if (waits)
		cancel(pool, work);
	pthread_mutex_unlock(&pool->lock);
	return waits;
}

void workers_close(struct workers *pool)
{
	if (pool == NULL)
		return;
	pthread_mutex_lock(&pool->lock);
	while (pool->first != NULL)
		cancel(pool, pool->first);
	pool->closing = true;
	pthread_cond_broadcast(&pool->changed);
	pthread_mutex_unlock(&pool->lock);
	for (unsigned i = 0; i < pool->count; i++)
		(void)pthread_join(pool->threads[i], NULL);
	pthread_cond_destroy(&pool->changed);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}
