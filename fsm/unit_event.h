/* The alphabet of unit: plain decimal values without a gap, so that Ragel can import them. */
#ifndef CLOISTER_FSM_UNIT_EVENT_H
#define CLOISTER_FSM_UNIT_EVENT_H

enum unit_event {
	UNIT_START = 1,
	UNIT_STOP = 2,
	UNIT_RESTART = 3,
	UNIT_CLEAR = 4,
	UNIT_DENY = 5,
	UNIT_READY = 6,
	UNIT_ASKED = 7,
	UNIT_EXITED = 8,
	UNIT_FAIL = 9,
	UNIT_TIMEOUT = 10,
	UNIT_RESET = 11,
	UNIT_DISABLE = 12,
	UNIT_ENABLE = 13
};

#endif
