/* copy_look: what there is already of the files that a sender asks about, and what is done with it:
 * a file that stays as it is, and one that is resumed. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/channel/copy_hash.h"
#include "runtime/channel/copy_part.h"
#include "runtime/channel/copy_receive_inside.h"
#include "runtime/channel/wire.h"

/* --- Where to look ---------------------------------------------------------------------------- */

/* The tree that members are beneath, also before it has come; or null: there is no such folder. */
static const struct path_tree *tree_to_look_at(struct receiver *receiver)
{
	const struct path_place *target = &receiver->options->target;
	const struct path_tree above = {target->folder, receiver->options->one_mount};
	struct fault unused;

	if (receiver->tree.fd >= 0)
		return &receiver->tree;
	if (receiver->looked_at.fd < 0 &&
		path_open_member(&above, target->last, strlen(target->last),
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, &receiver->looked_at.fd,
			&unused) < 0)
		receiver->looked_at.fd = -1;
	return receiver->looked_at.fd >= 0 ? &receiver->looked_at : NULL;
}

/* Opens the place of the file at hand. -1: there is no such folder. */
static int find_place(struct receiver *receiver, struct path_place *place)
{
	const struct path_place *target = &receiver->options->target;
	const char *name = receiver->member.name;
	const struct path_tree *tree;
	struct fault unused;

	place->folder = -1;
	if (*name != '\0') {
		tree = tree_to_look_at(receiver);
		return tree == NULL ? -1
				    : path_open_parent(tree, name, strlen(name), place, &unused);
	}
	if (target->last[0] == '\0')
		return -1;
	place->folder = fcntl(target->folder, F_DUPFD_CLOEXEC, 0);
	memcpy(place->last, target->last, sizeof target->last);
	return place->folder < 0 ? -1 : 0;
}

/* --- Answers ---------------------------------------------------------------------------------- */

static bool has_time(const struct stat *status, const struct timespec *time)
{
	return status->st_mtim.tv_sec == time->tv_sec && status->st_mtim.tv_nsec == time->tv_nsec;
}

/* A file that has other names is not this copy's alone: it is not changed, but replaced. */
static int open_same_size(struct receiver *receiver, const struct path_place *place, int flags,
	struct stat *status, struct fault *fault)
{
	const struct path_tree tree = {place->folder, receiver->options->one_mount};
	int fd;

	if (path_open_member(
		    &tree, place->last, strlen(place->last), flags | O_NOFOLLOW, 0, &fd, fault) < 0)
		return -1;
	if (fstat(fd, status) == 0 && S_ISREG(status->st_mode) && status->st_nlink == 1 &&
		(uint64_t)status->st_size == receiver->member.size)
		return fd;
	close(fd);
	return fault_set(fault, "io", "'%s' has changed since it was looked at: copy it again",
		receiver->member.name);
}

/* Adds the digest of `size` bytes. 1, or 0: they are not there; or -1 with receiver->fault. */
static int hash(struct receiver *receiver, int fd, uint64_t size, uint8_t value[COPY_DIGEST_SIZE])
{
	uint64_t hashed;

	if (copy_hash(&receiver->digest, fd, receiver->member.name, size, &hashed,
		    &receiver->options->watch, &receiver->fault) < 0 ||
		copy_digest_end(&receiver->digest, value, &receiver->fault) < 0)
		return -1;
	return hashed == size;
}

/* 1: answered; 0: there is no such file; or -1 with receiver->fault. */
static int tell_file(struct receiver *receiver, const struct path_place *place)
{
	uint8_t value[COPY_DIGEST_SIZE];
	struct stat status;
	struct fault unused;
	int result = 0, fd = open_same_size(receiver, place, O_RDONLY, &status, &unused);

	if (fd < 0)
		return 0;
	if (receiver->options->compares) {
		result = hash(receiver, fd, receiver->member.size, value);
		if (result > 0)
			field_put(&receiver->answers, SLC_COPY_HAS_DIGEST, value, sizeof value);
	} else if (has_time(&status, &receiver->member.time)) {
		field_put(&receiver->answers, SLC_COPY_HAS_SAME, NULL, 0);
		result = 1;
	}
	close(fd);
	return result;
}

/* The same of what was kept of it. */
static int tell_part(struct receiver *receiver, const struct path_place *place)
{
	uint8_t value[COPY_FROM_SIZE];
	uint64_t size = 0;
	int result = 0, fd;

	fd = receiver->options->keeps ? copy_part_open(place, &size) : -1;
	if (fd < 0)
		return 0;
	if (size <= receiver->member.size)
		result = hash(receiver, fd, size, value + 8);
	if (result > 0) {
		wire_put_long(value, size);
		field_put(&receiver->answers, SLC_COPY_HAS_PART, value, sizeof value);
	}
	close(fd);
	return result;
}

int copy_look(struct receiver *receiver)
{
	struct path_place place;
	int result = 0;

	if (find_place(receiver, &place) == 0) {
		result = tell_file(receiver, &place);
		if (result == 0)
			result = tell_part(receiver, &place);
		path_leave(&place);
	}
	if (result == 0)
		field_put(&receiver->answers, SLC_COPY_HAS_NOTHING, NULL, 0);
	return result < 0 ? -1 : 0;
}

int copy_tell(struct receiver *receiver)
{
	size_t written = 0;

	while (written < receiver->answers.used) {
		ssize_t n = write(receiver->options->answers, receiver->answers.bytes + written,
			receiver->answers.used - written);

		if (n < 0 && errno != EINTR)
			return fault_set(&receiver->fault, "lost",
				"the other end of the copy does not read the answers");
		if (copy_go_on(&receiver->options->watch, &receiver->fault) < 0)
			return -1;
		written += n > 0 ? (size_t)n : 0;
	}
	receiver->answers.used = 0;
	return 0;
}

/* --- What comes of it ------------------------------------------------------------------------- */

int copy_look_stay(struct receiver *receiver)
{
	const struct timespec *time = &receiver->member.time;
	mode_t mode = copy_place_mode(receiver);
	struct fault *fault = &receiver->fault;
	struct stat status;
	int result = 0, fd;

	fd = open_same_size(receiver, &receiver->place, O_RDONLY, &status, fault);
	if (fd < 0)
		return -1;
	if (!receiver->options->compares && !has_time(&status, time))
		result = fault_set(fault, "io",
			"'%s' has changed since it was looked at: copy it again",
			receiver->member.name);
	else if (copy_place_attributes(receiver, fd) < 0)
		result = -1;
	else if (fstat(fd, &status) < 0)
		result = path_fault(fault, errno, "look at", receiver->member.name,
			strlen(receiver->member.name));
	else if ((status.st_mode & 07777u) != mode || !has_time(&status, time))
		result = path_set(fd, mode, time, fault);
	close(fd);
	receiver->outcome->unchanged += result == 0;
	return result;
}

/* What was kept must be what the sender has seen the digest of, and it alone. */
static int check_part(struct receiver *receiver)
{
	const struct copy_member *member = &receiver->member;
	struct fault *fault = &receiver->fault;
	uint8_t value[COPY_DIGEST_SIZE];
	uint64_t size;

	if (copy_hash(&receiver->digest, receiver->file, member->name, member->from, &size,
		    &receiver->options->watch, fault) < 0 ||
		copy_digest_peek(&receiver->digest, value, fault) < 0)
		return -1;
	if (size != member->from || memcmp(value, member->from_digest, sizeof value) != 0)
		return fault_set(fault, "digest",
			"what was kept of '%s' has changed: copy it again", member->name);
	if (ftruncate(receiver->file, (off_t)size) < 0)
		return path_fault(fault, errno, "resume", member->name, strlen(member->name));
	receiver->done = size;
	receiver->outcome->resumed += size;
	return 0;
}

int copy_look_resume(struct receiver *receiver)
{
	const char *temporary = receiver->temporary;

	if (copy_part_take(&receiver->place, temporary, &receiver->file) < 0)
		return fault_set(&receiver->fault, "io",
			"what was kept of '%s' is gone: copy it again", receiver->member.name);
	if (check_part(receiver) == 0)
		return 0;
	if (strcmp(receiver->fault.word, "digest") != 0)
		(void)copy_part_keep(&receiver->place, temporary);
	return -1;
}
