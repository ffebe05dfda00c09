/* order: which unit may start, and which may stop, now. Pure functions, apart from the plumbing of
 * units.h so that they can be proved: verify/init_order.acsl says what is. */
#ifndef CLOISTER_SERVICES_INIT_ORDER_H
#define CLOISTER_SERVICES_INIT_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ORDER_UNITS_MAX 64u
#define ORDER_EDGES_MAX 1024u

/* What `before` is to `after`, which starts later and stops earlier in any case. */
enum order_kind {
	ORDER_AFTER = 0,     /* no more than that */
	ORDER_WANTS = 1,     /* it is started with it, and not missed */
	ORDER_REQUIRES = 2,  /* it must be there at the start */
	ORDER_MILESTONE = 3, /* it must have been there once */
	ORDER_BINDS = 4      /* it must be up, at the start and for as long as `after` runs */
};

/* Both are places of units in their list. */
struct order_edge {
	uint32_t before, after;
	uint32_t kind; /* enum order_kind */
};

/* How a unit stands, for those that come after it. */
enum order_standing {
	ORDER_WAITING = 0, /* it will be started, or is being started */
	ORDER_UP = 1,
	ORDER_DONE = 2, /* it has done its work, and ended well for good */
	ORDER_LOST = 3  /* it failed, or is not to be started, for good */
};

enum order_verdict {
	ORDER_LATER = 0,
	ORDER_NOW = 1,
	ORDER_NEVER = 2 /* what it requires is lost */
};

/* How the units are: for each one its standing, and 1 if it has been up, or done, once. */
struct order_view {
	const uint8_t *standings, *reached;
	size_t units;
};

/* Every edge names units of the view. */
enum order_verdict order_may_start(
	const struct order_edge *edges, size_t count, const struct order_view *view, uint32_t unit);

/* Whether an edge of this kind never lets `after` start, as `before` stands. */
bool order_loses(uint32_t kind, uint8_t standing, uint8_t reached);

/* Whether something that the unit is bound to is not up: a unit that runs must stop then. */
bool order_must_stop(
	const struct order_edge *edges, size_t count, const struct order_view *view, uint32_t unit);

/* busy: 1 for each unit that has a process. A unit may stop when nothing that comes after it has
 * one any more. */
bool order_may_stop(const struct order_edge *edges, size_t count, const uint8_t *busy, size_t units,
	uint32_t unit);

/* Sets ring[unit] to 1 for every unit that waits for itself in a circle of edges, or that stands
 * between two circles, and to 0 for all others. Returns how many there are. */
size_t order_find_rings(const struct order_edge *edges, size_t count, uint8_t *ring, size_t units);

#endif
