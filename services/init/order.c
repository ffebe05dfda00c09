/* order: see order.h. */
#include "services/init/order.h"

enum order_verdict order_may_start(const struct order_edge *edges, size_t count,
	const uint8_t *standings, size_t units, uint32_t unit)
{
	enum order_verdict verdict = ORDER_NOW;

	(void)units;
	/*@ loop invariant 0 <= i <= count;
	    loop invariant verdict == ORDER_NOW || verdict == ORDER_LATER;
	    loop invariant verdict == ORDER_LATER <==> some_waits(edges, i, standings, unit);
	    loop invariant !some_lost(edges, i, standings, unit);
	    loop assigns i, verdict;
	    loop variant count - i; */
	for (size_t i = 0; i < count; i++) {
		if (edges[i].after != unit)
			continue;
		if (edges[i].required != 0u && standings[edges[i].before] == ORDER_LOST)
			return ORDER_NEVER;
		if (standings[edges[i].before] == ORDER_WAITING)
			verdict = ORDER_LATER;
	}
	return verdict;
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
