/* copy_part: see copy_part.h. */
#include "runtime/channel/copy_part.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool copy_part_name(char name[PATH_PART_MAX + 1u], const char *last)
{
	if (*last == '\0' || strlen(last) > PATH_PART_MAX - strlen(COPY_PART_PREFIX))
		return false;
	(void)snprintf(name, PATH_PART_MAX + 1u, "%s%s", COPY_PART_PREFIX, last);
	return true;
}

static int open_file(const struct path_place *place, const char *name, int flags, uint64_t *size)
{
	const struct path_tree tree = {.fd = place->folder, .one_mount = true};
	struct stat status;
	struct fault unused;
	int fd;

	if (path_open_member(&tree, name, strlen(name), flags | O_NOFOLLOW, 0, &fd, &unused) < 0)
		return -1;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 1 &&
		status.st_uid == geteuid() && status.st_size > 0) {
		*size = (uint64_t)status.st_size;
		return fd;
	}
	close(fd);
	return -1;
}

int copy_part_open(const struct path_place *place, uint64_t *size)
{
	char name[PATH_PART_MAX + 1u];

	return copy_part_name(name, place->last) ? open_file(place, name, O_RDONLY, size) : -1;
}

int copy_part_keep(const struct path_place *place, const char *temporary)
{
	char name[PATH_PART_MAX + 1u];

	if (!copy_part_name(name, place->last))
		return -1;
	return renameat(place->folder, temporary, place->folder, name);
}

int copy_part_take(const struct path_place *place, const char *temporary, int *fd)
{
	char name[PATH_PART_MAX + 1u];
	uint64_t unused;
	int part;

	if (!copy_part_name(name, place->last) ||
		renameat(place->folder, name, place->folder, temporary) < 0)
		return -1;
	part = open_file(place, temporary, O_RDWR, &unused);
	if (part < 0) {
		(void)renameat(place->folder, temporary, place->folder, name);
		return -1;
	}
	close(*fd);
	*fd = part;
	return 0;
}

void copy_part_remove(const struct path_place *place)
{
	char name[PATH_PART_MAX + 1u];

	if (copy_part_name(name, place->last))
		(void)unlinkat(place->folder, name, 0);
}
