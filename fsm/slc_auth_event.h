/* The alphabet of slc_auth: decimal values without a gap, as Ragel wants them. */
#ifndef CLOISTER_FSM_SLC_AUTH_EVENT_H
#define CLOISTER_FSM_SLC_AUTH_EVENT_H

enum slc_auth_event {
	SLC_AUTH_START = 1,
	SLC_AUTH_NONCE = 2,
	SLC_AUTH_DOCUMENT = 3,
	SLC_AUTH_KEY = 4,
	SLC_AUTH_NO_KEY = 5,
	SLC_AUTH_ACCEPTED = 6,
	SLC_AUTH_MALFORMED = 7,
	SLC_AUTH_MADE = 8,
	SLC_AUTH_GOOD = 9,
	SLC_AUTH_BAD = 10
};

#endif
