/* child_inside: what the two sides of a new process share. Not for users of child.h. */
#ifndef CLOISTER_RUNTIME_KERNEL_CHILD_INSIDE_H
#define CLOISTER_RUNTIME_KERNEL_CHILD_INSIDE_H

#include <stdbool.h>

#include "runtime/kernel/child.h"

/* What the new process was at when it failed. */
enum child_stage {
	CHILD_STAGE_NONE,
	CHILD_STAGE_SIGNALS,
	CHILD_STAGE_CGROUP,
	CHILD_STAGE_GROUP,
	CHILD_STAGE_DESCRIPTORS,
	CHILD_STAGE_TERMINAL,
	CHILD_STAGE_PREPARE,
	CHILD_STAGE_DIRECTORY,
	CHILD_STAGE_EXEC
};

/* The one message of the new process: it fails, and why. A successful exec closes the pipe. */
struct child_report {
	int stage; /* enum child_stage */
	int error; /* errno */
};

/* What a new process begins with. */
struct child_start {
	const struct child_plan *plan;
	int report;      /* where its message goes */
	bool must_enter; /* its control group, by itself */
};

/* Becomes the program of the plan, or reports and exits. All signals must be blocked. Everything in
 * here is async-signal-safe. */
_Noreturn void child_become(const struct child_start *start);

/* Makes a process that does that. Returns its number; -1: there is none (errno). */
pid_t child_make(const struct child_plan *plan, int report);

#endif
