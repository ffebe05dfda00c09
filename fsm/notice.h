/* notice: decoder of the lines that an enclave's init says to its host. Page: spec/notice.md. */
#ifndef CLOISTER_FSM_NOTICE_H
#define CLOISTER_FSM_NOTICE_H

#include <stddef.h>
#include <stdint.h>

#define NOTICE_READY    1u
#define NOTICE_FAREWELL 2u
#define NOTICE_REST_MAX 32u /* bytes of the words behind the number */

struct notice {
	int cs;
	uint32_t word;   /* NOTICE_READY or NOTICE_FAREWELL */
	uint32_t number; /* units that are up, or the status of the end */
	uint32_t rest;   /* bytes behind the number */
};

void notice_init(struct notice *m);

/* One byte. A machine that has ended (notice_ended) stays as it is. */
void notice_step(struct notice *m, uint8_t c);

/* Steps over bytes[0..n) until they are used up or the machine has ended. Returns bytes used. */
size_t notice_feed(struct notice *m, const uint8_t *bytes, size_t n);

#endif
