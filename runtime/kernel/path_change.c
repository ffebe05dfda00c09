/* path_change: makes, replaces and removes what is at a place; see path.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/kernel/path.h"

#define NAMES_TRIED 16 /* temporary names; that one of them is taken is already unlikely */

static int change_fault(struct fault *fault, const char *what, const struct path_place *place)
{
	return path_fault(fault, errno, what, place->last, strlen(place->last));
}

static bool is_folder(int folder, const char *name)
{
	struct stat status;

	return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
}

int path_make_folder(const struct path_place *place, mode_t mode, struct fault *fault)
{
	if (mkdirat(place->folder, place->last, mode) == 0)
		return 0;
	if (errno == EEXIST && is_folder(place->folder, place->last))
		return 0;
	errno = errno == EEXIST ? ENOTDIR : errno;
	return change_fault(fault, "make the folder", place);
}

/* Makes the folder name[0..n) where nothing has that name yet. */
static int make_missing(int root, const char *name, size_t n, mode_t mode, struct fault *fault)
{
	struct path_place place;
	int fd, result;

	if (path_open(root, name, n, O_PATH | O_DIRECTORY, 0, &fd, fault) == 0) {
		close(fd);
		return 0;
	}
	if (path_locate(root, name, n, &place, fault) < 0)
		return -1;
	result = path_make_folder(&place, mode, fault);
	path_leave(&place);
	return result;
}

int path_make_folders(int root, const char *name, size_t n, mode_t mode, struct fault *fault)
{
	if (n > PATH_NAME_MAX)
		return path_fault(fault, ENAMETOOLONG, "make the folders of", name, n);
	for (size_t i = 1; i < n; i++)
		if (name[i] == '/' && name[i - 1] != '/' &&
			make_missing(root, name, i, mode, fault) < 0)
			return -1;
	return make_missing(root, name, n, mode, fault);
}

/* A name that nobody else uses: 40 random bits in base 32. */
static int draw_name(char temporary[PATH_TEMPORARY_MAX], struct fault *fault)
{
	static const char prefix[] = ".cloister-";
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
	uint8_t random[8];

	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		return fault_io(fault, errno, "cannot draw a random name");
	memcpy(temporary, prefix, sizeof prefix);
	for (size_t i = 0; i < sizeof random; i++)
		temporary[sizeof prefix - 1 + i] = digits[random[i] % 32];
	temporary[PATH_TEMPORARY_MAX - 1] = '\0';
	return 0;
}

/* Makes something under a temporary name: 0 or a descriptor, or -1 with errno. */
typedef int maker(int folder, const char *temporary, const void *data);

static int make_temporary(const struct path_place *place, maker *make, const void *data,
	char temporary[PATH_TEMPORARY_MAX], const char *what, struct fault *fault)
{
	int made = -1;

	for (int i = 0; i < NAMES_TRIED; i++) {
		if (draw_name(temporary, fault) < 0)
			return -1;
		made = make(place->folder, temporary, data);
		if (made >= 0 || errno != EEXIST)
			break;
	}
	if (made >= 0)
		return made;
	temporary[0] = '\0';
	return change_fault(fault, what, place);
}

static int make_file(int folder, const char *temporary, const void *data)
{
	(void)data;
	return openat(
		folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

static int make_symlink(int folder, const char *temporary, const void *text)
{
	return symlinkat(text, folder, temporary);
}

/* Without AT_SYMLINK_FOLLOW: of a symbolic link, the link itself gets another name. */
static int make_link(int folder, const char *temporary, const void *data)
{
	const struct path_place *from = data;

	return linkat(from->folder, from->last, folder, temporary, 0);
}

int path_create(const struct path_place *place, char temporary[PATH_TEMPORARY_MAX], int *fd,
	struct fault *fault)
{
	*fd = make_temporary(
		place, make_file, NULL, temporary, "make a temporary file beside", fault);
	return *fd < 0 ? -1 : 0;
}

int path_rename(const struct path_place *place, const char *temporary, struct fault *fault)
{
	if (renameat(place->folder, temporary, place->folder, place->last) == 0)
		return 0;
	return change_fault(fault, "put in place", place);
}

int path_remove(const struct path_place *place, const char *temporary, struct fault *fault)
{
	if (temporary[0] == '\0' || unlinkat(place->folder, temporary, 0) == 0 || errno == ENOENT)
		return 0;
	return change_fault(fault, "remove the temporary file beside", place);
}

/* Renames over the target what was just made, and takes it away again where that fails. The kernel
 * does not rename one link of a file over another one, so the name is removed in any case. */
static int settle(const struct path_place *place, const char *temporary, struct fault *fault)
{
	struct fault unused;
	int result = path_rename(place, temporary, fault);

	(void)path_remove(place, temporary, &unused);
	return result;
}

int path_symlink(const struct path_place *place, const char *text, struct fault *fault)
{
	char temporary[PATH_TEMPORARY_MAX] = "";

	if (make_temporary(place, make_symlink, text, temporary, "make the symbolic link", fault) <
		0)
		return -1;
	return settle(place, temporary, fault);
}

int path_link(const struct path_place *place, const struct path_tree *tree, const char *earlier,
	size_t n, struct fault *fault)
{
	char temporary[PATH_TEMPORARY_MAX] = "";
	struct path_place from;
	int made;

	if (path_open_parent(tree, earlier, n, &from, fault) < 0)
		return -1;
	made = make_temporary(place, make_link, &from, temporary, "make the hard link", fault);
	path_leave(&from);
	return made < 0 ? -1 : settle(place, temporary, fault);
}

int path_set(int fd, mode_t mode, const struct timespec *time, struct fault *fault)
{
	struct timespec times[2] = {*time, *time};

	if (fchmod(fd, mode & 07777u) < 0 || futimens(fd, times) < 0)
		return fault_io(fault, errno, "cannot set the mode and the times of a member");
	return 0;
}

int path_set_link(const struct path_place *place, const struct timespec *time, struct fault *fault)
{
	struct timespec times[2] = {*time, *time};

	if (utimensat(place->folder, place->last, times, AT_SYMLINK_NOFOLLOW) < 0)
		return change_fault(fault, "set the times of", place);
	return 0;
}
