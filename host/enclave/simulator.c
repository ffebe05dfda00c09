/* simulator: see simulator.h. */
#include "host/enclave/simulator.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define IMAGE     3  /* its descriptor there */
#define PASSED_ON 3u /* variables of our environment that it is given */

bool simulator_find(const struct settings *settings, char program[PATH_MAX])
{
	if (settings->nsmsim == NULL)
		return companion_beside("nsmsim", program);
	(void)snprintf(program, PATH_MAX, "%s", settings->nsmsim);
	return true;
}

/* Where it keeps its root depends on who runs it, and so does what is traced. */
static void collect(const char *environment[PASSED_ON + 2], char texts[PASSED_ON][PATH_MAX])
{
	static const char *const names[PASSED_ON] = {"HOME", "XDG_STATE_HOME", "CLOISTER_TRACE"};
	unsigned count = 0;

	environment[count++] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	for (unsigned i = 0; i < PASSED_ON; i++) {
		const char *value = getenv(names[i]);

		if (value == NULL)
			continue;
		(void)snprintf(texts[i], PATH_MAX, "%s=%s", names[i], value);
		environment[count++] = texts[i];
	}
	environment[count] = NULL;
}

int simulator_start(struct companion *simulator, struct loop *loop, const struct backend_plan *plan,
	const char *program, struct fault *fault)
{
	const struct child_descriptor descriptors[] = {{plan->log, 2}, {plan->image->fd, IMAGE}};
	const char *environment[PASSED_ON + 2];
	char texts[PASSED_ON][PATH_MAX];
	const char *const arguments[] = {"nsmsim", "--socket", simulator->socket, "--eif",
		"/proc/self/fd/3", "--module-id", plan->settings->id, "--ready-fd",
		COMPANION_READY_TEXT, "--json", plan->settings->debug ? "--debug-mode" : NULL,
		NULL};
	struct child_plan child = {
		.program = program,
		.argv = arguments,
		.environment = environment,
		.group = CHILD_GROUP_NEW,
		.descriptors = descriptors,
		.descriptor_count = sizeof descriptors / sizeof *descriptors,
	};

	collect(environment, texts);
	(void)snprintf(simulator->socket, PATH_MAX, "%s/nsm", plan->folder);
	if (mkdir(simulator->socket, 0700) < 0)
		return fault_set(fault, "state", "cannot make the folder '%.300s': %s",
			simulator->socket, strerror(errno));
	(void)snprintf(simulator->socket, PATH_MAX, "%s/nsm/socket", plan->folder);
	simulator->word = "nsm";
	return companion_start(simulator, loop, &child, fault);
}
