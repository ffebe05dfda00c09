/* event_log: the value that a log of boot events leads to (spec/pcr.md, register 16). */
#ifndef CLOISTER_HOST_ATTEST_EVENT_LOG_H
#define CLOISTER_HOST_ATTEST_EVENT_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/kernel/fault.h"

#define EVENT_LOG_PCR  16u
#define EVENT_LOG_SIZE 48u /* bytes of a value */

/* Reads a file, and computes the register's value. Faults: "input" (no such file, or a line that is
 * none of a log), "crypto". */
int event_log_replay(const char *path, uint8_t value[EVENT_LOG_SIZE], struct fault *fault);

#endif
