/* path: opens and changes what others name, and never anything outside of where they may.
 *
 * The kernel resolves each name in one call (openat2), so that nobody can exchange a folder for a
 * link between a check and a use. There are two kinds of names:
 * - a named path is what a caller asks for. It is resolved as if `root` were "/": an absolute name
 *   begins there, ".." stops there, and symbolic links are followed without leaving it.
 * - a member is a name inside a tree that is copied. It must be path_member_ok (path_name.h), is
 *   resolved beneath the tree's folder, and goes through no symbolic link.
 * Neither goes through a link of /proc, which leads wherever a process has something open.
 *
 * Changes are made to a place: the folder that a name is in, held open, and the name's last part.
 * A file, a link or a symbolic link is made under a temporary name beside its target and renamed
 * over it, so that whoever looks sees the old one or the new one, whole.
 *
 * All functions return 0, or -1 with a fault. Words of faults: path (the name leaves its root, or
 * goes through a link), request (it is no name), not_found, denied, space, limit (no descriptors),
 * busy (folders above were moved again and again), kernel (openat2 is missing), io.
 * A name is text[0..n) with n of PATH_NAME_MAX at most; it needs no NUL. Descriptors that are
 * handed out are CLOEXEC and their receiver's to close. */
#ifndef CLOISTER_RUNTIME_KERNEL_PATH_H
#define CLOISTER_RUNTIME_KERNEL_PATH_H

#include <sys/types.h>
#include <time.h>

#include "runtime/kernel/fault.h"
#include "runtime/kernel/path_name.h"

#define PATH_TRIES         128 /* how often openat2 is asked again after EAGAIN */
#define PATH_TEMPORARY_MAX 19  /* bytes of ".cloister-XXXXXXXX" with the NUL */

/* --- Opening ---------------------------------------------------------------------------------- */

/* Opens a named path under `root`, a descriptor of a folder (O_PATH will do). flags and mode are
 * those of openat. No terminal becomes the controlling one, and no FIFO is waited for: O_NOCTTY and
 * O_NONBLOCK are added, which do nothing to files. */
int path_open(
	int root, const char *name, size_t n, int flags, mode_t mode, int *fd, struct fault *fault);

/* The same through no symbolic link: "path" where there is one. With O_PATH and O_NOFOLLOW the last
 * part may be one, and it is what is opened. */
int path_open_plain(
	int root, const char *name, size_t n, int flags, mode_t mode, int *fd, struct fault *fault);

/* A folder whose members are copied. */
struct path_tree {
	int fd;         /* the folder; stays its owner's */
	bool one_mount; /* what is mounted inside is out of bounds: "path" */
};

/* The same for a member. */
int path_open_member(const struct path_tree *tree, const char *name, size_t n, int flags,
	mode_t mode, int *fd, struct fault *fault);

/* --- Places ----------------------------------------------------------------------------------- */

struct path_place {
	int folder; /* O_PATH; -1 after path_leave */
	char last[PATH_PART_MAX + 1u];
};

/* The place of a named path. The folder must exist; what the last part names need not, and where it
 * is a symbolic link it is not followed: the link is what gets replaced. Slashes at the end do not
 * count. "request" where there is no last part, or it is "." or "..". */
int path_locate(
	int root, const char *name, size_t n, struct path_place *place, struct fault *fault);

/* The same, and no folder on the way is reached through a symbolic link. */
int path_locate_plain(
	int root, const char *name, size_t n, struct path_place *place, struct fault *fault);

/* The place of a member. */
int path_open_parent(const struct path_tree *tree, const char *name, size_t n,
	struct path_place *place, struct fault *fault);

/* Closes the folder. A place that was left may be left again. */
void path_leave(struct path_place *place);

/* --- Changes ---------------------------------------------------------------------------------- */

/* Makes the folder; one that is there already is as good, and keeps its mode. */
int path_make_folder(const struct path_place *place, mode_t mode, struct fault *fault);

/* Makes the folders of a named path that are missing, the last part too. */
int path_make_folders(int root, const char *name, size_t n, mode_t mode, struct fault *fault);

/* Makes an empty file (mode 0600) beside the target and opens it for writing. */
int path_create(const struct path_place *place, char temporary[PATH_TEMPORARY_MAX], int *fd,
	struct fault *fault);

/* Puts the temporary over the target, which may be missing but not a folder. */
int path_rename(const struct path_place *place, const char *temporary, struct fault *fault);

/* Removes what a path_create has left behind; it may be gone already. */
int path_remove(const struct path_place *place, const char *temporary, struct fault *fault);

/* Puts a symbolic link in place. Its text is not looked at: it is never followed here. */
int path_symlink(const struct path_place *place, const char *text, struct fault *fault);

/* Puts a hard link in place: another name of the file that an earlier member is. */
int path_link(const struct path_place *place, const struct path_tree *tree, const char *earlier,
	size_t n, struct fault *fault);

/* Sets the low 12 bits of the mode, and the time of the last change, of what fd is opened on
 * (not by O_PATH). The time of the last reading is set to the same. */
int path_set(int fd, mode_t mode, const struct timespec *time, struct fault *fault);

/* Sets the times of a symbolic link, which has no mode. */
int path_set_link(const struct path_place *place, const struct timespec *time, struct fault *fault);

/* Sets a fault by what `error`, an errno, means for a name. Always returns -1. */
int path_fault(struct fault *fault, int error, const char *what, const char *name, size_t n);

#endif
