/* timer: the heap of a loop against plain lists, under a clock that the test sets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "runtime/kernel/loop.h"
#include "tests/lib/loop.h"

static struct fault fault;

/* --- A clock that stands still until it is set ------------------------------------------------ */

static uint64_t the_time;

static uint64_t test_now(void *unused)
{
	(void)unused;
	return the_time;
}

#define THE_DAY INT64_C(1700000000000000000)

static int64_t test_wall(void *unused)
{
	(void)unused;
	return THE_DAY + (int64_t)the_time;
}

static const struct clock test_clock = {.now = test_now, .wall = test_wall};

static int open_loop(void **state)
{
	struct loop *loop;

	the_time = 1000;
	if (loop_open(&loop, &test_clock, &fault) != 0)
		return -1;
	*state = loop;
	return 0;
}

static int close_loop(void **state)
{
	loop_close(*state);
	return 0;
}

static void turn_at(struct loop *loop, uint64_t time)
{
	the_time = time;
	assert_int_equal(loop_turn(loop, 0, &fault), 0);
}

static uint32_t random_below(uint32_t limit)
{
	static uint64_t seed = 20240229;

	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % limit;
}

/* --- The plain list --------------------------------------------------------------------------- */

enum { COUNT = 50000 };

/* A timer with what the test knows of it. */
struct known {
	struct timer timer;
	bool started;
	uint64_t at, order;
};

static struct known *known;
static uint64_t starts;              /* gives each start its order */
static uint64_t last_at, last_order; /* of the timer that fired last in this turn */
static unsigned fired_count;

static void start(struct known *one, struct loop *loop, uint64_t delay)
{
	timer_start(&one->timer, loop, delay);
	one->started = true;
	one->at = loop_now(loop) + delay;
	one->order = starts++;
}

static void stop(struct known *one)
{
	timer_stop(&one->timer);
	one->started = false;
}

/* Each may fire only while started, not before its time, and later than the one before it. */
static void fired(struct timer *timer)
{
	struct known *one = (struct known *)timer;

	assert_null(timer->loop);
	assert_true(one->started);
	assert_true(one->at <= the_time);
	assert_true(one->at > last_at || (one->at == last_at && one->order >= last_order));
	one->started = false;
	last_at = one->at;
	last_order = one->order;
	fired_count++;
}

static void fired_wildly(struct timer *timer)
{
	struct loop *loop = known[0].timer.loop; /* never fires */

	fired(timer);
	for (uint32_t i = random_below(4); i > 0; i--) {
		struct known *other = &known[1 + random_below(COUNT - 1)];

		if (random_below(3) == 0)
			stop(other);
		else
			start(other, loop, random_below(5000));
	}
}

/* Takes a turn, in which all that is due and was started before must have fired. */
static void check_turn(struct loop *loop, uint64_t time)
{
	uint64_t before = starts;

	last_at = 0;
	last_order = 0;
	turn_at(loop, time);
	for (unsigned i = 0; i < COUNT; i++)
		assert_false(known[i].started && known[i].at <= time && known[i].order < before);
}

static void many_timers_fire_in_order_while_callbacks_start_and_stop_them(void **state)
{
	known = calloc(COUNT, sizeof *known);
	fired_count = 0;
	for (unsigned i = 0; i < COUNT; i++) {
		known[i].timer.fired = fired_wildly;
		start(&known[i], *state, i == 0 ? UINT64_MAX / 2 : random_below(100000));
	}
	for (unsigned i = 0; i < COUNT / 10; i++)
		stop(&known[1 + random_below(COUNT - 1)]);
	for (unsigned turn = 0; turn < 400; turn++)
		check_turn(*state, the_time + random_below(600));
	assert_true(fired_count > COUNT);
	for (unsigned i = 0; i < COUNT; i++)
		stop(&known[i]);
	turn_at(*state, UINT64_MAX);
	assert_int_equal(loop_run(*state, &fault), 0);
	free(known);
}

/* --- Against a sorted list -------------------------------------------------------------------- */

static struct known **fired_list;
static unsigned fired_length;

static void append(struct timer *timer)
{
	fired_list[fired_length++] = (struct known *)timer;
}

static int compare(const void *a, const void *b)
{
	const struct known *x = *(struct known *const *)a, *y = *(struct known *const *)b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static void many_timers_fire_as_if_they_were_sorted(void **state)
{
	struct known **sorted = calloc(COUNT, sizeof(struct known *));

	known = calloc(COUNT, sizeof *known);
	fired_list = calloc(COUNT, sizeof(struct known *));
	fired_length = 0;
	for (unsigned i = 0; i < COUNT; i++) {
		known[i].timer.fired = append;
		sorted[i] = &known[i];
	}
	for (unsigned i = 0; i < 2 * COUNT; i++) /* some twice, some never: those last */
		start(&known[random_below(COUNT)], *state, random_below(COUNT));
	for (unsigned i = 0; i < COUNT; i++)
		if (!known[i].started)
			start(&known[i], *state, random_below(COUNT));
	qsort(sorted, COUNT, sizeof(struct known *), compare);
	turn_at(*state, the_time + COUNT);
	assert_int_equal(fired_length, COUNT);
	for (unsigned i = 0; i < COUNT; i++)
		assert_ptr_equal(fired_list[i], sorted[i]);
	free(known);
	free(sorted);
	free(fired_list);
}

/* --- Shapes of the heap ----------------------------------------------------------------------- */

static unsigned counted;

static void count(struct timer *timer)
{
	(void)timer;
	counted++;
}

/* Started in falling order the heap is one long chain, in rising order one wide row. */
static void a_hundred_thousand_timers_take_no_stack(void **state)
{
	enum { MANY = 100000 };
	struct timer *timers = calloc(MANY, sizeof *timers);

	for (int falling = 0; falling < 2; falling++) {
		counted = 0;
		for (unsigned i = 0; i < MANY; i++) {
			timers[i].fired = count;
			timer_start(&timers[i], *state, falling ? MANY - i : i);
		}
		turn_at(*state, the_time + MANY / 2);
		assert_int_equal(counted, falling ? MANY / 2 : MANY / 2 + 1);
		for (unsigned i = 0; i < MANY; i += 2)
			timer_stop(&timers[i]);
		turn_at(*state, the_time + MANY);
		assert_int_equal(counted, falling ? 3 * (MANY / 4) : 3 * (MANY / 4) + 1);
	}
	free(timers);
}

/* --- One at a time ---------------------------------------------------------------------------- */

static void not_before_its_time_and_once(void **state)
{
	struct timer timer = {.fired = count};

	counted = 0;
	timer_start(&timer, *state, 10);
	turn_at(*state, 1009);
	assert_int_equal(counted, 0);
	timer_start(&timer, *state, 10); /* forgets the time before */
	turn_at(*state, 1018);
	assert_int_equal(counted, 0);
	turn_at(*state, 1019);
	turn_at(*state, 5000);
	assert_int_equal(counted, 1);
	timer_stop(&timer);
	timer_start(&timer, *state, UINT64_MAX); /* no overflow */
	turn_at(*state, UINT64_MAX - 1);
	assert_int_equal(counted, 1);
	timer_stop(&timer);
	timer_stop(&timer);
}

static struct loop *its_loop;

static void start_again(struct timer *timer)
{
	counted++;
	timer_start(timer, its_loop, 0);
}

static void a_timer_that_starts_itself_fires_once_a_turn(void **state)
{
	struct timer timer = {.fired = start_again};

	its_loop = *state;
	counted = 0;
	timer_start(&timer, *state, 0);
	for (unsigned turns = 1; turns <= 10; turns++) {
		turn_at(*state, the_time);
		assert_int_equal(counted, turns);
	}
	timer_stop(&timer);
}

static void free_timer(struct timer *timer)
{
	counted++;
	free(timer);
}

static struct timer *other;

static void free_other(struct timer *timer)
{
	(void)timer;
	counted++;
	timer_stop(other);
	free(other);
}

static void a_timer_may_be_freed_by_its_callback_or_by_another(void **state)
{
	struct timer *own = calloc(1, sizeof *own), first = {.fired = free_other};

	other = calloc(1, sizeof *other);
	own->fired = free_timer;
	other->fired = free_timer;
	counted = 0;
	timer_start(own, *state, 1);
	timer_start(&first, *state, 2);
	timer_start(other, *state, 2);
	turn_at(*state, the_time + 2);
	assert_int_equal(counted, 2);
}

static void a_run_on_the_system_clock_ends_with_the_last_timer(void **state)
{
	struct timer timers[3] = {{.fired = count}, {.fired = count}, {.fired = count}};
	uint64_t begin = clock_system.now(NULL);

	counted = 0;
	for (unsigned i = 0; i < 3; i++)
		timer_start(&timers[i], *state, (3 - i) * CLOCK_MILLISECOND);
	assert_ptr_equal(loop_clock(*state), &clock_system);
	assert_int_equal(loop_run(*state, &fault), 0);
	assert_int_equal(counted, 3);
	assert_true(clock_system.now(NULL) - begin >= 3 * CLOCK_MILLISECOND);
	assert_true(clock_system.wall(NULL) > 0);
}

static struct loop *the_loop;
static int64_t told;

static void tell_later(struct timer *timer)
{
	(void)timer;
	the_time += 500; /* the turn takes a while */
	told = loop_wall(the_loop);
}

static void a_turn_has_one_time(void **state)
{
	struct timer timer = {.fired = tell_later};

	the_loop = *state;
	timer_start(&timer, the_loop, 1000);
	turn_at(the_loop, 2000);
	assert_int_equal(told, THE_DAY + 2000);
	assert_int_equal(loop_wall(the_loop), THE_DAY + 2500);
}

#define FAKE_TEST(NAME) cmocka_unit_test_setup_teardown(NAME, open_loop, close_loop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(many_timers_fire_in_order_while_callbacks_start_and_stop_them),
		FAKE_TEST(many_timers_fire_as_if_they_were_sorted),
		FAKE_TEST(a_hundred_thousand_timers_take_no_stack),
		FAKE_TEST(not_before_its_time_and_once),
		FAKE_TEST(a_timer_that_starts_itself_fires_once_a_turn),
		FAKE_TEST(a_timer_may_be_freed_by_its_callback_or_by_another),
		FAKE_TEST(a_turn_has_one_time),
		LOOP_TEST(a_run_on_the_system_clock_ends_with_the_last_timer),
	};

	return cmocka_run_group_tests_name("timer", tests, NULL, NULL);
}
