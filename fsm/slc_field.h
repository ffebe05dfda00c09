/* slc_field: decoder of the header of a field, the form of requests, statuses and copies in the
 * secure local channel. Page: spec/slc_field.md; the fields there are: spec/slc.md. */
#ifndef CLOISTER_FSM_SLC_FIELD_H
#define CLOISTER_FSM_SLC_FIELD_H

#include <stddef.h>
#include <stdint.h>

#define SLC_FIELD_SIZE       6u       /* bytes of a header on the wire */
#define SLC_FIELD_LENGTH_MAX 1048576u /* no field may have a longer value */

struct slc_field {
	int cs;
	uint32_t tag;    /* what the value means */
	uint32_t length; /* bytes of value that follow the header */
	uint32_t limit;  /* longest value that can follow here */
};

/* limit: 0..SLC_FIELD_LENGTH_MAX; in a payload, the bytes left behind this header. */
void slc_field_init(struct slc_field *m, uint32_t limit);

/* One byte. A machine that has ended (slc_field_ended) stays as it is. */
void slc_field_step(struct slc_field *m, uint8_t c);

/* Steps over bytes[0..n) until they are used up or the machine has ended. Returns bytes used. */
size_t slc_field_feed(struct slc_field *m, const uint8_t *bytes, size_t n);

#endif
