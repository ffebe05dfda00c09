/* walk: a directory as a source of members. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "host/eif/members.h"
#include "runtime/eif/newc.h"
#include "runtime/eif/output.h"

/* The directories that are still to be read, by their paths below the root. */
struct walk {
	struct members *members;
	const char *source;
	int root;
	char **folders;
	size_t count;
	size_t room;
	size_t next;
};

static int push(struct walk *walk, const char *path, struct fault *fault)
{
	if (walk->count == walk->room) {
		size_t room = walk->room == 0 ? 64 : 2 * walk->room;
		char **folders = reallocarray(walk->folders, room, sizeof(*folders));

		if (folders == NULL)
			return fault_set(fault, "memory", "no memory for the list of directories");
		walk->folders = folders;
		walk->room = room;
	}
	walk->folders[walk->count] = strdup(path);
	if (walk->folders[walk->count] == NULL)
		return fault_set(fault, "memory", "no memory for the list of directories");
	walk->count++;
	return 0;
}

static int refuse(const struct walk *walk, const char *path, int error, struct fault *fault)
{
	return fault_set(
		fault, "input", "can't read %s/%s: %s", walk->source, path, strerror(error));
}

static int compare_numbers(const void *left, const void *right)
{
	const struct inode *a = left;
	const struct inode *b = right;

	if (a->device != b->device)
		return a->device < b->device ? -1 : 1;
	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	return 0;
}

/* Returns the inode that an earlier link of the same file made, or NULL. */
static struct inode *known_inode(const struct walk *walk, const struct stat *status)
{
	struct inode key = {.device = status->st_dev, .number = status->st_ino};
	void *node = tfind(&key, &walk->members->by_number, compare_numbers);

	return node == NULL ? NULL : *(struct inode **)node;
}

static int read_link(
	const struct walk *walk, const char *path, struct inode *inode, struct fault *fault)
{
	char target[MEMBERS_PATH_MAX + 1];
	ssize_t size = readlinkat(walk->root, path, target, sizeof target);

	if (size < 0)
		return refuse(walk, path, errno, fault);
	if (size > MEMBERS_PATH_MAX)
		return fault_set(fault, "name", "%s: the symlink's target is too long", path);
	inode->mode = S_IFLNK | 0777;
	inode->size = (uint64_t)size;
	inode->name = strndup(target, (size_t)size);
	return inode->name == NULL ? fault_set(fault, "memory", "no memory for a symlink") : 0;
}

static int fill_inode(const struct walk *walk, const char *path, const struct stat *status,
	struct inode *inode, struct fault *fault)
{
	inode->mode = status->st_mode;
	if (S_ISLNK(status->st_mode))
		return read_link(walk, path, inode, fault);
	if (S_ISCHR(status->st_mode) || S_ISBLK(status->st_mode)) {
		inode->special_major = major(status->st_rdev);
		inode->special_minor = minor(status->st_rdev);
	}
	if (!S_ISREG(status->st_mode))
		return 0;
	if (status->st_size > (off_t)NEWC_SIZE_MAX)
		return fault_set(fault, "too-large",
			"%s/%s has 4 GiB or more, which a ramdisk can't hold", walk->source, path);
	inode->size = (uint64_t)status->st_size;
	inode->fd = walk->root;
	inode->name = strdup(path);
	if (inode->name == NULL)
		return fault_set(fault, "memory", "no memory for a path");
	if (status->st_nlink < 2)
		return 0;
	inode->device = status->st_dev;
	inode->number = status->st_ino;
	if (tsearch(inode, &walk->members->by_number, compare_numbers) == NULL)
		return fault_set(fault, "memory", "no memory for the list of hard links");
	return 0;
}

static void count_attributes(struct walk *walk, const char *path)
{
	char whole[PATH_MAX];

	if (snprintf(whole, sizeof whole, "%s/%s", walk->source, path) < (int)sizeof whole &&
		llistxattr(whole, NULL, 0) > 0)
		walk->members->attributes++;
}

static int take(struct walk *walk, const char *path, struct fault *fault)
{
	char canonical[MEMBERS_PATH_MAX + 1];
	struct inode *inode = NULL;
	struct stat status;

	if (fstatat(walk->root, path, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return refuse(walk, path, errno, fault);
	if (S_ISSOCK(status.st_mode)) {
		walk->members->sockets++;
		return 0;
	}
	if (members_path(walk->members, path, canonical, fault) < 0)
		return -1;
	count_attributes(walk, path);
	if (S_ISREG(status.st_mode) && status.st_nlink > 1)
		inode = known_inode(walk, &status);
	if (inode == NULL) {
		inode = members_inode(walk->members);
		if (inode == NULL)
			return fault_set(fault, "memory", "no memory for the list of members");
		if (fill_inode(walk, path, &status, inode, fault) < 0)
			return -1;
	}
	if (members_put(walk->members, canonical, inode, fault) < 0)
		return -1;
	return S_ISDIR(status.st_mode) ? push(walk, path, fault) : 0;
}

/* Reads one directory. */
static int read_folder(struct walk *walk, const char *folder, struct fault *fault)
{
	int fd = openat(walk->root, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	int status = 0;

	if (stream == NULL) {
		status = refuse(walk, folder, errno, fault);
		if (fd >= 0)
			(void)close(fd);
		return status;
	}
	while (status == 0 && (errno = 0, entry = readdir(stream)) != NULL) {
		char path[MEMBERS_PATH_MAX + 1];
		const char *front = strcmp(folder, ".") == 0 ? "" : folder;
		int size;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		size = snprintf(path, sizeof path, "%s%s%s", front, *front == '\0' ? "" : "/",
			entry->d_name);
		if (size > MEMBERS_PATH_MAX)
			status = fault_set(fault, "name", "refused: a name longer than %d bytes",
				MEMBERS_PATH_MAX);
		else if (output_interrupted() != 0)
			status = fault_set(fault, "interrupted", "interrupted");
		else
			status = take(walk, path, fault);
	}
	if (status == 0 && errno != 0)
		status = refuse(walk, folder, errno, fault);
	(void)closedir(stream);
	return status;
}

int members_add_directory(struct members *members, const char *path, struct fault *fault)
{
	struct walk walk = {.members = members, .source = path};
	int status;

	if (members->root_count == MEMBERS_ROOTS)
		return fault_set(
			fault, "usage", "more than %d directories as sources", MEMBERS_ROOTS);
	walk.root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (walk.root < 0)
		return fault_set(fault, "input", "can't read %s: %s", path, strerror(errno));
	members->roots[members->root_count++] = walk.root;
	status = push(&walk, ".", fault);
	while (status == 0 && walk.next < walk.count) {
		status = read_folder(&walk, walk.folders[walk.next], fault);
		free(walk.folders[walk.next]);
		walk.folders[walk.next++] = NULL;
	}
	for (size_t i = walk.next; i < walk.count; i++)
		free(walk.folders[i]);
	free(walk.folders);
	return status;
}
