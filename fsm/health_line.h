/* health_line: decoder of the line by which an enclave's init tells how it is.
 * Page: spec/health_line.md. */
#ifndef CLOISTER_FSM_HEALTH_LINE_H
#define CLOISTER_FSM_HEALTH_LINE_H

#include <stddef.h>
#include <stdint.h>

#define HEALTH_LINE_STARTING 1u
#define HEALTH_LINE_READY    2u
#define HEALTH_LINE_DEGRADED 3u
#define HEALTH_LINE_STOPPING 4u

struct health_line {
	int cs;
	uint32_t word; /* one of the above; 0: not read yet */
	uint32_t up;   /* units that run */
	uint32_t all;  /* units that are to run */
};

void health_line_init(struct health_line *m);

/* One byte. A machine that has ended (health_line_ended) stays as it is. */
void health_line_step(struct health_line *m, uint8_t c);

/* Steps over bytes[0..n) until they are used up or the machine has ended. Returns bytes used. */
size_t health_line_feed(struct health_line *m, const uint8_t *bytes, size_t n);

#endif
