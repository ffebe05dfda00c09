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
#define COPY_DESCRIPTION_MAX (2u * PATH_NAME_MAX + 7u * SLC_FIELD_SIZE + 28u)

struct copy_member {
	uint32_t given; /* which fields have come since the last member began; 0: none */
	uint32_t kind;
	mode_t mode;
	struct timespec time;
	uint64_t size;
	char name[PATH_NAME_MAX + 1u];
	char link[PATH_NAME_MAX + 1u];
};

/* The kind of what has this mode, or 0 where it can't be copied. */
uint32_t copy_kind_of(mode_t mode);

/* Puts the description, whose `given` does not count. */
void copy_member_put(const struct copy_member *member, struct field_writer *writer);

/* Takes the next field of 64 to 69. A name begins a description, and each of the others comes once
 * after it. -1 with "request", or "path" for a name that leads elsewhere. */
int copy_member_take(struct copy_member *member, const struct field *field, struct fault *fault);

/* Takes field 70: 0 where the description is complete and fits its kind. The values stay for as
 * long as no field is taken. */
int copy_member_close(struct copy_member *member, const struct field *field, struct fault *fault);

#endif
