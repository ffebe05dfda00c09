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

/* --port N is --addr vsock:any:N. */
static int take_ports(int count, char **arguments)
{
	for (int i = 1; i < count; i++) {
		bool is_next = strcmp(arguments[i], "--port") == 0 && i + 1 < count;

		if (!is_next && strncmp(arguments[i], "--port=", 7) != 0)
			continue;
		if (asprintf(&arguments[i], "--addr=vsock:any:%s",
			    is_next ? arguments[i + 1] : arguments[i] + 7) < 0)
			return -1;
		if (is_next) /* no argument is left empty */
			(void)memmove(arguments + i + 1, arguments + i + 2,
				(size_t)(count - i - 1) * sizeof *arguments);
		count -= is_next;
	}
	return 0;
}

int verb_listen(struct options *options, int count, char **arguments, struct failure *failure)
{
	char path[ADDRESS_TEXT_MAX];

	if (options->address != NULL || options->enclave != NULL || options->enclave_id != NULL ||
		options->has_cid || options->port != 0 || options->config != NULL ||
		options->seconds != 0 || options->json || options->quiet || options->is_insecure ||
		options->root != NULL || options->policy != NULL || options->accepts_unsigned ||
		options->accepts_debug)
		return fault_set(&failure->fault, "usage",
			"listen has its options behind it: pipeline listen --addr ADDRESS");
	if (take_ports(count, arguments) != 0)
		return fault_set(&failure->fault, "memory", "no memory");
	find_beside(path);
	arguments[0] = SERVER;
	(void)execvp(path[0] != '\0' ? path : SERVER, arguments);
	return fault_set(&failure->fault, "not_found", "can't start %s, which serves: %s", SERVER,
		strerror(errno));
}
