/* cbor: reads foreign CBOR (RFC 8949) from a buffer, item by item, within limits.
 *
 * Nothing is allocated and nothing is copied: strings are pointers into the buffer, which must
 * outlive them. Heads are decoded by the machine cbor_head (spec/cbor_head.md), so every value has
 * one accepted encoding, the shortest; chunked strings are refused; texts must be UTF-8. Each limit
 * is checked as soon as a head is read, before anything behind it is looked at, so a caller may
 * size memory by a count that it was given.
 *
 * The order of use: cbor_start, then cbor_next for each item, and cbor_end. An array or a map is
 * entered when it is read, and its end is an item too, CBOR_LEAVE. A tag comes as an item of its
 * own, in front of the one that it is about. There is one item at the top.
 *
 * Words of faults: cut (the bytes end too early), form (they are no CBOR), minimal (a longer
 * encoding than needed), indefinite (a length is left open where that is not allowed), utf8, limit,
 * trailing (bytes behind the item), type, range, duplicate. After a fault the reader is of no use.
 */
#ifndef CLOISTER_RUNTIME_CRYPTO_CBOR_H
#define CLOISTER_RUNTIME_CRYPTO_CBOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/crypto/cbor_place.h"
#include "runtime/kernel/fault.h"

enum cbor_kind {
	CBOR_UNSIGNED, /* argument is the value */
	CBOR_NEGATIVE, /* the value is -1 - argument */
	CBOR_BYTES,
	CBOR_TEXT,
	CBOR_ARRAY,  /* argument counts items, unless it is open */
	CBOR_MAP,    /* argument counts pairs, unless it is open */
	CBOR_TAG,    /* argument is its number */
	CBOR_SIMPLE, /* argument is 20 false, 21 true, 22 null, 23 undefined, or another one */
	CBOR_REAL,   /* argument has the bits, width says of what */
	CBOR_LEAVE,  /* the end of the innermost array or map */
	CBOR_END     /* all has been read */
};

struct cbor_item {
	enum cbor_kind kind;
	uint64_t argument;
	const uint8_t *bytes; /* of a string; not null for an empty one */
	size_t size;
	uint32_t width; /* bytes of a real: 2, 4 or 8 */
	bool open;      /* an array or a map whose length was left open; argument is then 0 */
	size_t at;      /* where its head begins, for faults */
};

/* Callers look at none of it. */
struct cbor_reader {
	const uint8_t *bytes;
	struct cbor_place place;
	bool broken; /* a fault was found */
};

void cbor_start(struct cbor_reader *reader, const void *bytes, size_t size,
	const struct cbor_limits *limits);

int cbor_next(struct cbor_reader *reader, struct cbor_item *item, struct fault *fault);

/* cbor_next, and "type" unless the item is of this kind. */
int cbor_expect(struct cbor_reader *reader, enum cbor_kind kind, struct cbor_item *item,
	struct fault *fault);

/* Reads on behind `item`, the last one that was read: past the members of an array or a map, past
 * what a tag is about. */
int cbor_skip(struct cbor_reader *reader, const struct cbor_item *item, struct fault *fault);

/* Fails unless the item at the top has been read to its end, and no bytes follow. */
int cbor_end(struct cbor_reader *reader, struct fault *fault);

/* The value of an integer; "type" where it is none, "range" where it does not fit. */
int cbor_integer(const struct cbor_item *item, int64_t *value, struct fault *fault);

/* Which of names[0..count), 32 at most, a text is: *which is its index, or count for another text.
 * *seen, 0 before the first key of a map, holds those that were seen; a second time is "duplicate".
 * Whether other texts may be there at all is for the caller to say. */
int cbor_key(const struct cbor_item *item, const char *const *names, uint32_t count, uint32_t *seen,
	uint32_t *which, struct fault *fault);

#endif
