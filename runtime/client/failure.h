/* failure: why what a client wanted has failed, and the exit code of the program that it means
 * (spec/exit.md). */
#ifndef CLOISTER_RUNTIME_CLIENT_FAILURE_H
#define CLOISTER_RUNTIME_CLIENT_FAILURE_H

#include <stdint.h>

#include "runtime/kernel/fault.h"

struct failure {
	struct fault fault;
	/* The exit codes of exec and of the other verbs; 0: what the fault's word means. */
	int exec_code, other_code;
};

/* A reason of the protocol, number and all, has ended the work. Like fault_set otherwise. */
int failure_reason(struct failure *failure, uint32_t reason, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
