/* order_rings: units that wait for themselves. See order.h. */
#include "services/init/order.h"

/* Whether one that is still marked stands before `unit` (or after it). */
static bool has_neighbour(const struct order_edge *edges, size_t count, const uint8_t *marked,
	uint32_t unit, bool before)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t own = before ? edges[i].after : edges[i].before;
		uint32_t other = before ? edges[i].before : edges[i].after;

		if (own == unit && marked[other] != 0)
			return true;
	}
	return false;
}

/* Whoever has nobody before, or nobody after, is in no circle: such units are taken away until
 * none is left that could be. */
size_t order_find_rings(const struct order_edge *edges, size_t count, uint8_t *ring, size_t units)
{
	size_t left = units, before;

	for (size_t i = 0; i < units; i++)
		ring[i] = 1;
	do {
		before = left;
		for (uint32_t i = 0; i < units; i++) {
			if (ring[i] == 0 || (has_neighbour(edges, count, ring, i, true) &&
						    has_neighbour(edges, count, ring, i, false)))
				continue;
			ring[i] = 0;
			left--;
		}
	} while (left < before);
	return left;
}
