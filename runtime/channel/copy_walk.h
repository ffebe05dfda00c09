/* copy_walk: the names below a folder, in the order in which a copy sends them: parents first, each
 * folder's in the order of their bytes, and all that is below a folder before what follows it.
 *
 * Only folders that are entered are read; the names of all folders between the root and the member
 * at hand are kept, in memory of a fixed size. */
#ifndef CLOISTER_RUNTIME_CHANNEL_COPY_WALK_H
#define CLOISTER_RUNTIME_CHANNEL_COPY_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/kernel/fault.h"
#include "runtime/kernel/path_name.h"

#define COPY_WALK_DEPTH (PATH_NAME_MAX / 2u + 2u) /* folders in a longest name, and the root */

/* A folder that was entered. */
struct copy_level {
	uint32_t begin;  /* of its names in the memory */
	uint32_t names;  /* how many there are */
	uint32_t next;   /* the one that comes next */
	uint32_t length; /* of its own name in `name` */
};

struct copy_walk {
	/* Names, each with a NUL, grow from the front. Where they begin grows from the end,
	 * sorted within each folder. */
	uint8_t *memory;
	uint32_t size;
	uint32_t used;                 /* at the front */
	uint32_t sorted;               /* entries at the end */
	uint32_t depth;                /* levels in use */
	uint32_t root;                 /* bytes of `name` that name the root */
	char name[PATH_NAME_MAX + 1u]; /* of the member at hand, with the root's in front */
	struct copy_level levels[COPY_WALK_DEPTH];
};

/* A walk whose root has a name, "" or a part. `size`: bytes of memory, up to 2^31. -1: "space". */
int copy_walk_open(struct copy_walk *walk, const char *root, uint32_t size, struct fault *fault);
void copy_walk_close(struct copy_walk *walk);

/* Enters a folder, whose name is walk->name at this moment. `folder` is open for reading, and stays
 * the caller's. -1: "limit", the names need more memory, or "io". */
int copy_walk_enter(struct copy_walk *walk, int folder, struct fault *fault);

/* The next member: 1, 0 at the end of the walk, or -1 with "limit": its name is too long. */
int copy_walk_next(struct copy_walk *walk, struct fault *fault);

/* The member's name below the root; "" for the root itself. */
static inline const char *copy_walk_below(const struct copy_walk *walk)
{
	const char *name = walk->name + walk->root;

	return *name == '/' ? name + 1 : name;
}

#endif
