/* loop: descriptors and turns. */
#include "runtime/kernel/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/loop.h"

static struct fault fault;

/* A watch that remembers what it was told, and may do something about it. */
struct told {
	struct watch watch;
	unsigned events; /* of the last call */
	unsigned calls;
	struct told *victim;
	int fresh; /* a descriptor to watch in the victim's place */
	struct told *successor;
};

static void remember(struct watch *watch, unsigned events)
{
	struct told *told = (struct told *)watch;

	told->events = events;
	told->calls++;
}

static void take_turn(struct loop *loop)
{
	assert_int_equal(loop_turn(loop, 0, &fault), 0);
}

static void watch(struct told *told, struct loop *loop, int fd, unsigned events)
{
	if (told->watch.ready == NULL)
		told->watch.ready = remember;
	assert_int_equal(watch_start(&told->watch, loop, fd, events, &fault), 0);
}

static int ready_eventfd(void)
{
	int descriptor = eventfd(1, EFD_CLOEXEC);

	assert_true(descriptor >= 0);
	return descriptor;
}

static void what_is_ready_is_told_until_it_is_dealt_with(void **state)
{
	struct told told = {0};
	char byte;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	watch(&told, *state, pair[0], WATCH_READ);
	take_turn(*state);
	assert_int_equal(told.calls, 0);
	assert_int_equal(write(pair[1], "x", 1), 1);
	take_turn(*state);
	take_turn(*state);
	assert_int_equal(told.calls, 2);
	assert_int_equal(told.events, WATCH_READ);
	watch_change(&told.watch, WATCH_READ | WATCH_WRITE);
	take_turn(*state);
	assert_int_equal(told.events, WATCH_READ | WATCH_WRITE);
	assert_int_equal(read(pair[0], &byte, 1), 1);
	take_turn(*state);
	assert_int_equal(told.events, WATCH_WRITE);
	watch_change(&told.watch, 0);
	take_turn(*state);
	assert_int_equal(told.calls, 4);
	watch_stop(&told.watch);
	watch_stop(&told.watch);
	watch_change(&told.watch, WATCH_WRITE);
	take_turn(*state);
	assert_int_equal(told.calls, 4);
	close(pair[0]);
	close(pair[1]);
}

static void an_end_is_told_to_who_did_not_ask(void **state)
{
	struct told reader = {0}, writer = {0};
	int input[2], output[2];

	assert_int_equal(pipe2(input, O_CLOEXEC), 0);
	assert_int_equal(pipe2(output, O_CLOEXEC), 0);
	watch(&reader, *state, input[0], 0);
	watch(&writer, *state, output[1], 0);
	take_turn(*state);
	assert_int_equal(reader.calls + writer.calls, 0);
	close(input[1]);  /* EPOLLHUP */
	close(output[0]); /* EPOLLERR */
	take_turn(*state);
	assert_int_equal(reader.events, WATCH_ENDED);
	assert_int_equal(writer.events, WATCH_ENDED);
	watch_stop(&reader.watch);
	watch_stop(&writer.watch);
	close(input[0]);
	close(output[1]);
}

static void bytes_before_an_end_are_told_with_it(void **state)
{
	struct told told = {0};
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	watch(&told, *state, ends[0], WATCH_READ);
	assert_int_equal(write(ends[1], "x", 1), 1);
	close(ends[1]);
	take_turn(*state);
	assert_int_equal(told.events, WATCH_READ | WATCH_ENDED);
	watch_stop(&told.watch);
	close(ends[0]);
}

/* --- Within one turn -------------------------------------------------------------------------- */

static void free_victim(struct watch *watch, unsigned events)
{
	struct told *told = (struct told *)watch;

	remember(watch, events);
	if (told->victim == NULL)
		return;
	assert_int_equal(told->victim->calls, 0);
	watch_stop(&told->victim->watch);
	free(told->victim);
	told->victim = NULL;
}

/* Both are ready; epoll reports in the order of becoming so. */
static void a_watch_that_was_freed_in_the_same_turn_is_not_touched(void **state)
{
	struct told *second = calloc(1, sizeof *second);
	struct told first = {.watch.ready = free_victim, .victim = second};
	int descriptors[2] = {ready_eventfd(), ready_eventfd()};

	watch(&first, *state, descriptors[0], WATCH_READ);
	watch(second, *state, descriptors[1], WATCH_READ);
	take_turn(*state);
	take_turn(*state);
	assert_int_equal(first.calls, 2);
	assert_null(first.victim);
	watch_stop(&first.watch);
	close(descriptors[0]);
	close(descriptors[1]);
}

static void replace_victim(struct watch *watch, unsigned events)
{
	struct told *told = (struct told *)watch;

	remember(watch, events);
	if (told->victim == NULL)
		return;
	watch_stop(&told->victim->watch);
	assert_int_equal(
		watch_start(&told->successor->watch, watch->loop, told->fresh, WATCH_READ, &fault),
		0);
	told->victim = NULL;
}

/* The successor takes the place of the one that was stopped, and not its news. */
static void a_place_that_is_taken_again_in_the_same_turn_hears_nothing_old(void **state)
{
	struct told successor = {.watch.ready = remember};
	struct told second = {0};
	struct told first = {.watch.ready = replace_victim, .victim = &second};
	int descriptors[3] = {ready_eventfd(), ready_eventfd(), eventfd(0, EFD_CLOEXEC)};

	first.successor = &successor;
	first.fresh = descriptors[2];
	watch(&first, *state, descriptors[0], WATCH_READ);
	watch(&second, *state, descriptors[1], WATCH_READ);
	take_turn(*state);
	assert_int_equal(first.calls, 1);
	assert_int_equal(second.calls, 0);
	assert_int_equal(successor.calls, 0);
	assert_int_equal(successor.watch.place, second.watch.place);
	assert_int_equal(eventfd_write(descriptors[2], 1), 0);
	take_turn(*state);
	assert_int_equal(successor.calls, 1);
	watch_stop(&first.watch);
	watch_stop(&successor.watch);
	for (int i = 0; i < 3; i++)
		close(descriptors[i]);
}

static void free_itself(struct watch *watch, unsigned events)
{
	(void)events;
	watch_stop(watch);
	close(watch->fd);
	free(watch);
}

static void a_watch_may_free_itself_and_the_run_ends_with_the_last_one(void **state)
{
	for (int i = 0; i < 100; i++) {
		struct told *told = calloc(1, sizeof *told);

		told->watch.ready = free_itself;
		watch(told, *state, ready_eventfd(), WATCH_READ);
	}
	assert_int_equal(loop_run(*state, &fault), 0);
}

static void change_victim(struct watch *watch, unsigned events)
{
	struct told *told = (struct told *)watch;

	remember(watch, events);
	watch_change(&told->victim->watch, 0);
}

static void what_is_not_asked_for_any_more_is_not_told(void **state)
{
	struct told second = {0};
	struct told first = {.watch.ready = change_victim, .victim = &second};
	int descriptors[2] = {ready_eventfd(), ready_eventfd()};

	watch(&first, *state, descriptors[0], WATCH_READ);
	watch(&second, *state, descriptors[1], WATCH_READ);
	take_turn(*state);
	assert_int_equal(first.calls, 1);
	assert_int_equal(second.calls, 0);
	watch_stop(&first.watch);
	watch_stop(&second.watch);
	close(descriptors[0]);
	close(descriptors[1]);
}

static void nobody_is_passed_over_when_many_are_ready(void **state)
{
	enum { COUNT = 1000 };
	struct told *told = calloc(COUNT, sizeof *told);
	unsigned least = 0;

	for (int i = 0; i < COUNT; i++)
		watch(&told[i], *state, ready_eventfd(), WATCH_READ);
	for (unsigned turns = 0; least < 2 && turns < COUNT; turns++) {
		take_turn(*state);
		least = UINT32_MAX;
		for (int i = 0; i < COUNT; i++)
			least = told[i].calls < least ? told[i].calls : least;
	}
	assert_int_equal(least, 2);
	for (int i = 0; i < COUNT; i++) {
		assert_true(told[i].calls <= 3);
		watch_stop(&told[i].watch);
		close(told[i].watch.fd);
	}
	free(told);
}

/* --- Refusals --------------------------------------------------------------------------------- */

static void what_cannot_be_watched_is_refused(void **state)
{
	struct told told = {0};
	int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	assert_int_equal(watch_start(&told.watch, *state, file, WATCH_READ, &fault), -1);
	assert_string_equal(fault.word, "io");
	assert_null(told.watch.loop);
	assert_int_equal(loop_run(*state, &fault), 0);
	close(file);
}

static void too_many_watches_are_refused(void **state)
{
	struct rlimit before, more = {LOOP_WATCHES_MAX + 100, LOOP_WATCHES_MAX + 100};
	struct told *told;
	int source;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	if (before.rlim_max > more.rlim_max)
		more.rlim_max = before.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &more) != 0) {
		printf("# skipped: may not have %u descriptors\n", LOOP_WATCHES_MAX);
		return;
	}
	told = calloc(LOOP_WATCHES_MAX + 1, sizeof *told);
	source = eventfd(0, EFD_CLOEXEC);
	for (unsigned i = 0; i < LOOP_WATCHES_MAX; i++)
		watch(&told[i], *state, fcntl(source, F_DUPFD_CLOEXEC, 0), WATCH_READ);
	assert_int_equal(
		watch_start(&told[LOOP_WATCHES_MAX].watch, *state, source, WATCH_READ, &fault), -1);
	assert_string_equal(fault.word, "limit");
	watch_stop(&told[7].watch);
	watch(&told[LOOP_WATCHES_MAX], *state, source, WATCH_READ);
	close(told[7].watch.fd);
	for (unsigned i = 0; i <= LOOP_WATCHES_MAX; i++) {
		watch_stop(&told[i].watch);
		if (i != 7)
			close(told[i].watch.fd);
	}
	free(told);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

/* --- Running ---------------------------------------------------------------------------------- */

static void stop_loop(struct watch *watch, unsigned events)
{
	remember(watch, events);
	loop_stop(watch->loop);
}

static void a_stop_ends_the_run_after_the_turn(void **state)
{
	struct told told = {.watch.ready = stop_loop};

	watch(&told, *state, ready_eventfd(), WATCH_READ);
	assert_int_equal(loop_run(*state, &fault), 0);
	assert_int_equal(told.calls, 1);
	assert_int_equal(loop_run(*state, &fault), 0);
	assert_int_equal(told.calls, 2);
	loop_stop(*state);
	assert_int_equal(loop_run(*state, &fault), 0);
	assert_int_equal(told.calls, 2);
	watch_stop(&told.watch);
	close(told.watch.fd);
}

static void nothing_to_wait_for_is_no_run(void **state)
{
	assert_int_equal(loop_run(*state, &fault), 0);
	loop_close(NULL);
}

static void no_descriptor_is_no_loop(void **state)
{
	struct rlimit before, none;
	struct loop *loop;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	for (rlim_t more = 0; more < 2; more++) {
		int next = fcntl(0, F_DUPFD_CLOEXEC, 0);

		close(next);
		none.rlim_cur = (rlim_t)next + more;
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
		assert_int_equal(loop_open(&loop, &clock_system, &fault), -1);
		assert_string_equal(fault.word, "limit");
		assert_null(loop);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOOP_TEST(what_is_ready_is_told_until_it_is_dealt_with),
		LOOP_TEST(an_end_is_told_to_who_did_not_ask),
		LOOP_TEST(bytes_before_an_end_are_told_with_it),
		LOOP_TEST(a_watch_that_was_freed_in_the_same_turn_is_not_touched),
		LOOP_TEST(a_place_that_is_taken_again_in_the_same_turn_hears_nothing_old),
		LOOP_TEST(a_watch_may_free_itself_and_the_run_ends_with_the_last_one),
		LOOP_TEST(what_is_not_asked_for_any_more_is_not_told),
		LOOP_TEST(nobody_is_passed_over_when_many_are_ready),
		LOOP_TEST(what_cannot_be_watched_is_refused),
		LOOP_TEST(too_many_watches_are_refused),
		LOOP_TEST(a_stop_ends_the_run_after_the_turn),
		LOOP_TEST(nothing_to_wait_for_is_no_run),
		LOOP_TEST(no_descriptor_is_no_loop),
	};

	return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
