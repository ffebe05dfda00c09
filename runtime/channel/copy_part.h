/* copy_part: what is kept of a file whose copy broke off, so that a later copy can resume it. It is
 * beside the file's target, in a file that is called ".cloister-part." and then as the target, and
 * that nobody but its owner may read. Only a copy that was asked to keep what breaks off leaves one
 * or looks for one, and one that puts the file in place removes it. */
#ifndef CLOISTER_RUNTIME_CHANNEL_COPY_PART_H
#define CLOISTER_RUNTIME_CHANNEL_COPY_PART_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/kernel/path.h"

#define COPY_PART_PREFIX ".cloister-part."

/* The name that the part of last has, in the same folder. False: it would be too long, and there
 * are no parts of such files. */
bool copy_part_name(char name[PATH_PART_MAX + 1u], const char *last);

/* Opens the part of this place, of one byte or more. -1: there is none, or it can't be used; as one
 * that has another name, too, and is then no part. */
int copy_part_open(const struct path_place *place, uint64_t *size);

/* The temporary becomes the part of this place; -1: it does not, and is as it was. */
int copy_part_keep(const struct path_place *place, const char *temporary);

/* The part becomes the temporary, in place of the empty one of this name, and opened in *fd in its
 * stead, for reading and writing. -1: it can't be used, and is where it was. */
int copy_part_take(const struct path_place *place, const char *temporary, int *fd);

/* Removes it, where there is one. */
void copy_part_remove(const struct path_place *place);

#endif
