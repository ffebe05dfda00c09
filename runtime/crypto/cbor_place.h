/* cbor_place: where a reader of CBOR stands: the offset, the arrays and maps that it is inside of,
 * and what each item that it meets does to that. Pure decisions without the bytes themselves, so
 * that they can be proved: verify/cbor_place.acsl says that no item leads out of the bytes or the
 * limits, and exactly which are refused. cbor.h reads with it.
 */
#ifndef CLOISTER_RUNTIME_CRYPTO_CBOR_PLACE_H
#define CLOISTER_RUNTIME_CRYPTO_CBOR_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CBOR_DEPTH_MAX 32u /* arrays and maps inside each other */

struct cbor_limits {
	uint32_t depth;  /* arrays and maps inside each other, CBOR_DEPTH_MAX at most */
	uint32_t count;  /* items of an array, pairs of a map */
	uint32_t length; /* bytes of a string */
	bool indefinite; /* arrays and maps may leave their length open: NSM hardware does so */
};

struct cbor_level {
	uint64_t left; /* items to come; of an open one, that may still come */
	bool open;
	bool map;
};

struct cbor_place {
	size_t size, at; /* bytes that there are, and that were read */
	struct cbor_limits limits;
	uint32_t depth;
	bool tagged; /* a tag waits for its item */
	bool begun;  /* the item at the top was read */
	struct cbor_level levels[CBOR_DEPTH_MAX];
};

/* What is to be done next. */
enum cbor_next {
	CBOR_NEXT_READ,     /* a head */
	CBOR_NEXT_LEAVE,    /* the innermost array or map, which is over */
	CBOR_NEXT_END,      /* nothing: all has been read */
	CBOR_NEXT_TRAILING, /* bytes follow the item at the top */
};

enum cbor_ruling {
	CBOR_RULING_OK,
	CBOR_RULING_TOO_MANY,    /* items, or pairs */
	CBOR_RULING_TOO_DEEP,    /* arrays and maps */
	CBOR_RULING_TOO_LONG,    /* a string, for the limit */
	CBOR_RULING_CUT_ITEMS,   /* the bytes can't hold as many items */
	CBOR_RULING_CUT_STRING,  /* nor as long a string */
	CBOR_RULING_NO_END_HERE, /* nothing can end here */
};

void cbor_place_begin(struct cbor_place *place, size_t size, const struct cbor_limits *limits);

enum cbor_next cbor_place_next(const struct cbor_place *place);

/* A head of so many bytes was read; there are as many. */
void cbor_place_head(struct cbor_place *place, size_t bytes);

/* An item takes its place in what it is in. A tag does not: the item behind it does. After a
 * refusal the place is of no use. */
enum cbor_ruling cbor_place_item(struct cbor_place *place, bool is_tag);

/* An array or a map of so many items or pairs is entered; `open`: their number is not known. */
enum cbor_ruling cbor_place_enter(struct cbor_place *place, uint64_t count, bool open, bool map);

/* The bytes of a string are passed. */
enum cbor_ruling cbor_place_string(struct cbor_place *place, uint64_t length);

/* The innermost array or map is over: there is one. */
void cbor_place_leave(struct cbor_place *place);

/* A break was read: it ends an open array, or an open map that has no key without its value. */
enum cbor_ruling cbor_place_stop(struct cbor_place *place);

#endif
