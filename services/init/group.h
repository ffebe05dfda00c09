/* group: one control group of cgroup2 for each unit: its limits, and the end of all that is in it.
 * A place without cgroup2, or without a controller, is warned of; units run there without. */
#ifndef CLOISTER_SERVICES_INIT_GROUP_H
#define CLOISTER_SERVICES_INIT_GROUP_H

#include "services/init/unit_file.h"

#define GROUP_PATH_MAX 160u /* bytes of the name of a group's file, with the NUL */

/* Before any unit starts: whether there is a cgroup2 of our own; has its controllers handed on. */
bool groups_open(void);

/* Makes the unit's group and sets its limits. What can't be set is warned of. */
void group_make(const struct unit_file *unit);

/* A descriptor; who writes "0" to it joins the group. -1: there is no group. */
int group_open(const struct unit_file *unit);

/* Kills all that is in the group, and who left the unit's session with it. */
void group_kill(const struct unit_file *unit);

#endif
