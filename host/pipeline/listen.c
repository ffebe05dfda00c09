/* listen: the verb that serves; the work is that of another program, slc. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/pipeline/verbs.h"

#define SERVER "slc"

/* The path of the program beside this one; "" where there is none. */
static void find_beside(char path[ADDRESS_TEXT_MAX])
{
	ssize_t size = readlink("/proc/self/exe", path, ADDRESS_TEXT_MAX - sizeof SERVER - 1);
	char *slash;

	path[size > 0 ? size : 0] = '\0';
	slash = strrchr(path, '/');
	if (slash != NULL)
		(void)memcpy(slash + 1, SERVER, sizeof SERVER);
	if (slash == NULL || access(path, X_OK) != 0)
		path[0] = '\0';
}

int verb_listen(struct options *options, int count, char **arguments, struct failure *failure)
{
	char path[ADDRESS_TEXT_MAX];

	(void)count;
	if (options->address != NULL || options->enclave != NULL || options->seconds != 0 ||
		options->json || options->quiet || options->is_insecure || options->root != NULL ||
		options->policy != NULL || options->accepts_unsigned || options->accepts_debug)
		return fault_set(&failure->fault, "usage",
			"listen has its options behind it: pipeline listen --addr ADDRESS");
	find_beside(path);
	arguments[0] = SERVER;
	(void)execvp(path[0] != '\0' ? path : SERVER, arguments);
	return fault_set(&failure->fault, "not_found", "can't start %s, which serves: %s", SERVER,
		strerror(errno));
}
