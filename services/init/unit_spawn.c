/* unit_spawn: a unit's process, from its file. */
#include <unistd.h>

#include "services/init/environment.h"
#include "services/init/rights.h"
#include "services/init/units.h"

int unit_spawn(struct supervised *one, struct fault *fault)
{
	bool keeps = one->all->keeps_console;
	int output = keeps ? STDOUT_FILENO : one->output.input, error = keeps ? 2 : output;
	const struct child_descriptor descriptors[] = {{error, 2}, {output, 1}, {0, 0}};
	static struct environment environment; /* too large for a stack; PID 1 has one thread */
	struct rights rights;
	int failed;
	struct child_plan plan = {
		.program = one->file.arguments[0],
		.argv = one->file.arguments,
		.environment = environment.list,
		.directory = one->file.directory == NULL ? "/" : one->file.directory,
		.group = CHILD_GROUP_SESSION,
		.descriptors = descriptors,
		.descriptor_count = keeps ? 3 : 2,
		.prepare = rights_give_up,
		.data = &rights,
		.steps = rights_steps,
	};

	if (environment_make(&environment, &one->file, one->all->inherited, fault) != 0 ||
		rights_find(&one->file, &rights, fault) != 0)
		return -1;
	plan.path = environment_value(&environment, "PATH");
	rights.owns_output = !keeps;
	if (one->all->has_groups)
		rights.place = group_open(&one->file);
	failed = child_start(&one->child, one->all->loop, &plan, fault);
	rights_done(&rights);
	return failed;
}
