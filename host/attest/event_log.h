/* event_log: the values that a log of init's events leads to (spec/pcr.md, registers 16 and 17). */
#ifndef CLOISTER_HOST_ATTEST_EVENT_LOG_H
#define CLOISTER_HOST_ATTEST_EVENT_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/kernel/fault.h"

#define EVENT_LOG_BOOT      16u
#define EVENT_LOG_RUN_TIME  17u
#define EVENT_LOG_REGISTERS 2u
#define EVENT_LOG_SIZE      48u /* bytes of a value */

/* Of the registers from EVENT_LOG_BOOT on. */
struct event_log {
	uint8_t values[EVENT_LOG_REGISTERS][EVENT_LOG_SIZE];
	bool has[EVENT_LOG_REGISTERS]; /* there was an event of it */
};

/* Reads a file, and computes the registers' values. Faults: "input" (no such file, or a line that
 * is none of a log), "crypto". */
int event_log_replay(const char *path, struct event_log *log, struct fault *fault);

#endif
