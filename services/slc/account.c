/* account: see account.h. */
#include "services/slc/account.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* --- Who -------------------------------------------------------------------------------------- */

static bool is_number(const char *text, uid_t *number)
{
	unsigned long value;
	char *end;

	if (strspn(text, "0123456789") != strlen(text))
		return false;
	errno = 0;
	value = strtoul(text, &end, 10);
	*number = (uid_t)value;
	return errno == 0 && *end == '\0' && value < UINT32_MAX;
}

static void take_line(struct account *account, const struct passwd *line)
{
	account->user = line->pw_uid;
	account->group = line->pw_gid;
	(void)snprintf(account->name, sizeof account->name, "%s", line->pw_name);
	if (line->pw_dir[0] == '/')
		(void)snprintf(account->home, sizeof account->home, "%s", line->pw_dir);
	if (line->pw_shell[0] == '/')
		(void)snprintf(account->shell, sizeof account->shell, "%s", line->pw_shell);
}

/* By the name, or where it is null by the number that is in `user`. */
static bool find_line(struct account *account, const char *name)
{
	FILE *file = fopen("/etc/passwd", "re");
	const struct passwd *line;
	bool found = false;

	while (file != NULL && !found && (line = fgetpwent(file)) != NULL) {
		found = name == NULL ? line->pw_uid == account->user
				     : strcmp(line->pw_name, name) == 0;
		if (found)
			take_line(account, line);
	}
	if (file != NULL)
		(void)fclose(file);
	return found;
}

static bool is_member(const struct group *line, const char *name)
{
	for (char *const *member = line->gr_mem; *member != NULL; member++)
		if (strcmp(*member, name) == 0)
			return true;
	return false;
}

/* Its own group is the first. */
static int find_groups(struct account *account, struct fault *fault)
{
	FILE *file = fopen("/etc/group", "re");
	const struct group *line;
	bool fits = true;

	account->groups[0] = account->group;
	account->group_count = 1;
	while (file != NULL && (line = fgetgrent(file)) != NULL) {
		if (line->gr_gid == account->group || !is_member(line, account->name))
			continue;
		fits = account->group_count < ACCOUNT_GROUPS_MAX;
		if (!fits)
			break;
		account->groups[account->group_count++] = line->gr_gid;
	}
	if (file != NULL)
		(void)fclose(file);
	return fits ? 0
		    : fault_set(fault, "limit", "the user '%s' is in more than %u groups",
			      account->name, ACCOUNT_GROUPS_MAX);
}

int account_find(struct account *account, const char *name, struct fault *fault)
{
	bool is_known;

	memset(account, 0, sizeof *account);
	(void)strcpy(account->home, "/");
	(void)strcpy(account->shell, "/bin/sh");
	account->user = geteuid();
	account->group = getegid();
	if (name == NULL || is_number(name, &account->user))
		is_known = find_line(account, NULL);
	else if (!(is_known = find_line(account, name)))
		return fault_set(fault, "not_found", "there is no user '%s' in /etc/passwd", name);
	if (!is_known) {
		(void)snprintf(account->name, sizeof account->name, "%u", account->user);
		if (name != NULL)
			account->group = (gid_t)account->user;
	}
	account->changes = name != NULL && account->user != geteuid();
	if (!account->changes)
		return 0;
	if (geteuid() != 0)
		return fault_set(fault, "denied",
			"the service can't be the user '%s': it was not started by root",
			account->name);
	return find_groups(account, fault);
}

/* The calls themselves, and not the library's, which look for other threads. */
int account_become(const struct account *account)
{
	if (!account->changes)
		return 0;
	if (syscall(SYS_setgroups, (size_t)account->group_count, account->groups) != 0 ||
		syscall(SYS_setresgid, account->group, account->group, account->group) != 0 ||
		syscall(SYS_setresuid, account->user, account->user, account->user) != 0)
		return errno;
	return 0;
}

/* --- Its environment -------------------------------------------------------------------------- */

static bool has_name(const char *variable, const char *name, size_t n)
{
	return strncmp(variable, name, n) == 0 && variable[n] == '=';
}

static bool is_named(const char *const *variables, const char *name, size_t n)
{
	for (; *variables != NULL; variables++)
		if (has_name(*variables, name, n))
			return true;
	return false;
}

void environment_make(struct environment *environment, const struct command *command,
	const struct account *account, const char *path)
{
	const struct {
		const char *name, *value;
	} usual[ACCOUNT_VARIABLES] = {{"PATH", path}, {"HOME", account->home},
		{"USER", account->name}, {"LOGNAME", account->name}, {"SHELL", account->shell},
		{"TERM", command->terminal}};

	environment->count = 0;
	for (unsigned i = 0; i < ACCOUNT_VARIABLES; i++) {
		char *text = environment->texts[i];

		if (usual[i].value == NULL ||
			is_named(command->environment, usual[i].name, strlen(usual[i].name)))
			continue;
		(void)snprintf(
			text, sizeof environment->texts[i], "%s=%s", usual[i].name, usual[i].value);
		environment->list[environment->count++] = text;
	}
	for (const char *const *one = command->environment; *one != NULL; one++)
		if (!is_named(one + 1, *one, strcspn(*one, "=")))
			environment->list[environment->count++] = *one;
	environment->list[environment->count] = NULL;
}

const char *environment_value(const struct environment *environment, const char *name)
{
	size_t n = strlen(name);

	for (unsigned i = 0; i < environment->count; i++)
		if (has_name(environment->list[i], name, n))
			return environment->list[i] + n + 1;
	return NULL;
}
