/* record: the records of an enclave's log, and the chain that they make (spec/audit.md). A record
 * is a row of fields; the head behind it is SHA-384 over the head before it and these bytes. */
#ifndef CLOISTER_RUNTIME_CHANNEL_RECORD_H
#define CLOISTER_RUNTIME_CHANNEL_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/kernel/fault.h"

#define RECORD_HEAD_SIZE  48u  /* bytes; the first head is zeros */
#define RECORD_TEXT_MAX   255u /* bytes of a text; what is longer is cut */
#define RECORD_MAX        640u /* bytes of a record */
#define RECORD_HEAD_FIELD 56u  /* bytes of a number and the head at it: fields 185 and 186 */
#define RECORD_SESSION    0u   /* kind; the others are types of channels, */
#define RECORD_START      255u /* and the start of a service that may go on with a log */

struct record {
	uint64_t number; /* from 1 on */
	uint64_t time;   /* milliseconds since 1970, of the enclave's clock */
	uint32_t kind;
	uint32_t session;                 /* its number */
	char what[RECORD_TEXT_MAX + 1u];  /* a key's name, a program, a path, how a log begins */
	char peer[RECORD_TEXT_MAX + 1u];  /* of a session: who connected */
	uint8_t digest[RECORD_HEAD_SIZE]; /* of requests: SHA-384 of their fields */
};

/* The value of a field that says which head the log has at a number. Returns its size. */
size_t record_head(
	uint8_t bytes[RECORD_HEAD_FIELD], uint64_t number, const uint8_t head[RECORD_HEAD_SIZE]);

/* Returns its size. */
size_t record_write(const struct record *record, uint8_t bytes[RECORD_MAX]);

/* -1: these bytes are no record; they must be the ones that record_write makes of it. */
int record_read(struct record *record, const uint8_t *bytes, size_t size);

/* Takes a text that may be too long. */
void record_text(char text[RECORD_TEXT_MAX + 1u], const char *from);

/* The head behind a record. Fault: "crypto". */
int record_chain(
	uint8_t head[RECORD_HEAD_SIZE], const uint8_t *bytes, size_t size, struct fault *fault);

/* --- A log that comes in ---------------------------------------------------------------------- */

/* What the stream of channel type 7 says, read as it comes: where the log begins and which record
 * was marked, then the records, each linked to the one before. */
struct record_log {
	/* Set by the owner: the document's number, whose head is kept in `at`; told of each
	 * record, or null. */
	uint64_t wanted;
	void (*each)(void *user, const struct record *record);
	void *user;

	uint64_t dropped; /* records that are gone */
	uint64_t count;   /* the newest one's number */
	uint8_t head[RECORD_HEAD_SIZE];
	bool has_mark, is_marked_right; /* the chain's head at the mark's number, if it is here */
	uint64_t marked;
	uint8_t mark[RECORD_HEAD_SIZE];
	bool is_reached; /* the head at `wanted` was seen: */
	uint8_t at[RECORD_HEAD_SIZE];
	bool is_broken, has_base;
};

struct field;
void record_log_begin(struct record_log *log, uint64_t wanted);
/* Takes the next field of the stream. */
void record_log_take(struct record_log *log, const struct field *field);

#endif
