/* post: what other threads have called in the loop's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>

#include "tests/lib/loop.h"

static struct fault fault;

static void take_turn(struct loop *loop)
{
	assert_int_equal(loop_turn(loop, 0, &fault), 0);
}

enum { THREADS = 8, POSTS = 2000 };

struct numbered {
	struct post post;
	unsigned thread, number;
};

static struct loop *posted_to;
static unsigned arrived_of[THREADS];
static struct numbered posts[THREADS][POSTS];

static void check_order(struct post *post)
{
	struct numbered *numbered = (struct numbered *)post;

	assert_int_equal(arrived_of[numbered->thread], numbered->number);
	arrived_of[numbered->thread]++;
	loop_release(posted_to);
}

static void *post_many(void *data)
{
	struct numbered *row = data;

	for (unsigned i = 0; i < POSTS; i++)
		loop_post(posted_to, &row[i].post);
	return NULL;
}

static void posts_of_many_threads_arrive_in_the_order_of_each(void **state)
{
	pthread_t threads[THREADS];

	posted_to = *state;
	for (unsigned t = 0; t < THREADS; t++) {
		arrived_of[t] = 0;
		for (unsigned i = 0; i < POSTS; i++) {
			posts[t][i] = (struct numbered){{.arrived = check_order}, t, i};
			loop_hold(*state);
		}
		assert_int_equal(pthread_create(&threads[t], NULL, post_many, posts[t]), 0);
	}
	assert_int_equal(loop_run(*state, &fault), 0);
	for (unsigned t = 0; t < THREADS; t++) {
		assert_int_equal(pthread_join(threads[t], NULL), 0);
		assert_int_equal(arrived_of[t], POSTS);
	}
}

static unsigned arrivals;

static void post_again(struct post *post)
{
	if (++arrivals < 5)
		loop_post(posted_to, post);
}

static void what_an_arrival_posts_arrives_in_the_next_turn(void **state)
{
	struct post post = {.arrived = post_again};

	posted_to = *state;
	arrivals = 0;
	loop_post(*state, &post);
	take_turn(*state);
	assert_int_equal(arrivals, 1);
	assert_int_equal(loop_run(*state, &fault), 0);
	assert_int_equal(arrivals, 5);
}

static void free_post(struct post *post)
{
	free(post);
	arrivals++;
}

static void a_post_may_free_itself(void **state)
{
	arrivals = 0;
	for (int i = 0; i < 10; i++) {
		struct post *post = calloc(1, sizeof *post);

		post->arrived = free_post;
		loop_post(*state, post);
	}
	take_turn(*state);
	assert_int_equal(arrivals, 10);
}

static void fire(struct timer *timer)
{
	(void)timer;
	arrivals++;
}

/* The next turn sleeps until the timer fires: it is not woken by what was delivered. */
static void a_post_wakes_the_loop_once(void **state)
{
	struct post post = {.arrived = post_again};
	struct timer timer = {.fired = fire};

	arrivals = 5;
	loop_post(*state, &post);
	take_turn(*state);
	assert_int_equal(arrivals, 6);
	timer_start(&timer, *state, CLOCK_MILLISECOND);
	assert_int_equal(loop_turn(*state, UINT64_MAX, &fault), 0);
	assert_int_equal(arrivals, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOOP_TEST(posts_of_many_threads_arrive_in_the_order_of_each),
		LOOP_TEST(what_an_arrival_posts_arrives_in_the_next_turn),
		LOOP_TEST(a_post_may_free_itself),
		LOOP_TEST(a_post_wakes_the_loop_once),
	};

	return cmocka_run_group_tests_name("post", tests, NULL, NULL);
}
