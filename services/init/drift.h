/* drift: how far our clock is from the NSM's, as far as an answer can say. */
#ifndef CLOISTER_SERVICES_INIT_DRIFT_H
#define CLOISTER_SERVICES_INIT_DRIFT_H

#include <stdbool.h>
#include <stdint.h>

/* The NSM has said `stamp`, milliseconds since 1970, between two looks at our clock, microseconds
 * since 1970. *drift is what is to be added to our clock, in microseconds: 0 where the stamp may
 * have been our own time. False: such a stamp, or such looks, can't be. */
bool drift_of(int64_t asked, int64_t answered, uint64_t stamp, int64_t *drift);

#endif
