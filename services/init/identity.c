/* identity: see identity.h. */
#include "services/init/identity.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "services/init/account.h"

static int find_user(const char *name, struct identity *identity, struct fault *fault)
{
	bool numeric = account_number(name, &identity->user);
	struct account account;

	if (account_find("/etc/passwd", numeric ? NULL : name, identity->user, &account)) {
		identity->user = account.id;
		identity->group = account.group;
		if (account.group != UINT32_MAX)
			return 0;
		return fault_set(fault, "user",
			"the line of the user '%.64s' in /etc/passwd names no group", name);
	}
	identity->group = identity->user;
	if (numeric)
		return 0;
	return fault_set(fault, "user", "there is no user '%.64s' in /etc/passwd", name);
}

static int find_group(const char *name, struct identity *identity, struct fault *fault)
{
	struct account account;

	if (account_number(name, &identity->group))
		return 0;
	if (!account_find("/etc/group", name, 0, &account))
		return fault_set(fault, "group", "there is no group '%.64s' in /etc/group", name);
	identity->group = account.id;
	return 0;
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
