/* group: one control group of cgroup2 for each unit: its limits, and the end of all that is in it.
 * A controller that cgroup2 does not have, as that of the processor before Linux 4.15, is that of
 * cgroup v1, which is mounted for the first unit with such a limit. A place without either is
 * warned of; units run there without. */
#ifndef CLOISTER_SERVICES_INIT_GROUP_H
#define CLOISTER_SERVICES_INIT_GROUP_H

#include "services/init/unit_file.h"

#define GROUP_PATH_MAX 160u /* bytes of the name of a group's file, with the NUL */

#define GROUP_PLACES_MAX 4u

/* Before any unit starts: whether there is a cgroup2 of our own; has its controllers handed on. */
bool groups_open(void);

/* Makes the unit's group and sets its limits. What can't be set is warned of. */
void group_make(const struct unit_file *unit);

/* Descriptors; who writes "0" to each of them has joined the unit's groups. A group that could not
 * be made, and was warned of, is left out. Fault: "io". */
struct group_places {
	int list[GROUP_PLACES_MAX];
	uint32_t count;
};
int group_open(const struct unit_file *unit, struct group_places *places, struct fault *fault);
void group_leave(struct group_places *places);

/* Removes the group, when nothing is left in it. */
void group_drop(const struct unit_file *unit);

/* Kills all that is in the group, and who left the unit's session with it. An empty one is left as
 * it is. */
void group_kill(const struct unit_file *unit);

#endif
