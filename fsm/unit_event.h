/* The alphabet of unit: plain decimal values without a gap, so that Ragel can import them. */
#ifndef CLOISTER_FSM_UNIT_EVENT_H
#define CLOISTER_FSM_UNIT_EVENT_H

enum unit_event {
	UNIT_START = 1,
	UNIT_STOP = 2,
	UNIT_SPAWNED = 3,
	UNIT_NO_PROCESS = 4,
	UNIT_EXITED = 5,
	UNIT_TIMEOUT = 6,
	UNIT_RESET = 7
};

#endif
