/* pcr_life: the life of one register of a simulated NSM. Page: spec/pcr_life.md. */
#ifndef CLOISTER_FSM_PCR_LIFE_H
#define CLOISTER_FSM_PCR_LIFE_H

#include <stdint.h>

#include "fsm/pcr_life_event.h"

/* What the plumbing must do after a step, lowest bit first. */
enum pcr_life_effect {
	PCR_LIFE_DO_EXTEND = 1, /* replace the value by the digest of it and the new bytes */
	PCR_LIFE_DO_GRANT = 2,  /* answer that it was done */
	PCR_LIFE_DO_REFUSE = 4, /* answer that the register is read-only */
	PCR_LIFE_DO_LIST = 8    /* put it on the list */
};

struct pcr_life {
	int cs;
};

void pcr_life_init(struct pcr_life *m);

/* One event; no event carries a number. Returns effects. */
uint32_t pcr_life_step(struct pcr_life *m, enum pcr_life_event event, uint32_t n);

#endif
