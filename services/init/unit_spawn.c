/* unit_spawn: a unit's process, and those of commands beside it, from its file. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "services/init/environment.h"
#include "services/init/measure.h"
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
	char main_pid[sizeof "MAINPID=" + 10u];
	char watchdog[sizeof "WATCHDOG_USEC=" + 20u];
	bool is_helper; /* a command beside the unit's process */
};

#define DESCRIPTORS_MAX (STANDARD + 1u + UNIT_SOCKETS_MAX)
#define RAISED          (UNIT_READY_FD_MAX + 1) /* above all that a unit may have from us */

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

/* 0, 1 and 2 as the unit has them, and of itself its sockets and ReadyFd; returns how many. */
static unsigned list_descriptors(const struct supervised *one, const struct spawning *spawning,
	struct child_descriptor list[DESCRIPTORS_MAX])
{
	unsigned count = 0;

	if (one->all->keeps_console) {
		for (int fd = 0; fd < (int)STANDARD; fd++)
			list[count++] = (struct child_descriptor){fd, fd};
	} else {
		list[count++] = (struct child_descriptor){one->output.input, STDOUT_FILENO};
		list[count++] = (struct child_descriptor){one->output.input, STDERR_FILENO};
	}
	if (spawning->is_helper)
		return count;
	if (one->ready.input > 0)
		list[count++] =
			(struct child_descriptor){one->ready.input, (int)one->file.life.ready_fd};
	for (uint32_t i = 0; i < one->sockets.count; i++)
		list[count++] = (struct child_descriptor){
			one->sockets.list[i], UNIT_SOCKETS_FIRST + (int)i};
	return count;
}

/* What is told to a unit's process: of its sockets, and how it says that it is ready. */
static uint32_t list_own(
	const struct supervised *one, struct spawning *spawning, const char *ours[])
{
	uint32_t count = 0;

	if (one->sockets.count > 0) {
		(void)snprintf(spawning->listen_pid, sizeof spawning->listen_pid, LISTEN_PID);
		(void)snprintf(spawning->listen_fds, sizeof spawning->listen_fds, "LISTEN_FDS=%u",
			(unsigned)one->sockets.count);
		ours[count++] = spawning->listen_pid;
		ours[count++] = spawning->listen_fds;
	}
	if (unit_file_notifies(&one->file) && one->all->notify.variable[0] != '\0')
		ours[count++] = one->all->notify.variable;
	if (one->file.life.watchdog != 0) {
		(void)snprintf(spawning->watchdog, sizeof spawning->watchdog,
			"WATCHDOG_USEC=%" PRIu64, one->file.life.watchdog * UINT64_C(1000000));
		ours[count++] = spawning->watchdog;
	}
	return count;
}

/* Opens the sockets, and puts the variables together. */
static int list_variables(struct supervised *one, struct spawning *spawning,
	struct environment *environment, struct fault *fault)
{
	const char *ours[5] = {NULL};

	if (spawning->is_helper) {
		(void)snprintf(spawning->main_pid, sizeof spawning->main_pid, "MAINPID=%d",
			(int)one->child.pid);
		ours[0] = spawning->main_pid;
	} else if (unit_sockets_open(&one->sockets, &one->file, one->all->stand_ins, fault) != 0) {
		return -1;
	} else {
		ours[list_own(one, spawning, ours)] = NULL;
	}
	return environment_make(environment, &one->file, ours, one->all->inherited, fault);
}

static int spawn(struct supervised *one, struct child *child, const char *const *arguments,
	struct fault *fault)
{
	static struct environment environment; /* too large for a stack; PID 1 has one thread */
	struct child_descriptor descriptors[DESCRIPTORS_MAX];
	struct spawning spawning = {.is_helper = child != &one->child};
	struct child_plan plan = {
		.program = arguments[0],
		.argv = arguments,
		.environment = environment.list,
		.directory = one->file.directory == NULL ? "/" : one->file.directory,
		.group = CHILD_GROUP_SESSION,
		.descriptors = descriptors,
		.prepare = prepare,
		.data = &spawning,
		.steps = rights_steps,
	};
	static char path[PATH_MAX];
	int failed;

	if (list_variables(one, &spawning, &environment, fault) != 0 ||
		rights_find(&one->file, &spawning.rights, fault) != 0)
		return -1;
	plan.path = environment_value(&environment, "PATH");
	if (program_find(&one->file, plan.path, plan.program, path) && path[0] == '/')
		plan.program = path; /* else the process says what is wrong */
	plan.descriptor_count = list_descriptors(one, &spawning, descriptors);
	spawning.rights.owns_output = !one->all->keeps_console;
	failed = one->all->has_groups ? group_open(&one->file, &spawning.rights.places, fault) : 0;
	rights_raise(&spawning.rights, RAISED);
	if (failed == 0)
		failed = child_start(child, one->all->loop, &plan, fault);
	rights_done(&spawning.rights);
	return failed;
}

int unit_spawn(struct supervised *one, struct fault *fault)
{
	return spawn(one, &one->child, one->file.arguments, fault);
}

int unit_spawn_helper(struct supervised *one, struct child *child, const char *const *arguments,
	struct fault *fault)
{
	return spawn(one, child, arguments, fault);
}
