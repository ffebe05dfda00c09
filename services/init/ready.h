/* ready: how it is found out that a unit is ready, and then that it is well. What comes of it the
 * machine `unit` decides: READY, FAIL. */
#ifndef CLOISTER_SERVICES_INIT_READY_H
#define CLOISTER_SERVICES_INIT_READY_H

#include "runtime/net/connect.h"
#include "services/init/helper.h"
#include "services/init/notify_text.h"

struct supervised;

/* Of one unit. */
struct ready {
	struct watch pipe; /* ReadyFd: what the unit writes there */
	int input;         /* the unit's end of it, until it is started; 0: none */
	struct connector connector;
	struct helper probe; /* ReadyExec, then HealthExec */
	struct timer look;   /* for the next trial, or check */
	struct timer dog;    /* WATCHDOG=1 must come before it fires */
	uint32_t misses;     /* checks in a row that have failed */
	char said[NOTIFY_STATUS_MAX];
};

void ready_set_up(struct supervised *one);

/* Before the process is made. Fault: "limit". */
int ready_prepare(struct supervised *one, struct fault *fault);
void ready_spawned(struct supervised *one);

/* Its program runs: it is ready, or that is looked for; then units_advance. */
void ready_begin(struct supervised *one);

/* It is ready: whether it is well, is watched. */
void ready_watch(struct supervised *one);

/* It is neither starting nor ready any more. */
void ready_end(struct supervised *one);

/* It has said something; then units_advance. */
void ready_told(struct supervised *one, const struct notify_said *text);

#endif
