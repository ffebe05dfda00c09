/* supervisor_inside: what the supervisor's files share. */
#ifndef CLOISTER_HOST_ENCLAVE_SUPERVISOR_INSIDE_H
#define CLOISTER_HOST_ENCLAVE_SUPERVISOR_INSIDE_H

#include "gen/enclave.h"
#include "gen/kernel_line.h"
#include "host/enclave/control.h"
#include "host/enclave/hearing.h"
#include "host/enclave/probe.h"
#include "host/enclave/recorder.h"
#include "host/enclave/supervisor.h"
#include "runtime/kernel/signals.h"

#define EVENTS_MAX 16u /* that wait while effects are performed */

struct event {
	enum enclave_event event;
	uint32_t n;
};

struct supervisor {
	const struct settings *settings;
	const struct judged *judged;
	struct state *state;
	struct loop *loop;
	struct backend *backend;
	struct enclave machine;
	struct event events[EVENTS_MAX];
	unsigned event_count;
	bool performing;
	struct timer timer;
	uint32_t generation; /* of the timer */
	struct signals signals;
	struct hearing hearing;
	struct recorder recorder;
	struct kernel_line kernel_line; /* of its console */
	struct probe probe;
	struct control control;
	struct fault fault; /* why the newest failure failed */
	json_t *facts;
	int log;
};

/* Feeds the machine, and performs what it asks for. Effects may bring about events at once: these
 * wait until the effects are done. */
void supervisor_happen(struct supervisor *supervisor, enum enclave_event event, uint32_t n);

/* supervisor_effects.c */
void supervisor_perform(struct supervisor *supervisor, uint32_t effects);

/* supervisor_tell.c: the state for others to read, and news for those who wait. */
void supervisor_write_state(struct supervisor *supervisor);
void supervisor_tell_state(struct supervisor *supervisor);
void supervisor_tell(struct supervisor *supervisor, const char *event);
void supervisor_tell_failed(struct supervisor *supervisor);
json_t *supervisor_state(void *user);

#endif
