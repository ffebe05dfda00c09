/* unit_spawn: a unit's process, from its file. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "services/init/units.h"

#define INHERITED_MAX 8u

/* Who the process is to be, and where. */
struct identity {
	int place; /* a descriptor of group.h; -1: where we are */
	bool changes, owns_output;
	uid_t user;
	gid_t group;
};

/* In the new process. The calls themselves, and not the library's, which look for other threads. */
static int become(void *data)
{
	const struct identity *identity = data;

	if (identity->place >= 0 && write(identity->place, "0", 1) != 1)
		return errno;
	if (!identity->changes)
		return 0;
	/* Who opens /dev/stdout opens the pipe, and may, unless there is no such user. */
	if (identity->owns_output)
		(void)syscall(SYS_fchown, STDOUT_FILENO, identity->user, identity->group);
	if (syscall(SYS_setgroups, (size_t)1, &identity->group) != 0 ||
		syscall(SYS_setresgid, identity->group, identity->group, identity->group) != 0 ||
		syscall(SYS_setresuid, identity->user, identity->user, identity->user) != 0)
		return errno;
	return 0;
}

/* The number that a text is; false where it is none. */
static bool is_number(const char *text, uid_t *number)
{
	char *end;
	unsigned long value;

	if (strspn(text, "0123456789") != strlen(text))
		return false;
	errno = 0;
	value = strtoul(text, &end, 10);
	*number = (uid_t)value;
	return errno == 0 && *end == '\0' && value < UINT32_MAX;
}

/* A user by the file /etc/passwd, and by nothing else: a number needs no line there, and has the
 * group of the same number then. */
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

/* Its own variables, then those that all get and it does not set. */
static void fill_environment(const struct supervised *one, const char **environment)
{
	uint32_t count = one->file.variable_count;

	memcpy(environment, one->file.environment, count * sizeof *environment);
	for (const char *const *each = one->all->inherited; each != NULL && *each != NULL; each++) {
		char name[64];
		size_t size = strcspn(*each, "=");

		if (count == UNIT_WORDS_MAX + INHERITED_MAX || size >= sizeof name)
			continue;
		memcpy(name, *each, size);
		name[size] = '\0';
		if (unit_file_value(&one->file, name) == NULL)
			environment[count++] = *each;
	}
	if (unit_file_value(&one->file, "PATH") == NULL)
		environment[count++] = "PATH=" UNIT_PATH_DEFAULT;
	environment[count] = NULL;
}

/* Who the new process becomes, and its group, which is to be closed. */
static int identify(const struct supervised *one, struct identity *identity, struct fault *fault)
{
	*identity = (struct identity){.place = -1};
	if (one->file.user != NULL) {
		if (find_user(one->file.user, identity, fault) != 0)
			return -1;
		identity->changes = identity->user != geteuid() || identity->group != getegid();
	}
	identity->owns_output = !one->all->keeps_console;
	if (one->all->has_groups)
		identity->place = group_open(&one->file);
	return 0;
}

int unit_spawn(struct supervised *one, struct fault *fault)
{
	bool keeps = one->all->keeps_console;
	int output = keeps ? STDOUT_FILENO : one->output.input, error = keeps ? 2 : output;
	const struct child_descriptor descriptors[] = {{error, 2}, {output, 1}, {0, 0}};
	const char *environment[UNIT_WORDS_MAX + INHERITED_MAX + 2u];
	const char *path = unit_file_value(&one->file, "PATH");
	struct identity identity;
	int failed;
	struct child_plan plan = {
		.program = one->file.arguments[0],
		.path = path == NULL ? UNIT_PATH_DEFAULT : path,
		.argv = one->file.arguments,
		.environment = environment,
		.directory = one->file.directory == NULL ? "/" : one->file.directory,
		.group = CHILD_GROUP_SESSION,
		.descriptors = descriptors,
		.descriptor_count = keeps ? 3 : 2,
	};

	fill_environment(one, environment);
	if (identify(one, &identity, fault) != 0)
		return -1;
	if (identity.changes || identity.place >= 0) {
		plan.prepare = become;
		plan.data = &identity;
	}
	failed = child_start(&one->child, one->all->loop, &plan, fault);
	if (identity.place >= 0)
		(void)close(identity.place);
	return failed;
}
