/* The alphabet of pcr_life: plain decimal values without a gap, so that Ragel can import them. */
#ifndef CLOISTER_FSM_PCR_LIFE_EVENT_H
#define CLOISTER_FSM_PCR_LIFE_EVENT_H

enum pcr_life_event {
	PCR_LIFE_EXTEND = 1,
	PCR_LIFE_LOCK = 2,
	PCR_LIFE_LOCK_RANGE = 3,
	PCR_LIFE_LIST = 4
};

#endif
