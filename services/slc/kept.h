/* kept: detached jobs: what is known of each, which outlives it, and what it has said last. */
#ifndef CLOISTER_SERVICES_SLC_KEPT_H
#define CLOISTER_SERVICES_SLC_KEPT_H

#include <sys/queue.h>

#include "runtime/channel/authorized.h"
#include "services/slc/said.h"

#define KEPT_COMMAND_MAX 256u /* bytes of its words, with the NUL; what is more is cut */

struct control;
struct job;

struct kept {
	uint32_t number;                    /* that it is called by; 0: the place is free */
	const struct authorized_key *owner; /* whose key has started it; null: nobody had one */
	struct job *job;                    /* null: it has ended */
	uint32_t status, reason;            /* then */
	int64_t began, ended;               /* seconds since 1970 */
	uint64_t gone;                      /* the same end, to tell which came first */
	char command[KEPT_COMMAND_MAX];
	struct said said;
	TAILQ_HEAD(control_list, control) controls; /* who wait for it, or read */
};

struct kepts {
	struct kept *list;
	uint32_t count;
	uint8_t *memory;
};

size_t kepts_memory(uint32_t count);
int kepts_open(struct kepts *kepts, uint32_t count, struct fault *fault);
void kepts_close(struct kepts *kepts);

/* A place for a job that has a request of exec: a free one, or that of the job which ended first,
 * of those that nobody asks about. Null: there is none. */
struct kept *kept_take(struct kepts *kepts, struct job *job, const struct authorized_key *owner,
	const uint8_t *fields, size_t size);

/* The client has been told its number. */
void kept_name(struct kept *kept, uint32_t number);

/* The job has said something; has ended. One that was not named is forgotten. */
void kept_says(struct kept *kept, uint8_t stream, const uint8_t *bytes, size_t size);
void kept_ends(struct kept *kept, uint32_t status, uint32_t reason);

/* By its number, or null. */
struct kept *kept_find(struct kepts *kepts, uint32_t number);

#endif
