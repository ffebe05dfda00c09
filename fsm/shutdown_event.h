/* The alphabet of shutdown: plain decimal values without a gap, so that Ragel can import them. */
#ifndef CLOISTER_FSM_SHUTDOWN_EVENT_H
#define CLOISTER_FSM_SHUTDOWN_EVENT_H

enum shutdown_event {
	SHUTDOWN_REQUEST = 1,
	SHUTDOWN_ALL_STOPPED = 2,
	SHUTDOWN_ALL_GONE = 3,
	SHUTDOWN_SYNCED = 4,
	SHUTDOWN_UNMOUNTED = 5,
	SHUTDOWN_SAID = 6,
	SHUTDOWN_TIMEOUT = 7
};

#endif
