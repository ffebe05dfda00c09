/* copier_job: a copier as the broker starts it and as the front hears it; see copier.h. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/channel/copy_open.h"
#include "services/slc/copier.h"

/* Without INTO the source becomes the target itself; with it, it keeps its name. */
static const char *own_name(const struct request_path *path)
{
	const char *slash = strrchr(path->name, '/');

	if ((path->options & SLC_COPY_INTO) == 0)
		return "";
	return slash != NULL ? slash + 1 : path->name;
}

/* Through no link: in its folder, which is reached so, and where the last part is no way out. */
static int open_plain_source(struct copier_job *job, int root, struct fault *fault)
{
	struct path_place place;
	int status;

	if (path_locate_plain(root, job->path.name, strlen(job->path.name), &place, fault) != 0)
		return -1;
	status = copy_open_source(
		place.folder, place.last, strlen(place.last), false, &job->source, fault);
	path_leave(&place);
	return status;
}

static int open_source(struct copier_job *job, int root, struct fault *fault)
{
	size_t n = strlen(job->path.name);
	bool follow = job->path.name[n - 1] == '/';

	if (job->path.is_plain ? open_plain_source(job, root, fault) != 0
			       : copy_open_source(
					 root, job->path.name, n, follow, &job->source, fault) != 0)
		return -1;
	job->program.extra = job->source;
	job->argv[1] = "get";
	job->argv[2] = own_name(&job->path);
	for (unsigned i = 0; i < job->path.patterns; i++)
		job->argv[COPIER_WORDS + i] = job->path.pattern[i];
	job->argv[COPIER_WORDS + job->path.patterns] = NULL;
	return 0;
}

static int open_plain_target(struct copier_job *job, int root, bool into, struct fault *fault)
{
	size_t n = strlen(job->path.name);

	if (!into)
		return path_locate_plain(root, job->path.name, n, &job->target, fault);
	job->target.last[0] = '\0';
	return path_open_plain(
		root, job->path.name, n, O_PATH | O_DIRECTORY, 0, &job->target.folder, fault);
}

static int open_target(struct copier_job *job, int root, struct fault *fault)
{
	bool into = (job->path.options & SLC_COPY_INTO) != 0;

	if (job->path.is_plain ? open_plain_target(job, root, into, fault) != 0
			       : copy_open_target(root, job->path.name, strlen(job->path.name),
					 into, &job->target, fault) != 0)
		return -1;
	job->program.extra = job->target.folder;
	job->argv[1] = "put";
	job->argv[2] = job->target.last;
	return 0;
}

int copier_open(struct copier_job *job, int root, uint32_t type, const uint8_t *fields, size_t size,
	struct fault *fault)
{
	job->source = job->target.folder = -1;
	job->program = (struct program){.name = "/proc/self/exe",
		.argv = job->argv,
		.third = 3,
		.log = STDERR_FILENO,
		.bulk = COPIER_BULK};
	job->argv[0] = COPIER_NAME;
	job->argv[3] = job->options;
	job->argv[4] = job->share;
	job->argv[COPIER_WORDS] = NULL;
	if (request_path(&job->path, fields, size) != 0)
		return fault_set(fault, "request", "the request names no path");
	(void)snprintf(job->options, sizeof job->options, "%u", job->path.options);
	(void)snprintf(job->share, sizeof job->share, "%u/%u", job->path.share.index,
		job->path.share.count);
	return type == SLC_GET ? open_source(job, root, fault) : open_target(job, root, fault);
}

void copier_close(struct copier_job *job)
{
	if (job->source >= 0)
		close(job->source);
	path_leave(&job->target);
}

static int hear(struct copier_words *words, const struct field *field)
{
	switch (field->tag) {
	case SLC_REASON:
		return field_number(field, &words->reason);
	case SLC_TEXT:
		return field_text(field, words->text, sizeof words->text);
	case SLC_MEMBERS:
		return field_long(field, &words->members);
	case SLC_BYTES:
		return field_long(field, &words->bytes);
	default:
		return -1;
	}
}

void copier_listen(struct copier_words *words, const uint8_t *fields, size_t size)
{
	struct fields row = fields_of(fields, size);
	enum fields_result result;
	struct field field;

	memset(words, 0, sizeof *words);
	while ((result = fields_next(&row, &field)) == FIELDS_NEXT)
		if (hear(words, &field) != 0)
			break;
	if (result == FIELDS_END && size > 0)
		return;
	words->reason = SLC_REASON_INTERNAL;
	(void)strcpy(words->text, "the copier has ended without a word");
}
