/* unix_file: the file that stands for a Unix socket of ours: made, replaced when its owner is gone,
 * and removed only while it is still ours. */
#ifndef CLOISTER_RUNTIME_NET_UNIX_FILE_H
#define CLOISTER_RUNTIME_NET_UNIX_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "runtime/net/address.h"

struct unix_file {
	int folder;              /* its descriptor; -1: there is no file */
	char leaf[NAME_MAX + 1]; /* the last part of the path */
	dev_t device;            /* which file it is, */
	ino_t inode;             /* so that we don't remove another one */
};

/* Binds a socket to the path of an address (hybrid: to PATH_PORT, where its other end expects who
 * listens) and, where backlog is above 0, listens. mode: of the file, whatever the umask is.
 *
 * A socket that is there already is replaced when nobody is behind it. Who opens a socket locks the
 * folder for the time of that, so that two of us don't take each other for dead; it waits for
 * the lock a second at most, or not at all, and without the lock it replaces nothing.
 *
 * Where the path has more than 107 bytes, its last part can have UNIX_PATH_LEAF_MAX.
 * Faults: "in_use", "denied", "refused" (no such folder), "address" (the last part is missing or
 * too long), "limit", "io"; the socket stays the caller's, also then. */
int unix_file_bind(struct unix_file *file, int fd, const struct address *address, mode_t mode,
	int backlog, bool waits, struct fault *fault);

/* Removes the file if it is still the one that we made. Call it before the socket is closed: until
 * then no other file can get its number. */
void unix_file_remove(struct unix_file *file);

#endif
