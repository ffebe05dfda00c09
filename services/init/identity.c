/* identity: see identity.h. */
#include "services/init/identity.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The number that a text is; false where it is none. */
static bool is_number(const char *text, uint32_t *number)
{
	char *end;
	unsigned long value;

	if (strspn(text, "0123456789") != strlen(text))
		return false;
	errno = 0;
	value = strtoul(text, &end, 10);
	*number = (uint32_t)value;
	return errno == 0 && *end == '\0' && value < UINT32_MAX;
}

static int find_user(const char *name, struct identity *identity, struct fault *fault)
{
	FILE *file = fopen("/etc/passwd", "re");
	bool numeric = is_number(name, &identity->user), found = false;
	const struct passwd *line;

	while (file != NULL && !found && (line = fgetpwent(file)) != NULL) {
		found = numeric ? line->pw_uid == identity->user : strcmp(line->pw_name, name) == 0;
		if (!found)
			continue;
		identity->user = line->pw_uid;
		identity->group = line->pw_gid;
	}
	if (file != NULL)
		(void)fclose(file);
	if (!found && numeric)
		identity->group = identity->user;
	if (found || numeric)
		return 0;
	return fault_set(fault, "user", "there is no user '%.64s' in /etc/passwd", name);
}

static int find_group(const char *name, struct identity *identity, struct fault *fault)
{
	bool found = is_number(name, &identity->group);
	FILE *file = found ? NULL : fopen("/etc/group", "re");
	const struct group *line;

	while (file != NULL && !found && (line = fgetgrent(file)) != NULL) {
		found = strcmp(line->gr_name, name) == 0;
		if (found)
			identity->group = line->gr_gid;
	}
	if (file != NULL)
		(void)fclose(file);
	if (found)
		return 0;
	return fault_set(fault, "group", "there is no group '%.64s' in /etc/group", name);
}

int identity_find(const struct unit_file *unit, struct identity *identity, struct fault *fault)
{
	*identity = (struct identity){.user = geteuid(), .group = getegid()};
	if (unit->user != NULL && find_user(unit->user, identity, fault) != 0)
		return -1;
	if (unit->group != NULL && find_group(unit->group, identity, fault) != 0)
		return -1;
	identity->changes = identity->user != geteuid() || identity->group != getegid();
	return 0;
}

/* The calls themselves, and not the library's, which look for other threads. */
int identity_become(const struct identity *identity)
{
	uid_t user = identity->user;
	gid_t group = identity->group;

	if (!identity->changes)
		return 0;
	if (syscall(SYS_setgroups, (size_t)1, &group) != 0 ||
		syscall(SYS_setresgid, group, group, group) != 0 ||
		syscall(SYS_setresuid, user, user, user) != 0)
		return errno;
	return 0;
}
