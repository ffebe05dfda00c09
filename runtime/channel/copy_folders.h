/* copy_folders: the folders that a copy has put in place, and what they become in the end. While
 * members are put into them they have to be writable, and their times change; so their modes and
 * times are set when all is in place, the last one first. */
#ifndef CLOISTER_RUNTIME_CHANNEL_COPY_FOLDERS_H
#define CLOISTER_RUNTIME_CHANNEL_COPY_FOLDERS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "runtime/kernel/fault.h"
#include "runtime/kernel/path.h"

struct copy_folders {
	uint8_t *memory; /* of records, one after the other; pages that none needs stay untouched */
	size_t size;
	size_t used;
};

/* size: bytes of memory, 1 or more. -1 with "space". */
int copy_folders_open(struct copy_folders *folders, size_t size, struct fault *fault);
void copy_folders_close(struct copy_folders *folders);

/* Keeps a folder in mind; name "" is the tree itself. -1 with "limit". */
int copy_folders_add(struct copy_folders *folders, const char *name, mode_t mode,
	const struct timespec *time, struct fault *fault);

/* Sets modes and times of all of them, through no symbolic link. */
int copy_folders_set(
	const struct copy_folders *folders, const struct path_tree *tree, struct fault *fault);

#endif
