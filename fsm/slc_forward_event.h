/* The alphabet of slc_forward: decimal values without a gap, as Ragel wants them. */
#ifndef CLOISTER_FSM_SLC_FORWARD_EVENT_H
#define CLOISTER_FSM_SLC_FORWARD_EVENT_H

enum slc_forward_event {
	SLC_FORWARD_READY = 1,
	SLC_FORWARD_HERE_ENDED = 2,
	SLC_FORWARD_HERE_FAILED = 3,
	SLC_FORWARD_THERE_ENDED = 4,
	SLC_FORWARD_WRITTEN = 5,
	SLC_FORWARD_DONE = 6,
	SLC_FORWARD_LOST = 7,
	SLC_FORWARD_STOP = 8
};

#endif
