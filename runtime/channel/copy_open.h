/* copy_open: opens what a copy is about, by the paths that people name: its source and its target.
 * Descriptors are CLOEXEC and the caller's to close. Faults: those of path.h, and "request". */
#ifndef CLOISTER_RUNTIME_CHANNEL_COPY_OPEN_H
#define CLOISTER_RUNTIME_CHANNEL_COPY_OPEN_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/kernel/path.h"

/* Opens path[0..n) under `root` (a folder's descriptor) as the source of a copy. Where the path
 * itself is a symbolic link it is followed within the root if `follow` says so; otherwise the link
 * is the source. "request" for what can't be copied: sockets, FIFOs and devices, which are not
 * opened, so that nothing happens to them. */
int copy_open_source(
	int root, const char *path, size_t n, bool follow, int *source, struct fault *fault);

/* Opens path[0..n) under `root` as the target of a copy. `into`: it is a folder, which must exist,
 * and members are put in it under their names; target->last is "". Otherwise target->last names
 * what the copy's one member becomes, in a folder that must exist. A symbolic link there is
 * replaced, not followed. path_leave closes the target. */
int copy_open_target(int root, const char *path, size_t n, bool into, struct path_place *target,
	struct fault *fault);

/* What is in the target's place and is no file, folder or link would be replaced by one: nobody
 * means that. For ends where a person names the target. Fault: "output". */
int copy_open_check(const struct path_place *target, struct fault *fault);

#endif
