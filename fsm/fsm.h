/* fsm: what every machine tells about itself: its name and the names of its states, symbols and
 * effects. gen/NAME.c holds one such record per machine; the trace hook and the tests read it. */
#ifndef CLOISTER_FSM_FSM_H
#define CLOISTER_FSM_FSM_H

#include <stdint.h>

struct fsm_kind {
	const char *name;
	const char *const *states; /* [0..state_count); a number that is no state is "none" */
	uint32_t state_count;
	const char *const
		*events; /* [0..event_count); events[0] is no event; null in byte machines */
	uint32_t event_count;
	const char *const *effects; /* effects[i] is the bit 1 << i; null in byte machines */
	uint32_t effect_count;
};

#endif
