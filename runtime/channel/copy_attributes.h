/* copy_attributes: the extended attributes of one member of a copy (spec/slc.md, Copies): read
 * where it is, gathered and checked where it goes, and put there.
 *
 * Only those of the namespace `user.` are copied: what is in the others means something to the
 * kernel, or to whoever guards it, and is not for the other end to say; and in `user.` not those
 * that mean something to overlayfs and fuse-overlayfs. The member gets those that were sent, and
 * keeps no other one of those that could have been. Only files and folders can have them. */
#ifndef CLOISTER_RUNTIME_CHANNEL_COPY_ATTRIBUTES_H
#define CLOISTER_RUNTIME_CHANNEL_COPY_ATTRIBUTES_H

#include "runtime/channel/fields.h"
#include "runtime/kernel/fault.h"

#define COPY_ATTRIBUTES_MAX      64u    /* of a member */
#define COPY_ATTRIBUTES_SIZE     98304u /* bytes of all of them as fields */
#define COPY_ATTRIBUTE_NAME_MAX  255u   /* bytes, as of Linux */
#define COPY_ATTRIBUTE_VALUE_MAX 65536u /* bytes, as of Linux */

/* The most bytes of the field's value: a name, a NUL, and what the attribute is. */
#define COPY_ATTRIBUTE_MAX (COPY_ATTRIBUTE_NAME_MAX + 1u + COPY_ATTRIBUTE_VALUE_MAX)

struct copy_attributes {
	uint32_t count;
	uint32_t size; /* of the row */
	uint8_t row[COPY_ATTRIBUTES_SIZE];
	uint8_t scratch[COPY_ATTRIBUTE_VALUE_MAX];
};

/* The bytes of a field's value in front of what the attribute is: its name and the NUL. 0: it is no
 * attribute that may be copied. */
uint32_t copy_attribute_name(const uint8_t *value, uint32_t length);

/* There are none. */
void copy_attributes_clear(struct copy_attributes *attributes);

/* Becomes those of what fd is opened on, `member` for people. A file system that has none is one
 * where nothing has any. -1: "limit", "io", "denied". */
int copy_attributes_read(
	struct copy_attributes *attributes, int fd, const char *member, struct fault *fault);

/* Adds one that has come. -1: "request" (none that may be copied, or it comes twice), "limit". */
int copy_attributes_take(struct copy_attributes *attributes, const struct field *field,
	const char *member, struct fault *fault);

/* What fd is opened on, in a mode that lets it be written to, has these alone from now on. -1:
 * "space", "denied", "io". */
int copy_attributes_set(
	struct copy_attributes *attributes, int fd, const char *member, struct fault *fault);

#endif
