/* The alphabet of boot: plain decimal values without a gap, so that Ragel can import them. */
#ifndef CLOISTER_FSM_BOOT_EVENT_H
#define CLOISTER_FSM_BOOT_EVENT_H

enum boot_event {
	BOOT_BEGIN = 1,
	BOOT_DONE = 2,
	BOOT_ABSENT = 3,
	BOOT_FAILED = 4,
	BOOT_TIMEOUT = 5,
	BOOT_STOP = 6
};

#endif
