/* copy_effect: does on the disk what copy_job asks for, and answers with its next event. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/channel/copy_hole.h"
#include "runtime/channel/copy_part.h"
#include "runtime/channel/copy_receive_inside.h"

static struct answer answer(enum copy_job_event event)
{
	return (struct answer){.event = event, .n = 0};
}

/* The work that failed is answered by `event`, with the reason of receiver->fault. */
static struct answer failure(const struct receiver *receiver, enum copy_job_event event)
{
	return (struct answer){.event = event, .n = copy_reason(&receiver->fault)};
}

static bool prints(const struct receiver *receiver)
{
	return receiver->options->output >= 0;
}

static void leave(struct receiver *receiver)
{
	if (receiver->file >= 0)
		close(receiver->file);
	receiver->file = -1;
	receiver->temporary[0] = '\0';
	path_leave(&receiver->place);
}

static struct answer do_place(struct receiver *receiver)
{
	int result;

	if (prints(receiver))
		result = copy_print_refuse(receiver);
	else
		result = copy_place_enter(receiver) < 0 ? -1 : copy_place_make(receiver);
	leave(receiver);
	return result < 0 ? failure(receiver, COPY_JOB_RENAME_FAILED) : answer(COPY_JOB_RENAMED);
}

/* --- Files ------------------------------------------------------------------------------------ */

static struct answer do_create(struct receiver *receiver)
{
	struct fault unused;

	if (prints(receiver))
		return copy_print_begin(receiver) < 0 ? failure(receiver, COPY_JOB_CREATE_FAILED)
						      : answer(COPY_JOB_CREATED);
	if (copy_place_enter(receiver) == 0 &&
		copy_digest_begin(&receiver->digest, &receiver->fault) == 0 &&
		path_create(&receiver->place, receiver->temporary, &receiver->file,
			&receiver->fault) == 0) {
		if (receiver->member.from == 0 || copy_look_resume(receiver) == 0)
			return answer(COPY_JOB_CREATED);
		(void)path_remove(&receiver->place, receiver->temporary, &unused);
	}
	leave(receiver);
	return failure(receiver, COPY_JOB_CREATE_FAILED);
}

static int write_bytes(struct receiver *receiver)
{
	const struct field *piece = &receiver->piece;
	const char *name = receiver->member.name;
	uint32_t written = 0;

	while (written < piece->length) {
		ssize_t n = write(receiver->file, piece->value + written, piece->length - written);

		if (n < 0 && errno == EFBIG)
			return fault_set(&receiver->fault, "space",
				"'%s' is larger than files may be here", name);
		if (n < 0 && errno != EINTR)
			return path_fault(&receiver->fault, errno, "write", name, strlen(name));
		written += n > 0 ? (uint32_t)n : 0;
	}
	return 0;
}

/* What is behind the file's end becomes a hole where the file system has such. */
static int make_hole(struct receiver *receiver)
{
	off_t end = (off_t)(receiver->done + receiver->piece.length);
	const char *name = receiver->member.name;

	if (ftruncate(receiver->file, end) < 0 && errno == EFBIG)
		return fault_set(
			&receiver->fault, "space", "'%s' is larger than files may be here", name);
	if (lseek(receiver->file, 0, SEEK_END) != end)
		return path_fault(&receiver->fault, errno, "write", name, strlen(name));
	return 0;
}

static int write_hole(struct receiver *receiver)
{
	size_t left = prints(receiver) ? receiver->piece.length : 0, part;

	for (; left > 0; left -= part) {
		part = left < COPY_ZEROS_SIZE ? left : COPY_ZEROS_SIZE;
		if (copy_print(receiver, copy_zeros, part) < 0)
			return -1;
	}
	if (!prints(receiver) && make_hole(receiver) < 0)
		return -1;
	return copy_digest_zeros(&receiver->digest, receiver->piece.length, &receiver->fault);
}

static int write_piece(struct receiver *receiver)
{
	const struct field *piece = &receiver->piece;
	int result;

	if (piece->value == NULL)
		return write_hole(receiver);
	result = prints(receiver) ? copy_print(receiver, piece->value, piece->length)
				  : write_bytes(receiver);
	if (result < 0)
		return -1;
	return copy_digest_add(&receiver->digest, piece->value, piece->length, &receiver->fault);
}

static struct answer do_write(struct receiver *receiver)
{
	if (write_piece(receiver) < 0)
		return failure(receiver, COPY_JOB_WRITE_FAILED);
	receiver->done += receiver->piece.length;
	receiver->outcome->bytes += receiver->piece.length;
	copy_receive_progress(receiver);
	return (struct answer){.event = COPY_JOB_WRITTEN, .n = receiver->piece.length};
}

static struct answer do_verify(struct receiver *receiver)
{
	const char *name = receiver->member.name;
	uint8_t value[COPY_DIGEST_SIZE];

	if (copy_digest_end(&receiver->digest, value, &receiver->fault) < 0)
		return failure(receiver, COPY_JOB_ABORT);
	if (receiver->options->sync && receiver->file >= 0 && fsync(receiver->file) < 0) {
		path_fault(&receiver->fault, errno, "write", name, strlen(name));
		return failure(receiver, COPY_JOB_ABORT);
	}
	if (memcmp(value, receiver->expected, sizeof value) == 0)
		return answer(COPY_JOB_DIGEST_OK);
	fault_set(&receiver->fault, "digest",
		"the bytes of '%s' that arrived are not those that were sent: send it again", name);
	return answer(COPY_JOB_DIGEST_BAD);
}

/* Some file systems tell only on closing that there was no room. */
static int close_file(struct receiver *receiver)
{
	const char *name = receiver->member.name;
	int result = close(receiver->file);

	receiver->file = -1;
	if (result == 0 || errno == EINTR)
		return 0;
	return path_fault(&receiver->fault, errno, "write", name, strlen(name));
}

static struct answer do_rename(struct receiver *receiver)
{
	const struct copy_member *member = &receiver->member;
	struct stat status;

	if (prints(receiver))
		return answer(COPY_JOB_RENAMED);
	if (fstat(receiver->file, &status) < 0) {
		path_fault(&receiver->fault, errno, "look at", member->name, strlen(member->name));
		return failure(receiver, COPY_JOB_RENAME_FAILED);
	}
	if (copy_place_attributes(receiver, receiver->file) < 0 ||
		path_set(receiver->file, copy_place_mode(receiver), &member->time,
			&receiver->fault) < 0 ||
		close_file(receiver) < 0 ||
		path_rename(&receiver->place, receiver->temporary, &receiver->fault) < 0)
		return failure(receiver, COPY_JOB_RENAME_FAILED);
	if (receiver->options->keeps)
		copy_part_remove(&receiver->place);
	copy_inodes_add(&receiver->files, &status, 0);
	leave(receiver);
	return answer(COPY_JOB_RENAMED);
}

static struct answer do_keep(struct receiver *receiver)
{
	if (receiver->done == 0 || prints(receiver) || close_file(receiver) < 0 ||
		copy_part_keep(&receiver->place, receiver->temporary) < 0)
		return answer(COPY_JOB_KEEP_FAILED);
	leave(receiver);
	return answer(COPY_JOB_KEPT);
}

static struct answer do_remove(struct receiver *receiver)
{
	struct fault unused;

	(void)path_remove(&receiver->place, receiver->temporary, &unused);
	leave(receiver);
	return answer(COPY_JOB_REMOVED);
}

/* --- Questions -------------------------------------------------------------------------------- */

static struct answer do_look(struct receiver *receiver)
{
	return copy_look(receiver) < 0 ? failure(receiver, COPY_JOB_ABORT)
				       : answer(COPY_JOB_LOOKED);
}

static struct answer do_tell(struct receiver *receiver)
{
	return copy_tell(receiver) < 0 ? failure(receiver, COPY_JOB_ABORT) : answer(COPY_NO_ANSWER);
}

/* --- The end ---------------------------------------------------------------------------------- */

/* One call for all names, instead of one for each folder. */
static int sync_names(struct receiver *receiver)
{
	int folder =
		openat(receiver->options->target.folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = folder < 0 ? -1 : syncfs(folder);

	if (result < 0)
		fault_io(&receiver->fault, errno, "cannot write to the disk what was copied");
	if (folder >= 0)
		close(folder);
	return result;
}

static struct answer do_finish(struct receiver *receiver)
{
	if (copy_folders_set(&receiver->folders, &receiver->tree, &receiver->fault) < 0 ||
		(receiver->options->sync && sync_names(receiver) < 0))
		return failure(receiver, COPY_JOB_FINISH_FAILED);
	return answer(COPY_JOB_FINISHED);
}

static struct answer do_report(struct receiver *receiver)
{
	receiver->is_over = true;
	return answer(COPY_NO_ANSWER);
}

static const struct work {
	uint32_t effect;
	struct answer (*perform)(struct receiver *receiver);
} works[] = {
	{COPY_JOB_DO_CREATE, do_create},
	{COPY_JOB_DO_PLACE, do_place},
	{COPY_JOB_DO_WRITE, do_write},
	{COPY_JOB_DO_VERIFY, do_verify},
	{COPY_JOB_DO_RENAME, do_rename},
	{COPY_JOB_DO_REMOVE, do_remove},
	{COPY_JOB_DO_FINISH, do_finish},
	{COPY_JOB_DO_REPORT, do_report},
	{COPY_JOB_DO_LOOK, do_look},
	{COPY_JOB_DO_TELL, do_tell},
	{COPY_JOB_DO_KEEP, do_keep},
};

struct answer copy_effect_do(struct receiver *receiver, uint32_t effects)
{
	for (size_t i = 0; i < sizeof works / sizeof works[0]; i++)
		if ((effects & works[i].effect) != 0)
			return works[i].perform(receiver);
	return answer(COPY_NO_ANSWER);
}
