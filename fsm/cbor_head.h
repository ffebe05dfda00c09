/* cbor_head: decoder of one CBOR head (RFC 8949, section 3) over foreign bytes.
 * Page: spec/cbor_head.md. */
#ifndef CLOISTER_FSM_CBOR_HEAD_H
#define CLOISTER_FSM_CBOR_HEAD_H

#include <stddef.h>
#include <stdint.h>

#define CBOR_HEAD_SIZE_MAX 9u /* bytes of the longest head */

/* The major types of RFC 8949, section 3.1. */
enum cbor_head_major {
	CBOR_HEAD_UNSIGNED = 0, /* the argument is the value */
	CBOR_HEAD_NEGATIVE = 1, /* the value is -1 - argument */
	CBOR_HEAD_BYTES = 2,    /* the argument counts bytes */
	CBOR_HEAD_TEXT = 3,     /* the argument counts bytes of UTF-8 */
	CBOR_HEAD_ARRAY = 4,    /* the argument counts items */
	CBOR_HEAD_MAP = 5,      /* the argument counts pairs of items */
	CBOR_HEAD_TAG = 6,      /* the argument is the tag's number; one item follows */
	CBOR_HEAD_SIMPLE = 7    /* the argument is a simple value, or a float's bits (end `real`) */
};

struct cbor_head {
	int cs;
	uint32_t major;    /* 0..7, enum cbor_head_major */
	uint64_t argument; /* bounded by its width alone: a caller limits it before it is used */
	uint32_t width;    /* bytes of argument behind the first byte: 0, 1, 2, 4 or 8 */
	uint32_t left;     /* bytes of argument still to come */
	uint32_t shorter;  /* the largest argument that a shorter head would hold */
	uint32_t
		indefinite; /* 1: arrays and maps may leave their length open, and end in a break */
};

/* indefinite: 0 or 1. */
void cbor_head_init(struct cbor_head *m, uint32_t indefinite);

/* One byte. A machine that has ended (cbor_head_ended) stays as it is. */
void cbor_head_step(struct cbor_head *m, uint8_t c);

/* Steps over bytes[0..n) until they are used up or the machine has ended. Returns bytes used. */
size_t cbor_head_feed(struct cbor_head *m, const uint8_t *bytes, size_t n);

#endif
