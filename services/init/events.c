/* events: those of one machine, in their order. See init.h. */
#include "services/init/init.h"

bool events_add(struct events *events, unsigned event, uint32_t n)
{
	bool was_served = events->is_served;

	/* Each effect answers once, so the room is not used up. */
	if (events->count < EVENTS_MAX) {
		unsigned at = (events->first + events->count++) % EVENTS_MAX;

		events->list[at].event = event;
		events->list[at].n = n;
	}
	events->is_served = true;
	return !was_served;
}

bool events_next(struct events *events, unsigned *event, uint32_t *n)
{
	if (events->count == 0) {
		events->is_served = false;
		return false;
	}
	*event = events->list[events->first].event;
	*n = events->list[events->first].n;
	events->first = (events->first + 1u) % EVENTS_MAX;
	events->count--;
	return true;
}
