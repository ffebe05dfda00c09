/* copy_names: see copy_names.h. */
#include "runtime/channel/copy_names.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE   65536u
#define NAME_AVERAGE 128u

void copy_names_open(struct copy_names *names, uint32_t limit)
{
	*names = (struct copy_names){.text = NULL};
	copy_inodes_init(&names->inodes, limit);
}

void copy_names_close(struct copy_names *names)
{
	copy_inodes_free(&names->inodes);
	free(names->text);
	names->text = NULL;
}

const char *copy_names_find(const struct copy_names *names, const struct stat *status)
{
	const struct copy_inode *inode = NULL;

	if (S_ISREG(status->st_mode) && status->st_nlink > 1)
		inode = copy_inodes_find(&names->inodes, status);
	return inode != NULL ? names->text + inode->value : NULL;
}

static bool make_room(struct copy_names *names, size_t length)
{
	uint64_t most = (uint64_t)names->inodes.limit * NAME_AVERAGE;
	uint32_t size = names->size == 0 ? FIRST_SIZE : names->size * 2;
	char *text;

	if (names->size - names->used >= length)
		return true;
	if (names->used + length > most || size > INT32_MAX)
		return false;
	text = realloc(names->text, size);
	if (text == NULL)
		return false;
	names->text = text;
	names->size = size;
	return true;
}

void copy_names_keep(struct copy_names *names, const struct stat *status, const char *name)
{
	size_t length = strlen(name) + 1;

	if (status->st_nlink < 2 || !make_room(names, length) ||
		!copy_inodes_add(&names->inodes, status, names->used))
		return;
	memcpy(names->text + names->used, name, length);
	names->used += (uint32_t)length;
}
