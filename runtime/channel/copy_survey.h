/* copy_survey: what the other end of a copy has already. The end that sends asks about its files
 * before it copies, in batches that are answered at once, and keeps in mind what is worth it: what
 * is there as it is, or from a copy that broke off. What it does not keep in mind is sent. */
#ifndef CLOISTER_RUNTIME_CHANNEL_COPY_SURVEY_H
#define CLOISTER_RUNTIME_CHANNEL_COPY_SURVEY_H

#include "runtime/channel/copy_inodes.h"
#include "runtime/channel/copy_member.h"

#define COPY_SURVEY_BATCH 256u /* questions before the answers are read: COPY_JOB_ASKED_MAX */

/* What the other end has of a file. */
enum copy_has { COPY_HAS_NOTHING, COPY_HAS_SAME, COPY_HAS_DIGEST, COPY_HAS_PART };

struct copy_verdict {
	enum copy_has has;
	struct timespec time; /* of the file here, when it was asked about */
	uint64_t size;
	uint64_t part; /* bytes that are there of it */
	uint8_t digest[COPY_DIGEST_SIZE];
};

struct copy_survey {
	struct copy_inodes inodes; /* their value is the place in the list */
	struct copy_verdict *list;
	uint32_t used, size, limit;

	/* The batch at hand. */
	struct stat asked[COPY_SURVEY_BATCH];
	uint32_t asking;
};

/* limit: most files to keep in mind. */
void copy_survey_init(struct copy_survey *survey, uint32_t limit);
void copy_survey_free(struct copy_survey *survey);

/* The next of the questions that were asked has this answer. -1: there is no such answer. */
int copy_survey_take(struct copy_survey *survey, uint32_t at, const struct field *field);

/* What the other end has of a file that is as it was when it was asked about, or null. */
const struct copy_verdict *copy_survey_find(
	const struct copy_survey *survey, const struct stat *status);

#endif
