/* unit_spawn: a unit's process, from its file. */
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "services/init/environment.h"
#include "services/init/identity.h"
#include "services/init/units.h"

/* What is done in the new process. */
struct becoming {
	int place; /* a descriptor of group.h; -1: where we are */
	bool owns_output;
	struct identity identity;
};

/* In the new process. */
static int become(void *data)
{
	const struct becoming *becoming = data;
	const struct identity *identity = &becoming->identity;

	if (becoming->place >= 0 && write(becoming->place, "0", 1) != 1)
		return errno;
	/* Who opens /dev/stdout opens the pipe, and may, unless there is no such user. */
	if (identity->changes && becoming->owns_output)
		(void)syscall(SYS_fchown, STDOUT_FILENO, identity->user, identity->group);
	return identity_become(identity);
}

int unit_spawn(struct supervised *one, struct fault *fault)
{
	bool keeps = one->all->keeps_console;
	int output = keeps ? STDOUT_FILENO : one->output.input, error = keeps ? 2 : output;
	const struct child_descriptor descriptors[] = {{error, 2}, {output, 1}, {0, 0}};
	static struct environment environment; /* too large for a stack; PID 1 has one thread */
	struct becoming becoming = {.place = -1, .owns_output = !keeps};
	int failed;
	struct child_plan plan = {
		.program = one->file.arguments[0],
		.argv = one->file.arguments,
		.environment = environment.list,
		.directory = one->file.directory == NULL ? "/" : one->file.directory,
		.group = CHILD_GROUP_SESSION,
		.descriptors = descriptors,
		.descriptor_count = keeps ? 3 : 2,
	};

	if (environment_make(&environment, &one->file, one->all->inherited, fault) != 0 ||
		identity_find(&one->file, &becoming.identity, fault) != 0)
		return -1;
	plan.path = environment_value(&environment, "PATH");
	if (one->all->has_groups)
		becoming.place = group_open(&one->file);
	if (becoming.identity.changes || becoming.place >= 0) {
		plan.prepare = become;
		plan.data = &becoming;
	}
	failed = child_start(&one->child, one->all->loop, &plan, fault);
	if (becoming.place >= 0)
		(void)close(becoming.place);
	return failed;
}
