/* aside: work that may block, done in a process of its own, since PID 1 has one thread that must
 * not: sync(2), unmounting, the question to the NSM. It shares nothing but what it was born with,
 * and answers with an exit code. */
#ifndef CLOISTER_SERVICES_INIT_ASIDE_H
#define CLOISTER_SERVICES_INIT_ASIDE_H

#include <sys/types.h>

#include "runtime/kernel/loop.h"

/* Zeroed, with its callback set. In place until `done`. */
struct aside {
	void (*done)(struct aside *aside, int code); /* code: what run returned; 255: killed */
	void *user;

	pid_t pid; /* 0 while nothing runs */
	int pidfd;
	struct watch watch;
	bool dropped;
};

/* run is called in the new process and returns 0..254. Faults: "limit", "io". */
int aside_start(struct aside *aside, struct loop *loop, int (*run)(const void *data),
	const void *data, struct fault *fault);

/* Kills it; `done` is not called any more. */
void aside_drop(struct aside *aside);

#endif
