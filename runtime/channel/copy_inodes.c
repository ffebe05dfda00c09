/* copy_inodes: see copy_inodes.h. */
#include "runtime/channel/copy_inodes.h"

#include <stddef.h>
#include <stdlib.h>

#define FIRST_SIZE 1024u

void copy_inodes_init(struct copy_inodes *inodes, uint32_t limit)
{
	*inodes = (struct copy_inodes){.limit = limit};
}

void copy_inodes_free(struct copy_inodes *inodes)
{
	free(inodes->places);
	copy_inodes_init(inodes, inodes->limit);
}

/* Where the file is, or the free place where it would be. */
static struct copy_inode *place_of(const struct copy_inodes *inodes, dev_t device, ino_t number)
{
	uint64_t hash = (number ^ device << 32) * UINT64_C(0x9e3779b97f4a7c15);
	uint32_t at = (uint32_t)(hash >> 32) & (inodes->size - 1);
	struct copy_inode *place = &inodes->places[at];

	while (place->is_used && (place->number != number || place->device != device)) {
		at = (at + 1) & (inodes->size - 1);
		place = &inodes->places[at];
	}
	return place;
}

static bool grow(struct copy_inodes *inodes)
{
	struct copy_inodes larger = *inodes;

	larger.size = inodes->size == 0 ? FIRST_SIZE : inodes->size * 2;
	larger.places = calloc(larger.size, sizeof *larger.places);
	if (larger.places == NULL)
		return false;
	for (uint32_t i = 0; i < inodes->size; i++) {
		const struct copy_inode *old = &inodes->places[i];

		if (old->is_used)
			*place_of(&larger, old->device, old->number) = *old;
	}
	free(inodes->places);
	*inodes = larger;
	return true;
}

const struct copy_inode *copy_inodes_find(
	const struct copy_inodes *inodes, const struct stat *status)
{
	const struct copy_inode *place;

	if (inodes->size == 0)
		return NULL;
	place = place_of(inodes, status->st_dev, status->st_ino);
	return place->is_used ? place : NULL;
}

bool copy_inodes_add(struct copy_inodes *inodes, const struct stat *status, uint32_t value)
{
	struct copy_inode *place;

	if (inodes->used >= inodes->limit)
		return false;
	if (inodes->used >= inodes->size / 2 && !grow(inodes))
		return false;
	place = place_of(inodes, status->st_dev, status->st_ino);
	inodes->used += place->is_used ? 0 : 1;
	place->device = status->st_dev;
	place->number = status->st_ino;
	place->value = value;
	place->is_used = true;
	return true;
}
