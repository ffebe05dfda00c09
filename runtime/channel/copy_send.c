/* copy_send: see copy_send.h. */
#include "runtime/channel/copy_send.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/channel/copy_send_inside.h"
#include "runtime/kernel/path.h"

#define BLOCK 512 /* bytes of what st_blocks counts, whatever the file system has */

const struct copy_send_options copy_send_usual = {
	.source = -1,
	.name = "",
	.stream = -1,
	.answers = -1,
	.members = 4194304,
	.names = 33554432,
	.links = 65536,
	.surveyed = 524288,
};

/* --- One member ------------------------------------------------------------------------------- */

void copy_send_describe(struct sender *sender, uint32_t kind, const struct stat *status)
{
	struct copy_member *member = &sender->member;

	member->kind = kind;
	member->mode = status->st_mode & 07777u;
	member->time = status->st_mtim;
	member->size = (uint64_t)status->st_size;
	memcpy(member->name, sender->walk.name, strlen(sender->walk.name) + 1);
}

static int announce(
	struct sender *sender, uint32_t kind, const struct stat *status, struct fault *fault)
{
	if (sender->outcome->members >= sender->options->members)
		return fault_set(
			fault, "limit", "there are more than %u members", sender->options->members);
	copy_send_describe(sender, kind, status);
	if (copy_output_member(sender, fault) < 0)
		return -1;
	copy_attributes_clear(&sender->attributes);
	if (kind != COPY_FOLDER || !copy_share_is_further(&sender->options->share))
		sender->outcome->members++;
	sender->done = kind == COPY_FILE ? sender->member.from : 0;
	copy_send_progress(sender);
	return 0;
}

/* Those of the member at hand, which is a file or a folder. */
static int read_attributes(struct sender *sender, int fd, struct fault *fault)
{
	if (!sender->options->attributes || sender->options->is_input)
		return 0;
	return copy_attributes_read(&sender->attributes, fd, sender->walk.name, fault);
}

static int send_folder(
	struct sender *sender, int fd, const struct stat *status, struct fault *fault)
{
	if ((!copy_share_is_further(&sender->options->share) &&
		    read_attributes(sender, fd, fault) < 0) ||
		announce(sender, COPY_FOLDER, status, fault) < 0)
		return -1;
	return copy_walk_enter(&sender->walk, fd, fault);
}

static int send_symlink(
	struct sender *sender, int fd, const struct stat *status, struct fault *fault)
{
	char *text = sender->member.link;
	ssize_t length = readlinkat(fd, "", text, sizeof sender->member.link);

	if (length < 0)
		return path_fault(fault, errno, "read the symbolic link", sender->walk.name,
			strlen(sender->walk.name));
	if ((size_t)length >= sizeof sender->member.link)
		return fault_set(
			fault, "limit", "the symbolic link '%s' is too long", sender->walk.name);
	text[length] = '\0';
	return announce(sender, COPY_SYMLINK, status, fault);
}

static int send_regular(
	struct sender *sender, int fd, const struct stat *status, struct fault *fault)
{
	sender->member.stays = false;
	sender->member.from = 0;
	if (copy_ask_settle(sender, fd, status, fault) < 0 ||
		read_attributes(sender, fd, fault) < 0 ||
		announce(sender, COPY_FILE, status, fault) < 0)
		return -1;
	sender->outcome->unchanged += sender->member.stays;
	sender->outcome->resumed += sender->member.from;
	sender->is_sparse =
		!sender->options->is_input && status->st_blocks * BLOCK < status->st_size;
	sender->data_end = sender->done;
	if (!sender->member.stays && copy_output_file(sender, fd, fault) < 0)
		return -1;
	copy_names_keep(&sender->names, status, sender->walk.name);
	return 0;
}

/* What `fd` is opened on; for reading, where it is a file or a folder. */
static int send_opened(
	struct sender *sender, int fd, const struct stat *status, struct fault *fault)
{
	switch (copy_kind_of(status->st_mode)) {
	case COPY_FILE:
		return send_regular(sender, fd, status, fault);
	case COPY_FOLDER:
		return send_folder(sender, fd, status, fault);
	case COPY_SYMLINK:
		return send_symlink(sender, fd, status, fault);
	default:
		sender->outcome->skipped++;
		return 0;
	}
}

/* --- Below the source ------------------------------------------------------------------------- */

/* 1: the member is open, and *status says what it is; 0: it is not there any more; or -1. */
static int open_member(
	struct sender *sender, int flags, int *fd, struct stat *status, struct fault *fault)
{
	const struct path_tree tree = {sender->options->source, sender->options->one_mount};
	const char *name = copy_walk_below(&sender->walk);

	if (path_open_member(&tree, name, strlen(name), flags | O_NOFOLLOW, 0, fd, fault) < 0)
		return strcmp(fault->word, "not_found") == 0 ? 0 : -1;
	if (fstat(*fd, status) == 0)
		return 1;
	path_fault(fault, errno, "look at", name, strlen(name));
	close(*fd);
	return -1;
}

/* A file that was sent under another name is sent as a link to that. */
static int send_again(
	struct sender *sender, const struct stat *status, const char *earlier, struct fault *fault)
{
	memcpy(sender->member.link, earlier, strlen(earlier) + 1);
	return announce(sender, COPY_LINK, status, fault);
}

/* The member was looked at, and is opened for reading where it has to be. It may have been replaced
 * in between; then what was opened counts. */
static int send_seen(struct sender *sender, int seen, struct stat *status, struct fault *fault)
{
	const char *earlier = copy_names_find(&sender->names, status);
	uint32_t kind = copy_kind_of(status->st_mode);
	int fd, result;

	if (earlier != NULL)
		return send_again(sender, status, earlier, fault);
	if (kind != COPY_FILE && kind != COPY_FOLDER)
		return send_opened(sender, seen, status, fault);
	result = open_member(sender, O_RDONLY, &fd, status, fault);
	if (result <= 0) {
		sender->outcome->skipped++;
		return result;
	}
	result = send_opened(sender, fd, status, fault);
	close(fd);
	return result;
}

/* Whether the walk's member is this stream's. */
static bool is_shared(const struct sender *sender, const struct stat *status)
{
	return copy_share_has(&sender->options->share, sender->walk.name, S_ISDIR(status->st_mode),
		S_ISREG(status->st_mode) && status->st_nlink == 1);
}

/* And to be sent at all. */
static bool is_ours(const struct sender *sender, const struct stat *status)
{
	return is_shared(sender, status) &&
	       !copy_excludes(&sender->options->exclude, copy_walk_below(&sender->walk),
		       S_ISDIR(status->st_mode));
}

static int send_member(struct sender *sender, struct fault *fault)
{
	struct stat status;
	int seen, result = open_member(sender, O_PATH, &seen, &status, fault);

	if (result <= 0) {
		sender->outcome->skipped++;
		return result;
	}
	result = is_ours(sender, &status) ? send_seen(sender, seen, &status, fault) : 0;
	close(seen);
	return result;
}

/* --- What the other end has ------------------------------------------------------------------- */

/* A folder that was replaced meanwhile is not entered. */
static int enter(struct sender *sender, struct fault *fault)
{
	struct stat status;
	int fd, result = open_member(sender, O_RDONLY, &fd, &status, fault);

	if (result <= 0)
		return result;
	if (S_ISDIR(status.st_mode))
		result = copy_walk_enter(&sender->walk, fd, fault);
	close(fd);
	return result < 0 ? -1 : 0;
}

static int survey_member(struct sender *sender, struct fault *fault)
{
	struct stat status;
	int seen, result = open_member(sender, O_PATH, &seen, &status, fault);

	if (result <= 0)
		return result;
	close(seen);
	if (!is_ours(sender, &status))
		return 0;
	return S_ISDIR(status.st_mode) ? enter(sender, fault) : copy_ask(sender, &status, fault);
}

static int survey_source(struct sender *sender, const struct stat *status, struct fault *fault)
{
	int more;

	if (sender->options->is_input || S_ISLNK(status->st_mode))
		return 0;
	if (!S_ISDIR(status->st_mode))
		return copy_ask(sender, status, fault) < 0 ? -1 : copy_ask_end(sender, fault);
	if (copy_walk_enter(&sender->walk, sender->options->source, fault) < 0)
		return -1;
	while ((more = copy_walk_next(&sender->walk, fault)) > 0)
		if (copy_go_on(&sender->options->watch, fault) < 0 ||
			survey_member(sender, fault) < 0)
			return -1;
	return more < 0 ? -1 : copy_ask_end(sender, fault);
}

/* --- All of it -------------------------------------------------------------------------------- */

/* What a file has that is made now from bytes that come. */
static void make_new(struct stat *status)
{
	status->st_mode = S_IFREG | 0644;
	status->st_size = 0;
	(void)clock_gettime(CLOCK_REALTIME, &status->st_mtim);
}

static int send_source(struct sender *sender, struct fault *fault)
{
	struct stat status;
	int more;

	if (fstat(sender->options->source, &status) < 0)
		return fault_io(fault, errno, "cannot look at the source of a copy");
	if (sender->options->is_input)
		make_new(&status);
	if (copy_kind_of(status.st_mode) == 0)
		return fault_set(fault, "request",
			"the source of the copy is no file, folder or symbolic link");
	if (!is_shared(sender, &status))
		return copy_output_flush(sender, fault);
	if (sender->options->answers >= 0 && survey_source(sender, &status, fault) < 0)
		return -1;
	if (send_opened(sender, sender->options->source, &status, fault) < 0)
		return -1;
	while ((more = copy_walk_next(&sender->walk, fault)) > 0)
		if (copy_go_on(&sender->options->watch, fault) < 0 ||
			send_member(sender, fault) < 0)
			return -1;
	return more < 0 ? -1 : copy_output_flush(sender, fault);
}

static int check_name(const char *name, struct fault *fault)
{
	if (*name == '\0' || (path_member_ok(name, strlen(name)) && strchr(name, '/') == NULL))
		return 0;
	return fault_set(fault, "request", "'%s' is no name for a copy: it must be one part", name);
}

static int send_all(struct sender *sender, struct fault *fault)
{
	const struct copy_send_options *options = sender->options;
	int result = -1;

	copy_names_open(&sender->names, options->links);
	copy_survey_init(&sender->survey, options->surveyed);
	field_reader_init(&sender->answers, 0, sender->answer, sizeof sender->answer);
	if (check_name(options->name, fault) == 0 && copy_output_flush(sender, fault) == 0 &&
		copy_walk_open(&sender->walk, options->name, options->names, fault) == 0 &&
		copy_digest_open(&sender->digest, fault) == 0)
		result = send_source(sender, fault);
	copy_survey_free(&sender->survey);
	copy_digest_close(&sender->digest);
	copy_walk_close(&sender->walk);
	copy_names_close(&sender->names);
	return result;
}

int copy_send(const struct copy_send_options *options, struct copy_outcome *outcome)
{
	struct sender *sender = calloc(1, sizeof *sender);
	struct fault fault = {.word = "space", .text = "there is no memory for a copy"};
	int result = -1;

	*outcome = (struct copy_outcome){.reason = 0};
	if (sender != NULL) {
		sender->options = options;
		sender->outcome = outcome;
		result = send_all(sender, &fault);
		free(sender);
	}
	if (result < 0)
		copy_outcome_fail(outcome, &fault);
	return result;
}
