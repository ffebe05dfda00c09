/* conf_file: a file as conf_parse reads it; see conf.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/kernel/conf.h"

/* Up to one byte more than a text may have, so that conf_parse says what is too much. */
static int read_all(int fd, char *text, size_t room, size_t *size)
{
	ssize_t got = 1;

	*size = 0;
	while (got != 0 && *size < room) {
		got = read(fd, text + *size, room - *size);
		if (got < 0 && errno != EINTR)
			return -1;
		*size += got > 0 ? (size_t)got : 0;
	}
	return 0;
}

static int fail(const char *path, int error, struct fault *fault)
{
	return fault_set(fault, error == ENOENT ? "not_found" : "input", "can't read %s: %s", path,
		strerror(error));
}

int conf_parse_file(struct conf *conf, const char *path, struct fault *fault)
{
	const size_t room = CONF_TEXT_MAX + 1u;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *text = malloc(room);
	struct stat status;
	size_t size = 0;
	int result;

	if (fd < 0)
		result = fail(path, errno, fault);
	else if (text == NULL)
		result = fault_set(fault, "memory", "no memory to read %s", path);
	else if (fstat(fd, &status) != 0 || S_ISDIR(status.st_mode))
		result = fail(path, EISDIR, fault);
	else if (read_all(fd, text, room, &size) != 0)
		result = fail(path, errno, fault);
	else
		result = conf_parse(conf, path, text, size, fault);
	if (fd >= 0)
		(void)close(fd);
	free(text);
	return result;
}
