/* protocol: the numbers of the secure local channel. Their tables and meanings: spec/slc.md;
 * reasons are in fsm/slc_reason.h. */
#ifndef CLOISTER_RUNTIME_CHANNEL_PROTOCOL_H
#define CLOISTER_RUNTIME_CHANNEL_PROTOCOL_H

enum slc_frame_type {
	SLC_FRAME_HELLO = 1,
	SLC_FRAME_AUTH = 2,
	SLC_FRAME_PING = 3,
	SLC_FRAME_PONG = 4,
	SLC_FRAME_GOODBYE = 5,
	SLC_FRAME_OPEN = 6,
	SLC_FRAME_ACCEPT = 7,
	SLC_FRAME_REFUSE = 8,
	SLC_FRAME_DATA = 9,
	SLC_FRAME_END = 10,
	SLC_FRAME_CREDIT = 11,
	SLC_FRAME_MESSAGE = 12,
	SLC_FRAME_STATUS = 13,
	SLC_FRAME_RESET = 14
};

#define SLC_FEATURE_NONE 1u /* bit of HELLO: wants no proof and has none */

#define SLC_TEXT_MAX    512u /* bytes of a text in GOODBYE, REFUSE, RESET and field 114 */
#define SLC_MESSAGE_MAX 64u  /* bytes of the payload of a MESSAGE */
#define SLC_NUMBERS_MAX 15u  /* numbers of a MESSAGE behind its kind */

/* Steps of AUTH. */
enum slc_auth_frame {
	SLC_AUTH_FRAME_NONCE = 1,
	SLC_AUTH_FRAME_DOCUMENT = 2,
	SLC_AUTH_FRAME_KEY = 3,
	SLC_AUTH_FRAME_ACCEPTED = 4
};

#define SLC_AUTH_NONCE_SIZE   32u    /* bytes */
#define SLC_AUTH_DOCUMENT_MAX 16384u /* bytes */
#define SLC_AUTH_KEY_MAX      1024u  /* bytes of a key, and of a signature */

/* Streams: the opener of a channel sends the first, the accepter the other two. */
enum slc_stream { SLC_INPUT = 0, SLC_OUTPUT = 1, SLC_ERROR = 2 };

/* Types of channels. */
enum slc_type {
	SLC_EXEC = 1,
	SLC_PUT = 2,
	SLC_GET = 3,
	SLC_ATTEST = 4,
	SLC_FORWARD = 5,
	SLC_CONTROL = 6,
	SLC_AUDIT = 7,
	SLC_LISTEN = 8
};

/* Kinds of MESSAGE. */
enum slc_kind { SLC_SIGNAL = 1, SLC_WINDOW = 2 };

/* Bits of the options of copies. */
enum slc_copy_option {
	SLC_COPY_INTO = 1,       /* the path is a folder to put members in */
	SLC_COPY_KEEPS = 2,      /* put: what breaks off is kept, and told */
	SLC_COPY_COMPARES = 4,   /* put: files that are there are told by their digests */
	SLC_COPY_ASKS = 8,       /* get: ask what is there */
	SLC_COPY_ATTRIBUTES = 16 /* members have their extended attributes with them */
};

/* Tags of fields. A reader refuses one that it does not know, unless it may be skipped. */
enum slc_tag {
	SLC_ARGUMENT = 17,
	SLC_ENVIRONMENT = 18,
	SLC_DIRECTORY = 19,
	SLC_USER = 20,
	SLC_TERMINAL = 21,
	SLC_TIME = 22,
	SLC_WINDOW_SIZE = 23,
	SLC_LOGIN = 24,
	SLC_DETACHED = 25,
	SLC_OUTPUT_LIMIT = 26,
	SLC_PATH = 33,
	SLC_OPTIONS = 34,
	SLC_PLAIN = 35,
	SLC_EXCLUDE = 36,
	SLC_SHARE = 37,
	SLC_COPY_NAME = 64,
	SLC_COPY_KIND = 65,
	SLC_COPY_MODE = 66,
	SLC_COPY_TIME = 67,
	SLC_COPY_SIZE = 68,
	SLC_COPY_LINK = 69,
	SLC_COPY_BEGIN = 70,
	SLC_COPY_BYTES = 71,
	SLC_COPY_DIGEST = 72,
	SLC_COPY_ASK = 73,
	SLC_COPY_TELL = 74,
	SLC_COPY_HAS_NOTHING = 75,
	SLC_COPY_HAS_SAME = 76,
	SLC_COPY_HAS_DIGEST = 77,
	SLC_COPY_HAS_PART = 78,
	SLC_COPY_STAYS = 79,
	SLC_COPY_FROM = 80,
	SLC_COPY_HOLE = 81,
	SLC_COPY_ATTRIBUTE = 82,
	SLC_MEMBERS = 97,
	SLC_BYTES = 98,
	SLC_REASON = 113,
	SLC_TEXT = 114,
	SLC_NONCE = 129,
	SLC_USER_DATA = 130,
	SLC_PUBLIC_KEY = 131,
	SLC_TARGET = 145,
	SLC_PLACE = 146,
	SLC_PORT = 147,
	SLC_LISTENER = 148,
	SLC_VERB = 161,
	SLC_JOB = 162,
	SLC_JOB_SIGNAL = 163,
	SLC_JOB_OPTIONS = 164,
	SLC_JOB_RUNS = 165,
	SLC_JOB_STATUS = 166,
	SLC_JOB_BEGAN = 167,
	SLC_JOB_ENDED = 168,
	SLC_JOB_KEY = 169,
	SLC_JOB_COMMAND = 170,
	SLC_JOB_SAID = 171,
	SLC_JOB_DROPPED = 172,
	SLC_RECORD = 177,
	SLC_RECORD_NUMBER = 178,
	SLC_RECORD_TIME = 179,
	SLC_RECORD_KIND = 180,
	SLC_RECORD_SESSION = 181,
	SLC_RECORD_WHAT = 182,
	SLC_RECORD_PEER = 183,
	SLC_RECORD_DIGEST = 184,
	SLC_RECORDS_BASE = 185,
	SLC_RECORDS_MARK = 186,
	SLC_AUTH_NONCE_FIELD = 193,
	SLC_AUTH_DOCUMENT_FIELD = 194,
	SLC_AUTH_KEY_FIELD = 195,
	SLC_AUTH_SIGNATURE_FIELD = 196,
	SLC_TAG_SKIPPED = 32768 /* from here on, unknown tags may be skipped */
};

#endif
