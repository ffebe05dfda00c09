/* slc_reason: why a session or a channel ended, as GOODBYE, REFUSE and RESET carry it (32 bits,
 * big-endian). The table with the words, the meanings and the exit codes is in spec/slc.md. */
#ifndef CLOISTER_FSM_SLC_REASON_H
#define CLOISTER_FSM_SLC_REASON_H

enum slc_reason {
	SLC_REASON_NONE = 0,       /* an orderly end */
	SLC_REASON_VERSION = 1,    /* the ends speak different versions */
	SLC_REASON_PROTOCOL = 2,   /* a frame that the protocol does not allow here */
	SLC_REASON_FLOW = 3,       /* more bytes than were granted, or a grant that overflows */
	SLC_REASON_TIMEOUT = 4,    /* a deadline passed */
	SLC_REASON_LOST = 5,       /* the transport ended without a word */
	SLC_REASON_CLOSING = 6,    /* the end is shutting down */
	SLC_REASON_LIMIT = 7,      /* too many of something: channels, jobs, bytes */
	SLC_REASON_UNKNOWN = 8,    /* this end knows no such type of channel, field or message */
	SLC_REASON_REQUEST = 9,    /* the request can't be read, or contradicts itself */
	SLC_REASON_DENIED = 10,    /* the policy or the file system does not permit it */
	SLC_REASON_NOT_FOUND = 11, /* no such file, program or target */
	SLC_REASON_NOT_EXECUTABLE = 12, /* the program is there and can't be run */
	SLC_REASON_PATH = 13,           /* the path leaves its root, or goes through a link */
	SLC_REASON_SPACE = 14,          /* the disk, or the memory, is full */
	SLC_REASON_IO = 15,             /* reading or writing failed otherwise */
	SLC_REASON_DIGEST = 16,         /* the bytes that arrived are not those that were sent */
	SLC_REASON_CANCELLED = 17,      /* whoever wanted it gave it up */
	SLC_REASON_UNREACHABLE = 18,    /* the target of a forward can't be reached */
	SLC_REASON_INTERNAL = 19,       /* a fault of our own */
	SLC_REASON_AUTH_REQUIRED = 32,  /* this end wants a proof, and the peer offers none */
	SLC_REASON_AUTH = 33,           /* the peer's proof is wrong */
	SLC_REASON_NO_DOCUMENT = 34,    /* the enclave has no document to show */
	SLC_REASON_DOCUMENT = 35,       /* the client does not accept the enclave's document */
	SLC_REASON_BINDING = 36         /* the document is not of this session; 37..59 are kept */
};

#endif
