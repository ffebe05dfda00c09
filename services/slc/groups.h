/* groups: a control group (cgroup2) for each job, where one can be made: what is in it can't leave,
 * whatever sessions it makes, and ends with the job. They lie in one of the service's own, so that
 * nothing outlives that either. */
#ifndef CLOISTER_SERVICES_SLC_GROUPS_H
#define CLOISTER_SERVICES_SLC_GROUPS_H

#include <stdbool.h>
#include <stdint.h>

#define GROUPS_NAME_MAX 64u

struct groups {
	int parent; /* the folder of the group that we are in */
	int folder; /* that of the service's; -1: there is none, and nothing here does anything */
	char name[GROUPS_NAME_MAX];
	bool are_moved; /* what is made in one is killed at once: to be made here, and moved */
};

/* Makes the service's, and tries whether a process can be moved there and back, and be made there;
 * says in the log whether there is one. */
void groups_open(struct groups *groups);

/* Ends all that is left in it, and removes it. `jobs`: as many as there can have been. */
void groups_close(struct groups *groups, uint32_t jobs);

/* In a process that has nothing to do with them. */
void groups_leave(struct groups *groups);

enum group {
	GROUP_NONE,
	GROUP_NEW,
	GROUP_USED /* the one of the job before: what was killed in it is not all gone */
};

/* Makes the job's, and opens its folder (-1: it can't be). */
enum group groups_make(const struct groups *groups, uint32_t job);
int groups_folder(const struct groups *groups, uint32_t job);

/* Ends all that is in the job's, and removes it once it is empty: now, or when its number comes
 * again. */
void groups_end(const struct groups *groups, uint32_t job);

#endif
