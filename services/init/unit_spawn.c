/* unit_spawn: a unit's process, from its file. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "services/init/environment.h"
#include "services/init/rights.h"
#include "services/init/units.h"

#define STANDARD   3u
#define LISTEN_PID "LISTEN_PID="

/* What `prepare` is given. */
struct spawning {
	struct rights rights;
	char listen_pid[sizeof LISTEN_PID +
			20u]; /* a variable that its process alone can fill in */
	char listen_fds[sizeof "LISTEN_FDS=" + 10u];
};

/* The new process writes its number into the variable: it has a copy of all that is ours. */
static void fill_in(char *variable)
{
	char digits[16];
	size_t count = 0, at = strlen(LISTEN_PID);

	for (pid_t pid = getpid(); pid > 0 && count < sizeof digits; pid /= 10)
		digits[count++] = (char)('0' + pid % 10);
	while (count > 0)
		variable[at++] = digits[--count];
	variable[at] = '\0';
}

static int prepare(void *data)
{
	struct spawning *spawning = data;

	fill_in(spawning->listen_pid);
	return rights_give_up(&spawning->rights);
}

/* 0, 1 and 2 as the unit has them, and its sockets; returns how many. */
static unsigned list_descriptors(
	const struct supervised *one, struct child_descriptor list[STANDARD + UNIT_SOCKETS_MAX])
{
	unsigned count = 0;

	if (one->all->keeps_console) {
		for (int fd = 0; fd < (int)STANDARD; fd++)
			list[count++] = (struct child_descriptor){fd, fd};
	} else {
		list[count++] = (struct child_descriptor){one->output.input, STDOUT_FILENO};
		list[count++] = (struct child_descriptor){one->output.input, STDERR_FILENO};
	}
	for (uint32_t i = 0; i < one->sockets.count; i++)
		list[count++] = (struct child_descriptor){
			one->sockets.list[i], UNIT_SOCKETS_FIRST + (int)i};
	return count;
}

/* Opens the sockets; the variables, with those that tell of sockets where there are some. */
static int list_variables(struct supervised *one, struct spawning *spawning,
	struct environment *environment, struct fault *fault)
{
	const char *ours[] = {spawning->listen_pid, spawning->listen_fds, NULL};

	if (unit_sockets_open(&one->sockets, &one->file, one->all->stand_ins, fault) != 0)
		return -1;
	(void)snprintf(spawning->listen_pid, sizeof spawning->listen_pid, LISTEN_PID);
	(void)snprintf(spawning->listen_fds, sizeof spawning->listen_fds, "LISTEN_FDS=%u",
		(unsigned)one->sockets.count);
	return environment_make(environment, &one->file, one->sockets.count > 0 ? ours : NULL,
		one->all->inherited, fault);
}

int unit_spawn(struct supervised *one, struct fault *fault)
{
	static struct environment environment; /* too large for a stack; PID 1 has one thread */
	struct child_descriptor descriptors[STANDARD + UNIT_SOCKETS_MAX];
	struct spawning spawning;
	struct child_plan plan = {
		.program = one->file.arguments[0],
		.argv = one->file.arguments,
		.environment = environment.list,
		.directory = one->file.directory == NULL ? "/" : one->file.directory,
		.group = CHILD_GROUP_SESSION,
		.descriptors = descriptors,
		.prepare = prepare,
		.data = &spawning,
		.steps = rights_steps,
	};
	int failed;

	if (list_variables(one, &spawning, &environment, fault) != 0 ||
		rights_find(&one->file, &spawning.rights, fault) != 0)
		return -1;
	plan.path = environment_value(&environment, "PATH");
	plan.descriptor_count = list_descriptors(one, descriptors);
	spawning.rights.owns_output = !one->all->keeps_console;
	failed = one->all->has_groups ? group_open(&one->file, &spawning.rights.places, fault) : 0;
	rights_raise(&spawning.rights, UNIT_SOCKETS_FIRST + (int)UNIT_SOCKETS_MAX);
	if (failed == 0)
		failed = child_start(&one->child, one->all->loop, &plan, fault);
	rights_done(&spawning.rights);
	return failed;
}
