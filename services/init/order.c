/* order: see order.h. */
#include "services/init/order.h"

bool order_loses(uint32_t kind, uint8_t standing, uint8_t reached)
{
	switch (kind) {
	case ORDER_REQUIRES:
		return standing == ORDER_LOST;
	case ORDER_MILESTONE:
		return standing == ORDER_LOST && reached == 0u;
	case ORDER_BINDS:
		return standing == ORDER_LOST || standing == ORDER_DONE;
	default:
		return false;
	}
}

/* Who has reached a milestone is not waited for again. */
static bool waits(uint32_t kind, uint8_t standing, uint8_t reached)
{
	return standing == ORDER_WAITING && !(kind == ORDER_MILESTONE && reached != 0u);
}

enum order_verdict order_may_start(
	const struct order_edge *edges, size_t count, const struct order_view *view, uint32_t unit)
{
	enum order_verdict verdict = ORDER_NOW;

	/*@ loop invariant 0 <= i <= count;
	    loop invariant verdict == ORDER_NOW || verdict == ORDER_LATER;
	    loop invariant verdict == ORDER_LATER <==>
	      some_waits(edges, i, view->standings, view->reached, unit);
	    loop invariant !some_lost(edges, i, view->standings, view->reached, unit);
	    loop assigns i, verdict;
	    loop variant count - i; */
	for (size_t i = 0; i < count; i++) {
		uint8_t standing, reached;

		if (edges[i].after != unit)
			continue;
		standing = view->standings[edges[i].before];
		reached = view->reached[edges[i].before];
		if (order_loses(edges[i].kind, standing, reached))
			return ORDER_NEVER;
		if (waits(edges[i].kind, standing, reached))
			verdict = ORDER_LATER;
	}
	return verdict;
}

bool order_must_stop(
	const struct order_edge *edges, size_t count, const struct order_view *view, uint32_t unit)
{
	/*@ loop invariant 0 <= i <= count;
	    loop invariant \forall integer k; 0 <= k < i && edges[k].after == unit &&
	      edges[k].kind == ORDER_BINDS ==> view->standings[edges[k].before] == ORDER_UP;
	    loop assigns i;
	    loop variant count - i; */
	for (size_t i = 0; i < count; i++)
		if (edges[i].after == unit && edges[i].kind == ORDER_BINDS &&
			view->standings[edges[i].before] != ORDER_UP)
			return true;
	return false;
}

bool order_may_stop(const struct order_edge *edges, size_t count, const uint8_t *busy, size_t units,
	uint32_t unit)
{
	(void)units;
	/*@ loop invariant 0 <= i <= count;
	    loop invariant \forall integer k; 0 <= k < i && edges[k].before == unit ==>
	      busy[edges[k].after] == 0;
	    loop assigns i;
	    loop variant count - i; */
	for (size_t i = 0; i < count; i++)
		if (edges[i].before == unit && busy[edges[i].after] != 0)
			return false;
	return true;
}
