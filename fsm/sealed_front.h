/* sealed_front: decoder of what stands in front of the parts of a sealed log: its document, its
 * records. Page: spec/sealed_front.md. */
#ifndef CLOISTER_FSM_SEALED_FRONT_H
#define CLOISTER_FSM_SEALED_FRONT_H

#include <stddef.h>
#include <stdint.h>

#define SEALED_FRONT_HEAD         0u /* "CLSEAL1\n", a share, the size of the document */
#define SEALED_FRONT_RECORD       1u /* the size of a record */
#define SEALED_FRONT_SHARE        32u
#define SEALED_FRONT_DOCUMENT_MAX 16384u
#define SEALED_FRONT_RECORD_MIN   16u /* what seals it */
#define SEALED_FRONT_RECORD_MAX   4112u

#define SEALED_FRONT_MAGIC_SIZE  8u /* bytes */
#define SEALED_FRONT_NUMBER_SIZE 4u
#define SEALED_FRONT_HEAD_SIZE                                                                     \
	(SEALED_FRONT_MAGIC_SIZE + SEALED_FRONT_SHARE + SEALED_FRONT_NUMBER_SIZE)

struct sealed_front {
	int cs;
	uint32_t part; /* SEALED_FRONT_HEAD or SEALED_FRONT_RECORD: the one that is expected */
	uint32_t left; /* bytes of the share that are still to come */
	uint32_t size; /* bytes of document or record that follow */
};

/* part: SEALED_FRONT_HEAD or SEALED_FRONT_RECORD. */
void sealed_front_init(struct sealed_front *m, uint32_t part);

/* One byte. A machine that has ended (sealed_front_ended) stays as it is. */
void sealed_front_step(struct sealed_front *m, uint8_t c);

/* Steps over bytes[0..n) until they are used up or the machine has ended. Returns bytes used. */
size_t sealed_front_feed(struct sealed_front *m, const uint8_t *bytes, size_t n);

#endif
