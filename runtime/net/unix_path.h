/* unix_path: Unix sockets by paths of up to 4095 bytes, where the kernel takes 107: a longer one
 * goes through /proc/self/fd, so that /proc must be mounted then. */
#ifndef CLOISTER_RUNTIME_NET_UNIX_PATH_H
#define CLOISTER_RUNTIME_NET_UNIX_PATH_H

#include "runtime/net/address.h"

#define UNIX_PATH_LEAF_MAX 80u /* bytes of a name behind a descriptor's path */

/* Whether an address is a socket in the file system: unix:PATH, hybrid, a stand-in. */
bool unix_path_is(const struct address *address);

/* How to connect to it: the endpoint, and in *held a descriptor that the endpoint speaks of, to be
 * closed after the call of connect; -1 where there is none. No symbolic link is followed behind a
 * stand-in's folder. Faults: "refused" (no such socket), "denied", "limit", "io". */
int unix_path_target(
	const struct address *address, struct endpoint *endpoint, int *held, struct fault *fault);

/* The endpoint of a path; -1 where the path is too long for one. */
int unix_path_name(struct endpoint *endpoint, const char *path);

/* The endpoint of what stands behind a descriptor: `leaf` in that folder, or itself for null. */
void unix_path_behind(struct endpoint *endpoint, int fd, const char *leaf);

/* Opens the folder DIR/CID of a stand-in, with O_PATH or O_RDONLY. */
int unix_path_stand_in(const struct address *address, int flags, struct fault *fault);

#endif
