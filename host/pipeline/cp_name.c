/* cp_name: paths that people write, as path.h wants them: absolute, and with names for members. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/pipeline/cp.h"

int cp_open(struct cp *cp, struct fault *fault)
{
	cp->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (cp->root < 0)
		return fault_set(fault, "input", "can't open /: %s", strerror(errno));
	if (getcwd(cp->here, sizeof cp->here) == NULL)
		return fault_set(
			fault, "input", "the current folder has no path: %s", strerror(errno));
	return 0;
}

void cp_close(struct cp *cp)
{
	if (cp->root >= 0)
		close(cp->root);
	cp->root = -1;
}

int cp_absolute(const struct cp *cp, const char *path, char absolute[PATH_MAX], struct fault *fault)
{
	const char *folder = *path == '/' ? "" : cp->here;
	int size = snprintf(absolute, PATH_MAX, "%s/%s", folder, path);

	if (size >= PATH_MAX)
		return fault_set(fault, "path", "%.64s...: the path is too long", path);
	return 0;
}

/* The last part as it stands there; "" where there is none. */
static void last_part(const char *path, char name[PATH_PART_MAX + 1])
{
	size_t end = strlen(path), begin;

	while (end > 0 && path[end - 1] == '/')
		end--;
	begin = end;
	while (begin > 0 && path[begin - 1] != '/')
		begin--;
	if (end - begin > PATH_PART_MAX)
		begin = end - PATH_PART_MAX; /* no file system has it: opening it tells */
	(void)memcpy(name, path + begin, end - begin);
	name[end - begin] = '\0';
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		name[0] = '\0';
}

int cp_name(
	const struct cp *cp, const char *path, char name[PATH_PART_MAX + 1], struct fault *fault)
{
	char absolute[PATH_MAX], *real;

	last_part(path, name);
	if (name[0] == '\0' && cp->target != NULL && cp_absolute(cp, path, absolute, fault) == 0) {
		real = realpath(absolute, NULL); /* it is here: where it leads to has a name */
		if (real != NULL)
			last_part(real, name);
		free(real);
	}
	if (name[0] == '\0')
		return fault_set(fault, "request",
			"%.200s has no name of its own: name the target without a / at its end, "
			"where nothing is yet",
			path);
	return 0;
}
