/* health: one word for how the enclave is, from what its units have come to. A pure function:
 * verify/init_health.acsl says what is proved. */
#ifndef CLOISTER_SERVICES_INIT_HEALTH_H
#define CLOISTER_SERVICES_INIT_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

enum health {
	HEALTH_STARTING = 0,
	HEALTH_READY = 1,    /* it was ready, and all that is to run runs */
	HEALTH_DEGRADED = 2, /* what is to run has failed: for good, or after readiness */
	HEALTH_STOPPING = 3
};

/* ready: readiness was reached once; waiting: units that are to run and do not yet, or not now;
 * lost: units that are to run and will not. */
enum health health_of(bool ready, bool stopping, uint32_t waiting, uint32_t lost);

#endif
