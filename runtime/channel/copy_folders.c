/* copy_folders: see copy_folders.h. */
#include "runtime/channel/copy_folders.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A record is the folder's name, then this. So they can be read from the last one on. */
struct record {
	struct timespec time;
	mode_t mode;
	uint32_t length; /* of the name, without a NUL */
};

int copy_folders_open(struct copy_folders *folders, size_t size, struct fault *fault)
{
	*folders = (struct copy_folders){.memory = malloc(size), .size = size};
	if (folders->memory != NULL)
		return 0;
	return fault_set(fault, "space", "there is no memory for the folders of a copy");
}

void copy_folders_close(struct copy_folders *folders)
{
	free(folders->memory);
	*folders = (struct copy_folders){.memory = NULL};
}

int copy_folders_add(struct copy_folders *folders, const char *name, mode_t mode,
	const struct timespec *time, struct fault *fault)
{
	struct record record = {.time = *time, .mode = mode, .length = (uint32_t)strlen(name)};
	uint8_t *to = folders->memory + folders->used;

	if (folders->size - folders->used < record.length + sizeof record)
		return fault_set(fault, "limit",
			"there are more folders than this end keeps in mind, in %zu bytes: copy "
			"the tree in parts",
			folders->size);
	memcpy(to, name, record.length);
	memcpy(to + record.length, &record, sizeof record);
	folders->used += record.length + sizeof record;
	return 0;
}

static int set_folder(const struct path_tree *tree, const char *name, const struct record *record,
	struct fault *fault)
{
	int fd, result;

	if (record->length == 0)
		return path_set(tree->fd, record->mode, &record->time, fault);
	if (path_open_member(tree, name, record->length, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0,
		    &fd, fault) < 0)
		return -1;
	result = path_set(fd, record->mode, &record->time, fault);
	close(fd);
	return result;
}

int copy_folders_set(
	const struct copy_folders *folders, const struct path_tree *tree, struct fault *fault)
{
	size_t at = folders->used;
	struct record record;

	while (at > 0) {
		at -= sizeof record;
		memcpy(&record, folders->memory + at, sizeof record);
		at -= record.length;
		if (set_folder(tree, (const char *)folders->memory + at, &record, fault) < 0)
			return -1;
	}
	return 0;
}
