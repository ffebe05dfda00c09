/* members: see members.h. This file holds the list; walk.c and tar.c fill it. */
#include "host/eif/members.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/eif/newc.h"

static int no_memory(struct fault *fault)
{
	return fault_set(fault, "memory", "no memory for the list of members");
}

int members_open(
	struct members *members, const char *prefix, const char *output, struct fault *fault)
{
	char canonical[MEMBERS_PATH_MAX + 1];

	memset(members, 0, sizeof *members);
	members->scratch = -1;
	members->output = output;
	if (prefix == NULL)
		return 0;
	if (members_path(members, prefix, canonical, fault) < 0)
		return -1;
	memcpy(members->prefix, canonical, sizeof canonical);
	return 0;
}

static void keep(void *node)
{
	(void)node;
}

void members_close(struct members *members)
{
	struct inode *inode = members->inodes;

	tdestroy(members->by_path, keep);
	tdestroy(members->by_number, keep);
	for (size_t i = 0; i < members->count; i++)
		free(members->list[i]);
	free(members->list);
	while (inode != NULL) {
		struct inode *next = inode->next;

		free(inode->name);
		free(inode);
		inode = next;
	}
	for (size_t i = 0; i < members->root_count; i++)
		(void)close(members->roots[i]);
	if (members->scratch >= 0)
		(void)close(members->scratch);
	memset(members, 0, sizeof *members);
	members->scratch = -1;
}

/* Appends one part of a path. */
static int append(char *canonical, size_t *used, const char *part, size_t size)
{
	size_t slash = *used == 0 ? 0 : 1;

	if (*used + slash + size > MEMBERS_PATH_MAX)
		return -1;
	if (slash == 1)
		canonical[(*used)++] = '/';
	memcpy(canonical + *used, part, size);
	*used += size;
	return 0;
}

int members_path(const struct members *members, const char *path,
	char canonical[MEMBERS_PATH_MAX + 1], struct fault *fault)
{
	const char *next = path;
	size_t used = strlen(members->prefix);

	memcpy(canonical, members->prefix, used);
	while (*next != '\0') {
		size_t size = strcspn(next, "/");

		if (size == 2 && memcmp(next, "..", 2) == 0)
			return fault_set(fault, "name", "refused: a name with \"..\": %s", path);
		if (size > 0 && !(size == 1 && *next == '.') &&
			append(canonical, &used, next, size) < 0)
			return fault_set(fault, "name",
				"refused: a name longer than %d bytes: %.64s...", MEMBERS_PATH_MAX,
				path);
		next += size;
		next += strspn(next, "/");
	}
	canonical[used] = '\0';
	if (strcspn(canonical, "/") == NEWC_TRAILER_SIZE - 1 &&
		memcmp(canonical, NEWC_TRAILER, NEWC_TRAILER_SIZE - 1) == 0)
		return fault_set(fault, "name", "refused: a file named %s, which ends an archive",
			NEWC_TRAILER);
	return 0;
}

struct inode *members_inode(struct members *members)
{
	struct inode *inode = calloc(1, sizeof *inode);

	if (inode == NULL)
		return NULL;
	inode->fd = -1;
	inode->next = members->inodes;
	members->inodes = inode;
	return inode;
}

static int compare_paths(const void *left, const void *right)
{
	return strcmp(left, right);
}

struct member *members_find(const struct members *members, const char *path)
{
	void *node = tfind(path, &members->by_path, compare_paths);

	if (node == NULL)
		return NULL;
	return (struct member *)(void *)(*(char **)node - offsetof(struct member, path));
}

static int append_member(struct members *members, struct member *member)
{
	if (members->count == members->room) {
		size_t room = members->room == 0 ? 256 : 2 * members->room;
		struct member **list = reallocarray(members->list, room, sizeof(void *));

		if (list == NULL)
			return -1;
		members->list = list;
		members->room = room;
	}
	if (tsearch(member->path, &members->by_path, compare_paths) == NULL)
		return -1;
	members->list[members->count++] = member;
	return 0;
}

static int add_new(
	struct members *members, const char *path, struct inode *inode, struct fault *fault)
{
	size_t size = strlen(path) + 1;
	struct member *member = malloc(sizeof *member + size);

	if (member == NULL)
		return no_memory(fault);
	member->inode = inode;
	memcpy(member->path, path, size);
	if (append_member(members, member) < 0) {
		free(member);
		return no_memory(fault);
	}
	inode->links++;
	return 0;
}

int members_put(struct members *members, const char *path, struct inode *inode, struct fault *fault)
{
	struct member *member = members_find(members, path);

	if (member == NULL)
		return add_new(members, path, inode, fault);
	if (S_ISDIR(member->inode->mode) != S_ISDIR(inode->mode))
		return fault_set(fault, "conflict",
			"%s is a directory in one source and none in another", path);
	member->inode->links--;
	member->inode = inode;
	inode->links++;
	return 0;
}

/* Sees to it that a member's parent is there and a directory. */
static int add_parent(struct members *members, const char *path, struct fault *fault)
{
	char parent[MEMBERS_PATH_MAX + 1];
	const char *slash = strrchr(path, '/');
	struct member *found;
	struct inode *inode;

	if (slash == NULL)
		return 0;
	memcpy(parent, path, (size_t)(slash - path));
	parent[slash - path] = '\0';
	found = members_find(members, parent);
	if (found != NULL && S_ISDIR(found->inode->mode))
		return 0;
	if (found != NULL)
		return fault_set(
			fault, "conflict", "%s lies below %s, which is no directory", path, parent);
	inode = members_inode(members);
	if (inode == NULL)
		return no_memory(fault);
	inode->mode = S_IFDIR | 0755;
	return add_new(members, parent, inode, fault);
}

static int compare_members(const void *left, const void *right)
{
	const struct member *const *first = left;
	const struct member *const *second = right;

	return strcmp((*first)->path, (*second)->path);
}

int members_finish(struct members *members, struct fault *fault)
{
	struct inode *prefix;

	if (members->prefix[0] != '\0' && members_find(members, members->prefix) == NULL) {
		prefix = members_inode(members);
		if (prefix == NULL)
			return no_memory(fault);
		prefix->mode = S_IFDIR | 0755;
		if (add_new(members, members->prefix, prefix, fault) < 0)
			return -1;
	}
	/* The list grows while it is walked, so the parents' parents come in too. */
	for (size_t i = 0; i < members->count; i++) {
		if (add_parent(members, members->list[i]->path, fault) < 0)
			return -1;
	}
	if (members->count > 0)
		qsort(members->list, members->count, sizeof(void *), compare_members);
	return 0;
}

int members_add(struct members *members, const char *path, struct fault *fault)
{
	struct stat status;

	if (stat(path, &status) < 0)
		return fault_set(fault, "input", "can't read %s: %s", path, strerror(errno));
	if (S_ISDIR(status.st_mode))
		return members_add_directory(members, path, fault);
	return members_add_archive(members, path, fault);
}

void members_warn(const struct members *members, const char *program)
{
	if (members->attributes > 0)
		fprintf(stderr,
			"%s: warning: %zu members had extended attributes or access lists, which "
			"a ramdisk can't hold\n",
			program, members->attributes);
	if (members->sockets > 0)
		fprintf(stderr, "%s: warning: %zu sockets were left out\n", program,
			members->sockets);
}
