/* rights: what a unit's process gives up between the fork and the exec. */
#ifndef CLOISTER_SERVICES_INIT_RIGHTS_H
#define CLOISTER_SERVICES_INIT_RIGHTS_H

#include "services/init/group.h"
#include "services/init/identity.h"

struct rights {
	const struct unit_file *unit;
	struct identity identity;
	bool bars;       /* no new privileges */
	bool is_capped;  /* `capabilities` are what it has, */
	bool is_bounded; /* and what it can ever have */
	uint64_t capabilities;
	int files;                  /* a set of rules of Landlock; -1: none */
	struct group_places places; /* that it joins */
	bool owns_output;           /* 1 and 2 become its user's */
};

/* What the unit's file comes to. NoNewPrivileges, where it is not named, holds for who has another
 * user than root, or Capabilities, SeccompProfile or Landlock paths. Without Capabilities such a
 * user has none; where NoNewPrivileges is false, it may gain them. Faults: those of identity_find,
 * "landlock" (the kernel has none, or a path is missing). Then rights_done. */
int rights_find(const struct unit_file *unit, struct rights *rights, struct fault *fault);
void rights_done(struct rights *rights);

/* Moves its descriptors to numbers from `lowest` on, so that none of the process' own takes their
 * place before they are used. */
void rights_raise(struct rights *rights, int lowest);

/* `prepare` of a child_plan, with its steps. */
int rights_give_up(void *rights);
extern const char *const rights_steps[];

/* --- Between the files of this module --------------------------------------------------------- */

/* A set of rules that allows to read and execute what is readable, and to do all else but execute
 * to what is writable. The descriptor; -1 with a fault. */
int rights_files(const struct unit_rights *rights, struct fault *fault);

/* Filters the system calls of this process, at last. Async-signal-safe; 0, or an errno. */
int rights_filter(uint32_t filter);

#endif
