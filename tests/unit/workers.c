/* workers: real threads that wait at gates, so that the order of things is the test's to choose. */
#include "runtime/kernel/workers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "tests/lib/loop.h"

static struct fault fault;

/* Work that says when it runs, and then waits for the gate. */
struct job {
	struct work work;
	sem_t *begun, *gate; /* null: does neither */
	pthread_t ran_in, done_in;
	unsigned runs, dones;
	unsigned order; /* of running */
};

static sem_t begun, gate;
static _Atomic unsigned order;

static int open_all(void **state)
{
	(void)sem_init(&begun, 0, 0);
	(void)sem_init(&gate, 0, 0);
	order = 0;
	return test_loop_open(state);
}

static int close_all(void **state)
{
	(void)sem_destroy(&begun);
	(void)sem_destroy(&gate);
	return test_loop_close(state);
}

static void run(struct work *work)
{
	struct job *job = (struct job *)work;

	job->ran_in = pthread_self();
	job->order = order++;
	job->runs++;
	if (job->begun != NULL)
		sem_post(job->begun);
	if (job->gate != NULL)
		sem_wait(job->gate);
}

static void done(struct work *work)
{
	struct job *job = (struct job *)work;

	job->done_in = pthread_self();
	job->dones++;
}

static struct workers *open_pool(unsigned threads, unsigned queue_max)
{
	struct workers *pool;

	assert_int_equal(workers_open(&pool, threads, queue_max, &fault), 0);
	return pool;
}

static int submit(struct workers *pool, struct job *job, struct loop *loop)
{
	if (job->work.run == NULL)
		job->work.run = run;
	if (job->work.done == NULL)
		job->work.done = done;
	return work_submit(pool, &job->work, loop, &fault);
}

/* Submits a job that holds a worker until the gate opens, and waits until it does. */
static void occupy(struct workers *pool, struct job *job, struct loop *loop)
{
	job->begun = &begun;
	job->gate = &gate;
	assert_int_equal(submit(pool, job, loop), 0);
	sem_wait(&begun);
}

static void work_runs_elsewhere_and_is_done_here(void **state)
{
	enum { COUNT = 500 };
	struct workers *pool = open_pool(4, COUNT);
	struct job *jobs = calloc(COUNT, sizeof *jobs);

	for (unsigned i = 0; i < COUNT; i++)
		assert_int_equal(submit(pool, &jobs[i], *state), 0);
	assert_int_equal(loop_run(*state, &fault), 0);
	for (unsigned i = 0; i < COUNT; i++) {
		assert_int_equal(jobs[i].runs, 1);
		assert_int_equal(jobs[i].dones, 1);
		assert_false(jobs[i].work.cancelled);
		assert_false(pthread_equal(jobs[i].ran_in, pthread_self()));
		assert_true(pthread_equal(jobs[i].done_in, pthread_self()));
	}
	workers_close(pool);
	free(jobs);
}

static void one_worker_keeps_the_order_and_the_limit_holds(void **state)
{
	enum { QUEUE = 3 };
	struct workers *pool = open_pool(1, QUEUE);
	struct job first = {0}, waiting[QUEUE] = {0}, last = {0};

	occupy(pool, &first, *state);
	for (unsigned i = 0; i < QUEUE; i++)
		assert_int_equal(submit(pool, &waiting[i], *state), 0);
	assert_int_equal(submit(pool, &last, *state), -1);
	assert_string_equal(fault.word, "limit");
	sem_post(&gate);
	assert_int_equal(loop_run(*state, &fault), 0);
	for (unsigned i = 0; i < QUEUE; i++)
		assert_int_equal(waiting[i].order, i + 1);
	assert_int_equal(last.runs + last.dones, 0);
	assert_int_equal(submit(pool, &last, *state), 0);
	assert_int_equal(loop_run(*state, &fault), 0);
	assert_int_equal(last.dones, 1);
	workers_close(pool);
}

static void an_idle_worker_counts_as_room(void **state)
{
	struct workers *pool = open_pool(2, 0);
	struct job jobs[3] = {0};

	for (unsigned i = 0; i < 3; i++) {
		jobs[i].begun = &begun;
		jobs[i].gate = &gate;
	}
	assert_int_equal(submit(pool, &jobs[0], *state), 0);
	assert_int_equal(submit(pool, &jobs[1], *state), 0);
	assert_int_equal(submit(pool, &jobs[2], *state), -1);
	sem_post(&gate);
	sem_post(&gate);
	assert_int_equal(loop_run(*state, &fault), 0);
	workers_close(pool);
}

static struct workers *again_pool;

static void submit_again(struct work *work)
{
	struct job *job = (struct job *)work;

	done(work);
	if (job->dones < 200)
		assert_int_equal(submit(again_pool, job, work->loop), 0);
}

/* The worker is free by the time of `done`, even where nothing may wait. */
static void done_may_submit_again(void **state)
{
	struct job job = {.work.done = submit_again};

	again_pool = open_pool(1, 0);
	assert_int_equal(submit(again_pool, &job, *state), 0);
	assert_int_equal(loop_run(*state, &fault), 0);
	assert_int_equal(job.runs, 200);
	workers_close(again_pool);
}

static void done_and_free(struct work *work)
{
	free(work);
}

static void done_may_free(void **state)
{
	struct workers *pool = open_pool(2, 100);

	for (unsigned i = 0; i < 100; i++) {
		struct job *job = calloc(1, sizeof *job);

		job->work.done = done_and_free;
		assert_int_equal(submit(pool, job, *state), 0);
	}
	assert_int_equal(loop_run(*state, &fault), 0);
	workers_close(pool);
}

static void what_waits_can_be_cancelled_and_what_runs_cannot(void **state)
{
	struct workers *pool = open_pool(1, 3);
	struct job first = {0}, jobs[3] = {0}, never = {0};

	occupy(pool, &first, *state);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(submit(pool, &jobs[i], *state), 0);
	assert_true(work_cancel(pool, &jobs[1].work));
	assert_false(work_cancel(pool, &jobs[1].work));
	assert_false(work_cancel(pool, &first.work));
	assert_false(work_cancel(pool, &never.work));
	assert_int_equal(jobs[1].dones, 0); /* later, like any other */
	assert_int_equal(loop_turn(*state, UINT64_MAX, &fault), 0);
	assert_int_equal(jobs[1].dones, 1);
	assert_true(jobs[1].work.cancelled);
	assert_true(work_cancel(pool, &jobs[2].work)); /* the last */
	assert_true(work_cancel(pool, &jobs[0].work)); /* the only one */
	assert_int_equal(submit(pool, &jobs[1], *state), 0);
	sem_post(&gate);
	assert_int_equal(loop_run(*state, &fault), 0);
	assert_int_equal(jobs[0].runs + jobs[2].runs, 0);
	assert_int_equal(jobs[0].dones + jobs[2].dones, 2);
	assert_int_equal(jobs[1].runs, 1);
	assert_false(jobs[1].work.cancelled);
	assert_false(work_cancel(pool, &first.work));
	workers_close(pool);
}

/* The thread of a second loop: opens the gate when its own work was handed back. */
static void *open_gate(void *second)
{
	struct fault ours;

	assert_int_equal(loop_run(second, &ours), 0);
	sem_post(&gate);
	return NULL;
}

static void a_close_waits_for_what_runs_and_hands_the_rest_back(void **state)
{
	struct workers *pool = open_pool(1, 5);
	struct job first = {0}, waiting[5] = {0};
	struct loop *second;
	pthread_t opener;

	assert_int_equal(loop_open(&second, &clock_system, &fault), 0);
	occupy(pool, &first, *state);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(submit(pool, &waiting[i], second), 0);
	assert_int_equal(pthread_create(&opener, NULL, open_gate, second), 0);
	workers_close(pool);
	assert_int_equal(pthread_join(opener, NULL), 0);
	assert_int_equal(first.dones, 0);
	assert_int_equal(loop_run(*state, &fault), 0);
	assert_int_equal(first.dones, 1);
	assert_false(first.work.cancelled);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(waiting[i].runs, 0);
		assert_int_equal(waiting[i].dones, 1);
		assert_true(waiting[i].work.cancelled);
	}
	loop_close(second);
}

static void two_loops_share_a_pool(void **state)
{
	struct workers *pool = open_pool(1, 2);
	struct job mine = {0}, theirs = {0};
	struct loop *second;

	assert_int_equal(loop_open(&second, &clock_system, &fault), 0);
	assert_int_equal(submit(pool, &mine, *state), 0);
	assert_int_equal(submit(pool, &theirs, second), 0);
	assert_int_equal(loop_run(*state, &fault), 0);
	assert_int_equal(mine.dones, 1);
	assert_int_equal(theirs.dones, 0);
	assert_int_equal(loop_run(second, &fault), 0);
	assert_int_equal(theirs.dones, 1);
	workers_close(pool);
	loop_close(second);
}

static sigset_t mask_of_worker;

static void look_at_mask(struct work *work)
{
	(void)work;
	(void)pthread_sigmask(SIG_BLOCK, NULL, &mask_of_worker);
}

static void workers_leave_signals_to_the_loop(void **state)
{
	struct workers *pool = open_pool(1, 1);
	struct job job = {.work.run = look_at_mask};
	sigset_t mine;

	assert_int_equal(submit(pool, &job, *state), 0);
	assert_int_equal(loop_run(*state, &fault), 0);
	assert_int_equal(sigismember(&mask_of_worker, SIGTERM), 1);
	assert_int_equal(sigismember(&mask_of_worker, SIGCHLD), 1);
	assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &mine), 0);
	assert_int_equal(sigismember(&mine, SIGTERM), 0);
	workers_close(pool);
	workers_close(NULL);
}

#define WORKERS_TEST(NAME) cmocka_unit_test_setup_teardown(NAME, open_all, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORKERS_TEST(work_runs_elsewhere_and_is_done_here),
		WORKERS_TEST(one_worker_keeps_the_order_and_the_limit_holds),
		WORKERS_TEST(an_idle_worker_counts_as_room),
		WORKERS_TEST(done_may_submit_again),
		WORKERS_TEST(done_may_free),
		WORKERS_TEST(what_waits_can_be_cancelled_and_what_runs_cannot),
		WORKERS_TEST(a_close_waits_for_what_runs_and_hands_the_rest_back),
		WORKERS_TEST(two_loops_share_a_pool),
		WORKERS_TEST(workers_leave_signals_to_the_loop),
	};

	return cmocka_run_group_tests_name("workers", tests, NULL, NULL);
}
