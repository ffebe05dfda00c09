/* path: names to descriptors; see path.h. */
#include "runtime/kernel/path.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SHOWN 256u /* bytes of a name that a fault has room for */

#define NAMED  (RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS)
#define PLAIN  (NAMED | RESOLVE_NO_SYMLINKS)
#define MEMBER (RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS)

static const char *word_of(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return "not_found";
	case EACCES:
	case EPERM:
	case EROFS:
	case EEXIST:
	case EISDIR:
	case ENOTEMPTY:
		return "denied";
	case ENOSPC:
	case EDQUOT:
		return "space";
	case EMFILE:
	case ENFILE:
		return "limit";
	case ENAMETOOLONG:
	case EINVAL:
		return "request";
	default:
		return "io";
	}
}

int path_fault(struct fault *fault, int error, const char *what, const char *name, size_t n)
{
	return fault_set(fault, word_of(error), "cannot %s '%.*s': %s", what,
		(int)(n < SHOWN ? n : SHOWN), name, strerror(error));
}

/* What openat2 itself means by an error, and no other call does. */
static int resolve_fault(struct fault *fault, int error, const char *what, const char *name)
{
	switch (error) {
	case EXDEV:
	case ELOOP:
		return fault_set(fault, "path",
			"cannot %s '%.*s': it leaves its root, or goes through a link", what,
			(int)SHOWN, name);
	case EAGAIN:
		return fault_set(fault, "busy",
			"cannot %s '%.*s': the folders above it are being moved; try again", what,
			(int)SHOWN, name);
	case ENOSYS:
		return fault_set(fault, "kernel",
			"cannot %s '%.*s': this kernel has no openat2, and no other call keeps "
			"names in bounds; Linux 5.6 or a newer one is needed",
			what, (int)SHOWN, name);
	default:
		return path_fault(fault, error, what, name, strlen(name));
	}
}

/* A copy of name[0..n) with a NUL. */
struct text {
	char bytes[PATH_NAME_MAX + 1u];
};

static int copy_name(struct text *text, const char *name, size_t n, struct fault *fault)
{
	if (n < 1 || n > PATH_NAME_MAX)
		return fault_set(fault, "request", "a path has 1 to %u bytes, and this one %zu",
			PATH_NAME_MAX, n);
	if (memchr(name, '\0', n) != NULL)
		return fault_set(
			fault, "request", "there is a NUL in the path '%.*s'", (int)SHOWN, name);
	memcpy(text->bytes, name, n);
	text->bytes[n] = '\0';
	return 0;
}

/* The kernel says EAGAIN when a folder somewhere was moved while it resolved "..": it can't tell
 * whether it still is where it thinks. A limit keeps a mover from holding us here. */
static int resolve(int folder, const char *name, const struct open_how *how)
{
	long fd = -1;

	for (int i = 0; i < PATH_TRIES; i++) {
		fd = syscall(SYS_openat2, folder, name, how, sizeof *how);
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	return (int)fd;
}

static int open_confined(int folder, const struct text *name, struct open_how how, int *fd,
	const char *what, struct fault *fault)
{
	how.flags |= O_CLOEXEC;
	if ((how.flags & O_PATH) == 0)
		how.flags |= O_NOCTTY | O_NONBLOCK;
	*fd = resolve(folder, name->bytes, &how);
	if (*fd >= 0)
		return 0;
	return resolve_fault(fault, errno, what, name->bytes);
}

/* openat takes a mode that is not needed, openat2 does not. */
static struct open_how how_to(int flags, mode_t mode, uint64_t resolve)
{
	struct open_how how = {.flags = (uint64_t)(unsigned)flags, .resolve = resolve};

	if ((flags & O_CREAT) != 0)
		how.mode = mode & 07777u;
	return how;
}

static int open_named(
	int root, const char *name, size_t n, struct open_how how, int *fd, struct fault *fault)
{
	struct text text;

	*fd = -1;
	if (copy_name(&text, name, n, fault) < 0)
		return -1;
	return open_confined(root, &text, how, fd, "open", fault);
}

int path_open(
	int root, const char *name, size_t n, int flags, mode_t mode, int *fd, struct fault *fault)
{
	return open_named(root, name, n, how_to(flags, mode, NAMED), fd, fault);
}

int path_open_plain(
	int root, const char *name, size_t n, int flags, mode_t mode, int *fd, struct fault *fault)
{
	return open_named(root, name, n, how_to(flags, mode, PLAIN), fd, fault);
}

static uint64_t member_rules(const struct path_tree *tree)
{
	return tree->one_mount ? MEMBER | RESOLVE_NO_XDEV : MEMBER;
}

static int copy_member(struct text *text, const char *name, size_t n, struct fault *fault)
{
	if (copy_name(text, name, n, fault) < 0)
		return -1;
	if (!path_member_ok(name, n))
		return fault_set(fault, "path",
			"'%.*s' is no name of a member: its parts are parted by single slashes, "
			"have 1 to %u bytes, and are neither '.' nor '..'",
			(int)SHOWN, text->bytes, PATH_PART_MAX);
	return 0;
}

int path_open_member(const struct path_tree *tree, const char *name, size_t n, int flags,
	mode_t mode, int *fd, struct fault *fault)
{
	struct open_how how = how_to(flags, mode, member_rules(tree));
	struct text text;

	*fd = -1;
	if (copy_member(&text, name, n, fault) < 0)
		return -1;
	return open_confined(tree->fd, &text, how, fd, "open", fault);
}

/* Opens the folder that the last part of `text` is in. */
static int open_place(int folder, struct text *text, uint64_t rules, struct path_place *place,
	struct fault *fault)
{
	struct open_how how = how_to(O_PATH | O_DIRECTORY, 0, rules);
	char *slash = strrchr(text->bytes, '/');
	const char *last = slash != NULL ? slash + 1 : text->bytes;
	size_t length = strlen(last);

	place->folder = -1;
	if (length > PATH_PART_MAX)
		return path_fault(fault, ENAMETOOLONG, "use", text->bytes, strlen(text->bytes));
	if (length == 0 || strcmp(last, ".") == 0 || strcmp(last, "..") == 0)
		return fault_set(fault, "request",
			"'%.*s' does not end in a name: give the path of what is to be made",
			(int)SHOWN, text->bytes);
	memcpy(place->last, last, length + 1);
	if (slash != NULL)
		slash[1] = '\0';
	else
		memcpy(text->bytes, ".", sizeof ".");
	return open_confined(folder, text, how, &place->folder, "use the folder", fault);
}

static int locate(int root, const char *name, size_t n, uint64_t rules, struct path_place *place,
	struct fault *fault)
{
	struct text text;

	place->folder = -1;
	while (n > 1 && name[n - 1] == '/')
		n--;
	if (copy_name(&text, name, n, fault) < 0)
		return -1;
	return open_place(root, &text, rules, place, fault);
}

int path_locate(int root, const char *name, size_t n, struct path_place *place, struct fault *fault)
{
	return locate(root, name, n, NAMED, place, fault);
}

int path_locate_plain(
	int root, const char *name, size_t n, struct path_place *place, struct fault *fault)
{
	return locate(root, name, n, PLAIN, place, fault);
}

int path_open_parent(const struct path_tree *tree, const char *name, size_t n,
	struct path_place *place, struct fault *fault)
{
	struct text text;

	place->folder = -1;
	if (copy_member(&text, name, n, fault) < 0)
		return -1;
	return open_place(tree->fd, &text, member_rules(tree), place, fault);
}

void path_leave(struct path_place *place)
{
	if (place->folder >= 0)
		close(place->folder);
	place->folder = -1;
}
