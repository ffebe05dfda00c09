/* copy_walk: see copy_walk.h. */
#include "runtime/channel/copy_walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int copy_walk_open(struct copy_walk *walk, const char *root, uint32_t size, struct fault *fault)
{
	*walk = (struct copy_walk){.root = (uint32_t)strlen(root)};
	walk->size = size / 4 * 4;
	memcpy(walk->name, root, walk->root);
	walk->memory = malloc(walk->size);
	if (walk->memory != NULL)
		return 0;
	return fault_set(fault, "space", "there is no memory for the names of a copy");
}

void copy_walk_close(struct copy_walk *walk)
{
	free(walk->memory);
	walk->memory = NULL;
}

/* Where the newest entry at the end of the memory is. */
static uint32_t *newest(const struct copy_walk *walk)
{
	return (uint32_t *)(void *)(walk->memory + walk->size) - walk->sorted;
}

/* --- Entering --------------------------------------------------------------------------------- */

static int keep_name(struct copy_walk *walk, const char *name, struct fault *fault)
{
	size_t length = strlen(name) + 1;
	size_t room = walk->size - walk->used - walk->sorted * sizeof(uint32_t);

	if (room < length + sizeof(uint32_t))
		return fault_set(fault, "limit",
			"the names in '%s' and the folders above it need more than %u bytes: copy "
			"the tree in parts",
			walk->name, walk->size);
	memcpy(walk->memory + walk->used, name, length);
	walk->sorted++;
	*newest(walk) = walk->used;
	walk->used += (uint32_t)length;
	return 0;
}

/* A folder that was removed meanwhile has no names any more: the library says so. */
static int read_names(struct copy_walk *walk, DIR *stream, struct fault *fault)
{
	const struct dirent *entry;

	for (errno = 0; (entry = readdir(stream)) != NULL; errno = 0) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (keep_name(walk, entry->d_name, fault) < 0)
			return -1;
	}
	if (errno != 0)
		return fault_io(fault, errno, "cannot read the folder '%s'", walk->name);
	return 0;
}

static int compare(const void *a, const void *b, void *memory)
{
	const char *names = memory;

	return strcmp(names + *(const uint32_t *)a, names + *(const uint32_t *)b);
}

/* Reads through a descriptor of our own, so that the caller's keeps its offset. */
static DIR *open_stream(int folder)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;

	if (stream == NULL && fd >= 0)
		close(fd);
	return stream;
}

int copy_walk_enter(struct copy_walk *walk, int folder, struct fault *fault)
{
	struct copy_level *level = &walk->levels[walk->depth];
	uint32_t before = walk->sorted;
	DIR *stream = open_stream(folder);
	int result;

	if (stream == NULL)
		return fault_io(fault, errno, "cannot read the folder '%s'", walk->name);
	*level = (struct copy_level){.begin = walk->used, .length = (uint32_t)strlen(walk->name)};
	result = read_names(walk, stream, fault);
	closedir(stream);
	if (result < 0)
		return -1;
	level->names = walk->sorted - before;
	qsort_r(newest(walk), level->names, sizeof(uint32_t), compare, walk->memory);
	walk->depth++;
	return 0;
}

/* --- Walking ---------------------------------------------------------------------------------- */

static void leave(struct copy_walk *walk, const struct copy_level *level)
{
	walk->used = level->begin;
	walk->sorted -= level->names;
	walk->depth--;
}

static int append(struct copy_walk *walk, uint32_t at, const char *part, struct fault *fault)
{
	size_t length = strlen(part);

	if (at + 1 + length > PATH_NAME_MAX)
		return fault_set(fault, "limit",
			"a name in the folder '%s' has more than %u bytes with all folders",
			walk->name, PATH_NAME_MAX);
	if (at > 0)
		walk->name[at++] = '/';
	memcpy(walk->name + at, part, length + 1);
	return 1;
}

int copy_walk_next(struct copy_walk *walk, struct fault *fault)
{
	while (walk->depth > 0) {
		struct copy_level *level = &walk->levels[walk->depth - 1];

		walk->name[level->length] = '\0';
		if (level->next < level->names) {
			uint32_t at = newest(walk)[level->next++];

			return append(walk, level->length, (const char *)walk->memory + at, fault);
		}
		leave(walk, level);
	}
	return 0;
}
