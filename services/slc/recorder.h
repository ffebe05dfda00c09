/* recorder: what the broker does about the log (spec/audit.md): it records what the front says of
 * sessions and what it does itself, has register 18 marked before the first of it, and has the log
 * and how far it has come told. The front can't leave anything out that the broker does for it. */
#ifndef CLOISTER_SERVICES_SLC_RECORDER_H
#define CLOISTER_SERVICES_SLC_RECORDER_H

#include "services/slc/ledger.h"
#include "services/slc/process.h"
#include "services/slc/settings.h"

struct recorder {
	struct ledger ledger;
	const char *nsm;
	bool must_mark;               /* before anything is read or changed */
	const struct process *marker; /* that does so now, or null */
};

/* Faults: "memory", "in_use" (the folder of the log). */
int recorder_open(struct recorder *recorder, const struct settings *settings, struct fault *fault);
void recorder_close(struct recorder *recorder);

/* Whether requests of that type may be acted on by now. */
bool recorder_lets(const struct recorder *recorder, uint32_t type);

/* Records a session, as a packet tells of it. False: the packet is wrong. */
bool recorder_session(struct recorder *recorder, const struct packet *packet);

/* Records a request of type control, which the front has answered by itself. The same. */
bool recorder_control(struct recorder *recorder, const struct packet *packet);

/* Records a request that process is to serve. False: it can't, and the process was refused. */
bool recorder_note(struct recorder *recorder, struct process *process, uint32_t type,
	uint32_t session, const uint8_t *fields, size_t size);

/* Each gives its work to an attester, as process. */
void recorder_attest(
	struct recorder *recorder, struct process *process, const uint8_t *fields, size_t size);
void recorder_send(struct recorder *recorder, struct process *process);

/* The same; false where it makes no sense. A document of a session has as its user data those of
 * the fields, which are what ties it to a connection, and how far the log has come. */
bool recorder_prove(
	struct recorder *recorder, struct process *process, const uint8_t *fields, size_t size);
bool recorder_mark(struct recorder *recorder, struct process *process);

/* A process is over. */
void recorder_over(struct recorder *recorder, const struct process *process, bool is_well);

#endif
