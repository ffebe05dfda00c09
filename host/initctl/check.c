/* check: has init itself judge unit files, as it would to start them: its program lies beside ours,
 * or is what runs as process 1 here. */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/initctl/verbs.h"

#define CODE_NOT_FOUND 127
#define CODE_NOT_RUN   126

static bool is_program(const char *path)
{
	return access(path, X_OK) == 0;
}

/* False where there is none. */
static bool find_init(char path[PATH_MAX])
{
	char own[PATH_MAX / 2];
	ssize_t size = readlink("/proc/self/exe", own, sizeof own - 1);
	const char *folder;

	own[size > 0 ? size : 0] = '\0';
	folder = dirname(own);
	(void)snprintf(path, PATH_MAX, "%s/../libexec/cloister/init", folder);
	if (is_program(path))
		return true;
	(void)snprintf(path, PATH_MAX, "/proc/1/exe");
	if (access(CONTROL_SOCKET, F_OK) == 0 && is_program(path))
		return true;
	(void)snprintf(path, PATH_MAX, "%s/init", folder);
	return is_program(path);
}

int verb_check(struct command *command, struct fault *fault)
{
	const char *words[COMMAND_WORDS_MAX + 4] = {"init", "--check"};
	char path[PATH_MAX];
	size_t count = 2;

	if (!find_init(path)) {
		(void)fault_set(fault, "not_found",
			"init's program is neither beside initctl nor process 1 here");
		return CODE_NOT_FOUND;
	}
	if (command->json)
		words[count++] = "--json";
	for (int i = 0; i < command->word_count; i++)
		words[count++] = command->words[i];
	words[count] = NULL;
	(void)execv(path, (char *const *)(uintptr_t)words);
	(void)fault_io(fault, errno, "cannot run %.300s", path);
	return CODE_NOT_RUN;
}
