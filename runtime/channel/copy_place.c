/* copy_place: where a member goes, and how what has no bytes gets there: folders and links. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/channel/copy_receive_inside.h"

#define SET_ID 06000u

mode_t copy_place_mode(const struct receiver *receiver)
{
	mode_t mode = receiver->member.mode;

	return receiver->options->keep_set_id ? mode : mode & ~SET_ID;
}

/* What is there already may not be writable; it gets its mode later. */
int copy_place_attributes(struct receiver *receiver, int fd)
{
	struct copy_attributes *attributes = &receiver->attributes;
	const char *name = receiver->member.name;
	struct fault *fault = &receiver->fault;
	struct stat status;
	int result;

	if (!receiver->options->attributes)
		return 0;
	result = copy_attributes_set(attributes, fd, name, fault);
	if (result < 0 && strcmp(fault->word, "denied") == 0 && fstat(fd, &status) == 0 &&
		(status.st_mode & S_IWUSR) == 0 &&
		fchmod(fd, (status.st_mode & 07777u) | S_IWUSR) == 0) {
		result = copy_attributes_set(attributes, fd, name, fault);
		if (result < 0)
			(void)fchmod(fd, status.st_mode & 07777u);
	}
	if (result == 0)
		receiver->outcome->attributes += attributes->count;
	return result;
}

/* --- Where a member goes ---------------------------------------------------------------------- */

static int enter_target(struct receiver *receiver)
{
	const struct path_place *target = &receiver->options->target;

	if (receiver->has_target || receiver->tree.fd >= 0)
		return fault_set(&receiver->fault, "request",
			"a member has no name, where it would have to have one");
	receiver->place.folder = fcntl(target->folder, F_DUPFD_CLOEXEC, 0);
	if (receiver->place.folder < 0)
		return path_fault(&receiver->fault, errno, "use the target", target->last,
			strlen(target->last));
	memcpy(receiver->place.last, target->last, sizeof target->last);
	receiver->has_target = true;
	return 0;
}

int copy_place_enter(struct receiver *receiver)
{
	const char *name = receiver->member.name;

	receiver->done = 0;
	copy_receive_progress(receiver);
	if (*name == '\0')
		return enter_target(receiver);
	if (receiver->tree.fd < 0)
		return fault_set(&receiver->fault, "request",
			"the member '%s' is in no folder: the target must be one, and come first",
			name);
	return path_open_parent(
		&receiver->tree, name, strlen(name), &receiver->place, &receiver->fault);
}

/* --- Members without bytes -------------------------------------------------------------------- */

/* The target itself, now that it is a folder: what the other members are beneath. */
static int open_tree(struct receiver *receiver)
{
	const struct path_place *place = &receiver->place;
	const struct path_tree above = {place->folder, receiver->options->one_mount};

	return path_open_member(&above, place->last, strlen(place->last),
		O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, &receiver->tree.fd, &receiver->fault);
}

static int place_folder_attributes(struct receiver *receiver)
{
	const struct path_place *place = &receiver->place;
	const struct path_tree above = {place->folder, receiver->options->one_mount};
	int fd, result;

	if (!receiver->options->attributes)
		return 0;
	if (path_open_member(&above, place->last, strlen(place->last),
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, &fd, &receiver->fault) < 0)
		return -1;
	result = copy_place_attributes(receiver, fd);
	close(fd);
	return result;
}

static int place_folder(struct receiver *receiver)
{
	const struct copy_member *member = &receiver->member;

	if (path_make_folder(&receiver->place, 0700, &receiver->fault) < 0)
		return -1;
	if (member->name[0] == '\0' && open_tree(receiver) < 0)
		return -1;
	if (copy_share_is_further(&receiver->options->share)) {
		receiver->repeated++;
		return 0;
	}
	if (place_folder_attributes(receiver) < 0)
		return -1;
	return copy_folders_add(&receiver->folders, member->name, copy_place_mode(receiver),
		&member->time, &receiver->fault);
}

static int place_symlink(struct receiver *receiver)
{
	if (path_symlink(&receiver->place, receiver->member.link, &receiver->fault) < 0)
		return -1;
	return path_set_link(&receiver->place, &receiver->member.time, &receiver->fault);
}

/* A hard link may lead to a file of this copy only: to another one it would open a way around the
 * folders that guard that. */
static int check_link(struct receiver *receiver)
{
	const char *name = receiver->member.link;
	struct fault *fault = &receiver->fault;
	struct stat status;
	int fd, result;

	if (receiver->tree.fd < 0)
		return fault_set(fault, "request", "there is no member '%s' to link to", name);
	if (path_open_member(
		    &receiver->tree, name, strlen(name), O_PATH | O_NOFOLLOW, 0, &fd, fault) < 0)
		return -1;
	result = fstat(fd, &status);
	if (result < 0)
		path_fault(fault, errno, "look at", name, strlen(name));
	close(fd);
	if (result < 0 || copy_inodes_find(&receiver->files, &status) != NULL)
		return result;
	if (receiver->files.used >= receiver->files.limit)
		return fault_set(fault, "limit",
			"'%s' can't be linked to: only %u files of a copy can", name,
			receiver->files.limit);
	return fault_set(
		fault, "request", "'%s' can't be linked to: it is no file of this copy", name);
}

static int place_link(struct receiver *receiver)
{
	const char *name = receiver->member.link;

	if (check_link(receiver) < 0)
		return -1;
	return path_link(&receiver->place, &receiver->tree, name, strlen(name), &receiver->fault);
}

int copy_place_make(struct receiver *receiver)
{
	switch (receiver->member.kind) {
	case COPY_FOLDER:
		return place_folder(receiver);
	case COPY_SYMLINK:
		return place_symlink(receiver);
	case COPY_FILE:
		return copy_look_stay(receiver);
	default:
		return place_link(receiver);
	}
}
