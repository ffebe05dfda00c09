/* members: what goes into a ramdisk: paths and inodes, collected from layers, in canonical order.
 *
 * A later layer's path takes the place of an earlier one's. Only this list is in memory; contents
 * stay in their files, or in one scratch file when they came out of an archive.
 */
#ifndef CLOISTER_HOST_EIF_MEMBERS_H
#define CLOISTER_HOST_EIF_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/kernel/fault.h"

#define MEMBERS_PATH_MAX 4095 /* bytes; the kernel skips members with longer names */
#define MEMBERS_ROOTS    64   /* directories as sources */

/* A file of any kind. Several members may name one regular file: hard links. */
struct inode {
	struct inode *next; /* in the order of making, to free them */
	uint32_t mode;      /* kind and permissions, as in stat */
	uint32_t uid;
	uint32_t gid;
	uint32_t special_major; /* of device nodes */
	uint32_t special_minor;
	uint64_t size;   /* bytes of content, or of a symlink's target */
	int fd;          /* where the content is: a directory, or the scratch file; borrowed */
	char *name;      /* the content's path below the directory; or the symlink's target */
	uint64_t offset; /* the content's place in the scratch file, when there is no name */
	dev_t device;    /* of a directory source's file, to know hard links; else 0 */
	ino_t number;
	uint32_t links;   /* members that name it */
	uint32_t written; /* of these, how many are in the archive already */
	uint32_t archive_number;
};

struct member {
	struct inode *inode;
	char path[]; /* canonical: relative, without ".", ".." or empty parts */
};

struct members {
	struct member **list; /* sorted after members_finish */
	size_t count;
	size_t room;
	void *by_path;   /* a tsearch tree of the members' paths */
	void *by_number; /* one of inodes that may have further links */
	struct inode *inodes;
	int roots[MEMBERS_ROOTS];
	size_t root_count;
	int scratch; /* -1 until an archive's content needs it */
	uint64_t scratch_size;
	const char *output; /* borrowed: the scratch file is made beside it */
	char prefix[MEMBERS_PATH_MAX + 1];
	size_t attributes; /* members whose extended attributes or access lists are lost */
	size_t sockets;    /* members that were left out */
};

/* Begins an empty list. `prefix` (or NULL) is put in front of all paths. Word "name". */
int members_open(
	struct members *members, const char *prefix, const char *output, struct fault *fault);
void members_close(struct members *members);

/* Adds what a directory holds, owned by 0:0, or what a tar archive holds. Words: "input",
 * "archive", "name", "kind", "conflict", "too-large", "memory", "io". */
int members_add_directory(struct members *members, const char *path, struct fault *fault);
int members_add_archive(struct members *members, const char *path, struct fault *fault);

/* Either, by what `path` is. */
int members_add(struct members *members, const char *path, struct fault *fault);

/* Adds the missing parents, checks that every parent is a directory, and sorts. */
int members_finish(struct members *members, struct fault *fault);

/* Says on stderr what could not be kept. */
void members_warn(const struct members *members, const char *program);

/* For the sources: brings a path into canonical form, prefix included. An empty result stands for
 * the root itself. Word "name". */
int members_path(const struct members *members, const char *path,
	char canonical[MEMBERS_PATH_MAX + 1], struct fault *fault);

/* For the sources: a new inode, owned by the list; NULL without memory. */
struct inode *members_inode(struct members *members);

/* For the sources: enters a canonical path, in the place of an earlier one. Word "conflict" when
 * one is a directory and the other is none. */
int members_put(
	struct members *members, const char *path, struct inode *inode, struct fault *fault);

/* For the sources: the member at a canonical path, or NULL. */
struct member *members_find(const struct members *members, const char *path);

#endif
