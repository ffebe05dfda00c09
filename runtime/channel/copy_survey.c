/* copy_survey: see copy_survey.h. */
#include "runtime/channel/copy_survey.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/channel/wire.h"

#define FIRST_SIZE 256u

void copy_survey_init(struct copy_survey *survey, uint32_t limit)
{
	*survey = (struct copy_survey){.limit = limit};
	copy_inodes_init(&survey->inodes, limit);
}

void copy_survey_free(struct copy_survey *survey)
{
	uint32_t limit = survey->limit;

	copy_inodes_free(&survey->inodes);
	free(survey->list);
	copy_survey_init(survey, limit);
}

static bool grow(struct copy_survey *survey)
{
	uint32_t size = survey->size == 0 ? FIRST_SIZE : survey->size * 2;
	struct copy_verdict *list = realloc(survey->list, size * sizeof *list);

	if (list == NULL)
		return false;
	survey->list = list;
	survey->size = size;
	return true;
}

/* Where there is no room any more, the file is sent. */
static void keep(
	struct copy_survey *survey, const struct stat *status, const struct copy_verdict *verdict)
{
	if (survey->used == survey->limit || (survey->used == survey->size && !grow(survey)))
		return;
	if (copy_inodes_add(&survey->inodes, status, survey->used))
		survey->list[survey->used++] = *verdict;
}

static int take_answer(struct copy_verdict *verdict, const struct field *field)
{
	switch (field->tag) {
	case SLC_COPY_HAS_NOTHING:
	case SLC_COPY_HAS_SAME:
		verdict->has = field->tag == SLC_COPY_HAS_SAME ? COPY_HAS_SAME : COPY_HAS_NOTHING;
		return field->length == 0 ? 0 : -1;
	case SLC_COPY_HAS_DIGEST:
		if (field->length != COPY_DIGEST_SIZE)
			return -1;
		verdict->has = COPY_HAS_DIGEST;
		memcpy(verdict->digest, field->value, COPY_DIGEST_SIZE);
		return 0;
	case SLC_COPY_HAS_PART:
		if (field->length != COPY_FROM_SIZE)
			return -1;
		verdict->has = COPY_HAS_PART;
		verdict->part = wire_long(field->value);
		memcpy(verdict->digest, field->value + 8, COPY_DIGEST_SIZE);
		return verdict->part > 0 && verdict->part <= verdict->size ? 0 : -1;
	default:
		return -1;
	}
}

int copy_survey_take(struct copy_survey *survey, uint32_t at, const struct field *field)
{
	const struct stat *status = &survey->asked[at];
	struct copy_verdict verdict = {.size = (uint64_t)status->st_size, .time = status->st_mtim};

	if (take_answer(&verdict, field) < 0)
		return -1;
	if (verdict.has != COPY_HAS_NOTHING)
		keep(survey, status, &verdict);
	return 0;
}

const struct copy_verdict *copy_survey_find(
	const struct copy_survey *survey, const struct stat *status)
{
	const struct copy_inode *inode = copy_inodes_find(&survey->inodes, status);
	const struct copy_verdict *verdict = inode != NULL ? &survey->list[inode->value] : NULL;

	if (verdict == NULL || verdict->size != (uint64_t)status->st_size ||
		verdict->time.tv_sec != status->st_mtim.tv_sec ||
		verdict->time.tv_nsec != status->st_mtim.tv_nsec)
		return NULL;
	return verdict;
}
