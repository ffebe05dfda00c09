/* copy_member: the description of one member of a copy, as fields (spec/slc.md, Copies): put into a
 * stream by the end that sends, gathered and checked by the end that receives. */
#ifndef CLOISTER_RUNTIME_CHANNEL_COPY_MEMBER_H
#define CLOISTER_RUNTIME_CHANNEL_COPY_MEMBER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "runtime/channel/fields.h"
#include "runtime/kernel/fault.h"
#include "runtime/kernel/path_name.h"

/* Kinds, the value of field 65. */
enum copy_kind { COPY_FILE = 1, COPY_FOLDER = 2, COPY_SYMLINK = 3, COPY_LINK = 4 };

#define COPY_DIGEST_SIZE 32u /* SHA-256 */

/* The most bytes of a description, and of one of its values. */
#define COPY_VALUE_MAX       PATH_NAME_MAX
#define COPY_ANSWER_MAX      (SLC_FIELD_SIZE + COPY_FROM_SIZE)
#define COPY_FROM_SIZE       (8u + COPY_DIGEST_SIZE)
#define COPY_DESCRIPTION_MAX (2u * PATH_NAME_MAX + 8u * SLC_FIELD_SIZE + 28u + COPY_FROM_SIZE)

struct copy_member {
	uint32_t given; /* which fields have come since the last member began; 0: none */
	uint32_t kind;
	mode_t mode;
	struct timespec time;
	uint64_t size;
	char name[PATH_NAME_MAX + 1u];
	char link[PATH_NAME_MAX + 1u];
	bool stays;    /* a file that is there as it is: no bytes follow */
	uint64_t from; /* bytes of it that were kept, and their digest; 0: none */
	uint8_t from_digest[COPY_DIGEST_SIZE];
};

/* The kind of what has this mode, or 0 where it can't be copied. */
uint32_t copy_kind_of(mode_t mode);

/* Puts the description, whose `given` does not count, but for its end; with it; or the same of a
 * file as a question. */
void copy_member_begin(const struct copy_member *member, struct field_writer *writer);
void copy_member_put(const struct copy_member *member, struct field_writer *writer);
void copy_member_ask(const struct copy_member *member, struct field_writer *writer);

/* Whether a field is one of a description: 64 to 69, 79, 80. */
bool copy_member_has(uint32_t tag);

/* Takes the next one. A name begins a description, and each of the others comes once
 * after it. -1 with "request", or "path" for a name that leads elsewhere. */
int copy_member_take(struct copy_member *member, const struct field *field, struct fault *fault);

/* Takes field 70 or 73: 0 where the description is complete and fits its kind; a question is about
 * a file and says its size. The values stay for as long as no field is taken. */
int copy_member_close(struct copy_member *member, const struct field *field, struct fault *fault);

#endif
