/* protocol: the numbers of init's control protocol (spec/control.md). Frames are those of
 * slc_frame, payloads are fields of slc_field: the same machines, other numbers. */
#ifndef CLOISTER_RUNTIME_CONTROL_PROTOCOL_H
#define CLOISTER_RUNTIME_CONTROL_PROTOCOL_H

#define CONTROL_VERSION     1u
#define CONTROL_SOCKET      "/run/cloister/init.sock"
#define CONTROL_PORT        9003u /* vsock, to observe: spec/ports.md */
#define CONTROL_PAYLOAD_MAX 4096u /* bytes of a frame's payload */
#define CONTROL_TEXT_MAX    1024u /* bytes of a text, with a NUL */

/* Types of frames; the channel is the request's number, 0 of HELLO. */
enum control_frame {
	CONTROL_HELLO = 1,
	CONTROL_REQUEST = 6,
	CONTROL_ROW = 7,   /* fields that belong together: one unit, one event */
	CONTROL_BYTES = 8, /* of a log, as they are */
	CONTROL_END = 9    /* the last one of a request: how it went */
};

enum control_verb {
	CONTROL_PING = 1,
	CONTROL_LIST = 2,
	CONTROL_STATUS = 3,
	CONTROL_SYSTEM = 4,
	CONTROL_GRAPH = 5,
	CONTROL_EVENTS = 6,
	CONTROL_OBSERVING_LAST =
		6, /* these change nothing, and say nothing that units have written */
	CONTROL_LOGS = 7,
	CONTROL_LOGS_CLEAR = 8,
	CONTROL_START = 9,
	CONTROL_STOP = 10,
	CONTROL_RESTART = 11,
	CONTROL_RESET_FAILED = 12,
	CONTROL_REBOOT = 13,
	CONTROL_SHUTDOWN = 14,
	CONTROL_RELOAD = 15,
	CONTROL_ENABLE = 16,
	CONTROL_DISABLE = 17,
	CONTROL_VERB_LAST = 17
};

enum control_tag {
	CONTROL_OF_VERSION = 1, /* HELLO, both ways */
	CONTROL_OF_ACCESS = 2,  /* HELLO of init: 1 may change, 0 observes */

	CONTROL_OF_VERB = 3, /* REQUEST, from here on */
	CONTROL_OF_UNIT = 4,
	CONTROL_OF_LINES = 5,  /* of a log's end */
	CONTROL_OF_FOLLOW = 6, /* 1: go on for as long as the connection is there */

	CONTROL_OF_CODE = 7, /* END: 0, or a code of spec/exit.md */
	CONTROL_OF_REASON = 8,
	CONTROL_OF_TEXT = 9,

	CONTROL_OF_NAME = 16, /* ROW, from here on */
	CONTROL_OF_STATE = 17,
	CONTROL_OF_STANDING = 18,
	CONTROL_OF_PID = 19,
	CONTROL_OF_EXIT = 20,
	CONTROL_OF_STARTS = 21,
	CONTROL_OF_SECONDS = 22,
	CONTROL_OF_WHY = 23,
	CONTROL_OF_BLOCKER = 24, /* may come more than once */
	CONTROL_OF_ENABLED = 25,
	CONTROL_OF_WRITTEN = 26,
	CONTROL_OF_KEPT = 27,
	CONTROL_OF_UNSHOWN = 28,
	CONTROL_OF_BEFORE = 29,
	CONTROL_OF_AFTER = 30,
	CONTROL_OF_REQUIRED = 31,
	CONTROL_OF_TIME = 32, /* nanoseconds since 1970, UTC */
	CONTROL_OF_NUMBER = 33,
	CONTROL_OF_FROM = 34,
	CONTROL_OF_TO = 35,
	CONTROL_OF_HEALTH = 36,
	CONTROL_OF_UP = 37,
	CONTROL_OF_WAITING = 38,
	CONTROL_OF_DONE = 39,
	CONTROL_OF_LOST = 40,
	CONTROL_OF_BOOT = 41,
	CONTROL_OF_RELEASE = 42,
	CONTROL_OF_CLIENTS = 43,
	CONTROL_OF_RESTART = 44,
	CONTROL_OF_MISSED = 45,

	CONTROL_OF_SAID = 64, /* STATUS of sd_notify(3), where the unit has said it */
	CONTROL_OF_TYPE = 65,
	CONTROL_OF_KIND = 66, /* of a relation: the key that made it */

	CONTROL_OF_NOW = 80,     /* REQUEST of enable and disable: 1: start it, or stop it, too */
	CONTROL_OF_CHANGE = 81,  /* added, changed, removed, unchanged */
	CONTROL_OF_FAULT = 82,   /* why a unit of a new set can't be used */
	CONTROL_OF_PENDING = 83, /* 1: its process runs by its old definition */

	CONTROL_OF_LOG_FILE = 96, /* the path of a unit's newest log file */
	CONTROL_OF_LOG_LIMIT = 97,
	CONTROL_OF_LOG_FILES = 98,
	CONTROL_OF_LOG_DROPPED = 99, /* bytes that could not be written there */
	CONTROL_OF_LOG_AT = 100, /* of a request for a log, and in a sealed one: a byte's number */
	CONTROL_OF_LOG_SEAL = 101,  /* the file of the key that it may be sealed to */
	CONTROL_OF_LOG_BYTES = 102, /* in a sealed log: what was written, and that it ends */
	CONTROL_OF_LOG_END = 103,

	CONTROL_OF_ROW_LAST = 127
};

#endif
