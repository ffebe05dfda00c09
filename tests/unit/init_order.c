/* init_order: which unit may start and stop, and circles, on small graphs. */
#include "services/init/order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(ARRAY) (sizeof(ARRAY) / sizeof(ARRAY)[0])

/* 0 is required by 2; 1 comes before 2. */
static const struct order_edge fork_edges[] = {{0, 2, ORDER_REQUIRES}, {1, 2, ORDER_AFTER}};

static const uint8_t never[3];

static enum order_verdict may_start(
	const struct order_edge *edges, size_t count, const uint8_t standings[3], uint32_t unit)
{
	const struct order_view view = {standings, never, 3};

	return order_may_start(edges, count, &view, unit);
}

static enum order_verdict verdict(uint8_t first, uint8_t second)
{
	const uint8_t standings[] = {first, second, ORDER_WAITING};

	return may_start(fork_edges, COUNT(fork_edges), standings, 2);
}

static void a_unit_waits_for_all_before_it(void **unused)
{
	(void)unused;
	assert_int_equal(verdict(ORDER_WAITING, ORDER_WAITING), ORDER_LATER);
	assert_int_equal(verdict(ORDER_UP, ORDER_WAITING), ORDER_LATER);
	assert_int_equal(verdict(ORDER_WAITING, ORDER_DONE), ORDER_LATER);
	assert_int_equal(verdict(ORDER_UP, ORDER_UP), ORDER_NOW);
	assert_int_equal(verdict(ORDER_DONE, ORDER_DONE), ORDER_NOW);
}

static void a_lost_one_is_missed_only_where_it_is_required(void **unused)
{
	(void)unused;
	assert_int_equal(verdict(ORDER_UP, ORDER_LOST), ORDER_NOW);
	assert_int_equal(verdict(ORDER_LOST, ORDER_UP), ORDER_NEVER);
	assert_int_equal(verdict(ORDER_LOST, ORDER_WAITING), ORDER_NEVER);
}

static void nothing_before_it_means_now(void **unused)
{
	const uint8_t standings[] = {ORDER_WAITING, ORDER_WAITING, ORDER_WAITING};

	(void)unused;
	assert_int_equal(may_start(fork_edges, COUNT(fork_edges), standings, 0), ORDER_NOW);
	assert_int_equal(may_start(NULL, 0, standings, 2), ORDER_NOW);
}

/* Unit 1, which has unit 0 by an edge of this kind. */
static enum order_verdict verdict_of(enum order_kind kind, uint8_t standing, uint8_t reached)
{
	const struct order_edge edge = {0, 1, (uint32_t)kind};
	const uint8_t standings[] = {standing, ORDER_WAITING}, have_been[] = {reached, 0};
	const struct order_view view = {standings, have_been, 2};

	return order_may_start(&edge, 1, &view, 1);
}

static void each_kind_of_edge_says_what_it_needs(void **unused)
{
	static const enum order_verdict expected[][4] = {/* waiting, up, done, lost */
		[ORDER_AFTER] = {ORDER_LATER, ORDER_NOW, ORDER_NOW, ORDER_NOW},
		[ORDER_WANTS] = {ORDER_LATER, ORDER_NOW, ORDER_NOW, ORDER_NOW},
		[ORDER_REQUIRES] = {ORDER_LATER, ORDER_NOW, ORDER_NOW, ORDER_NEVER},
		[ORDER_MILESTONE] = {ORDER_LATER, ORDER_NOW, ORDER_NOW, ORDER_NEVER},
		[ORDER_BINDS] = {ORDER_LATER, ORDER_NOW, ORDER_NEVER, ORDER_NEVER}};

	(void)unused;
	for (unsigned kind = ORDER_AFTER; kind <= ORDER_BINDS; kind++)
		for (uint8_t standing = ORDER_WAITING; standing <= ORDER_LOST; standing++) {
			assert_int_equal(verdict_of((enum order_kind)kind, standing, 0),
				expected[kind][standing]);
			assert_int_equal(verdict_of((enum order_kind)kind, standing, 1),
				kind == ORDER_MILESTONE ? ORDER_NOW : expected[kind][standing]);
		}
}

static void who_is_bound_stops_when_the_other_is_not_up(void **unused)
{
	const struct order_edge edges[] = {{0, 2, ORDER_REQUIRES}, {1, 2, ORDER_BINDS}};

	(void)unused;
	for (uint8_t standing = ORDER_WAITING; standing <= ORDER_LOST; standing++) {
		const uint8_t standings[] = {ORDER_LOST, standing, ORDER_UP};
		const struct order_view view = {standings, never, 3};

		assert_int_equal(
			order_must_stop(edges, COUNT(edges), &view, 2), standing != ORDER_UP);
		assert_false(order_must_stop(edges, COUNT(edges), &view, 1));
		assert_false(order_must_stop(edges, 1, &view, 2));
	}
}

static void a_unit_stops_when_nothing_after_it_runs(void **unused)
{
	const uint8_t all[] = {1, 1, 1}, two[] = {1, 1, 0};

	(void)unused;
	assert_false(order_may_stop(fork_edges, COUNT(fork_edges), all, 3, 0));
	assert_false(order_may_stop(fork_edges, COUNT(fork_edges), all, 3, 1));
	assert_true(order_may_stop(fork_edges, COUNT(fork_edges), all, 3, 2));
	assert_true(order_may_stop(fork_edges, COUNT(fork_edges), two, 3, 0));
}

static void a_chain_has_no_circle(void **unused)
{
	const struct order_edge chain[] = {{0, 1, 0}, {1, 2, 1}, {0, 2, 0}};
	uint8_t ring[3];

	(void)unused;
	assert_int_equal(order_find_rings(chain, COUNT(chain), ring, COUNT(ring)), 0);
	for (size_t i = 0; i < COUNT(ring); i++)
		assert_int_equal(ring[i], 0);
}

/* 0 -> 1 -> 2 -> 1, 2 -> 3: the circle is 1 and 2; who leads there or comes behind is not in it. */
static void only_those_in_a_circle_are_marked(void **unused)
{
	const struct order_edge edges[] = {{0, 1, 0}, {1, 2, 0}, {2, 1, 0}, {2, 3, 1}};
	static const uint8_t expected[] = {0, 1, 1, 0};
	uint8_t ring[4];

	(void)unused;
	assert_int_equal(order_find_rings(edges, COUNT(edges), ring, COUNT(ring)), 2);
	assert_memory_equal(ring, expected, sizeof ring);
}

static void a_unit_that_waits_for_itself_is_a_circle(void **unused)
{
	const struct order_edge edge = {1, 1, 0};
	uint8_t ring[2];

	(void)unused;
	assert_int_equal(order_find_rings(&edge, 1, ring, COUNT(ring)), 1);
	assert_int_equal(ring[0], 0);
	assert_int_equal(ring[1], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_unit_waits_for_all_before_it),
		cmocka_unit_test(a_lost_one_is_missed_only_where_it_is_required),
		cmocka_unit_test(nothing_before_it_means_now),
		cmocka_unit_test(each_kind_of_edge_says_what_it_needs),
		cmocka_unit_test(who_is_bound_stops_when_the_other_is_not_up),
		cmocka_unit_test(a_unit_stops_when_nothing_after_it_runs),
		cmocka_unit_test(a_chain_has_no_circle),
		cmocka_unit_test(only_those_in_a_circle_are_marked),
		cmocka_unit_test(a_unit_that_waits_for_itself_is_a_circle),
	};

	return cmocka_run_group_tests_name("init_order", tests, NULL, NULL);
}
