/* identity: as whom a unit's process runs. */
#ifndef CLOISTER_SERVICES_INIT_IDENTITY_H
#define CLOISTER_SERVICES_INIT_IDENTITY_H

#include <sys/types.h>

#include "services/init/unit_file.h"

struct identity {
	bool changes; /* it is not who we are */
	uid_t user;
	gid_t group;
};

/* Whom User and Group name: by the files /etc/passwd and /etc/group, and by nothing else. A number
 * needs no line there; without Group it is the user's, or that of the user's number. May not be
 * called in a new process. Faults: "user", "group" (there is none). */
int identity_find(const struct unit_file *unit, struct identity *identity, struct fault *fault);

/* Becomes it, with that group and no other; async-signal-safe. 0, or an errno. */
int identity_become(const struct identity *identity);

#endif
