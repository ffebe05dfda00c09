/* epoch: SOURCE_DATE_EPOCH, the time that reproducible outputs carry instead of the clock's. */
#ifndef CLOISTER_RUNTIME_EIF_EPOCH_H
#define CLOISTER_RUNTIME_EIF_EPOCH_H

#include <stdint.h>

#include "runtime/kernel/fault.h"

/* Gives the seconds since 1970 from the environment, or 0. Word "usage" if it is no number of the
 * years 1970 to 9999. */
int epoch_seconds(int64_t *seconds, struct fault *fault);

#endif
