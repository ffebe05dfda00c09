/* copy_attributes: see copy_attributes.h. */
#include "runtime/channel/copy_attributes.h"

#include <errno.h>
#include <string.h>
#include <sys/xattr.h>

#include "runtime/kernel/path.h"

#define SPACE     "user."
#define SPACE_LEN (sizeof SPACE - 1)

/* What begins so in the namespace means something to file systems whose layers a tree may become:
 * overlayfs (userxattr) and fuse-overlayfs. */
static const char *const layers[] = {"overlay.", "fuseoverlayfs.", "containers."};

static bool is_ours(const char *name)
{
	if (strncmp(name, SPACE, SPACE_LEN) != 0 || name[SPACE_LEN] == '\0')
		return false;
	for (size_t i = 0; i < sizeof layers / sizeof layers[0]; i++)
		if (strncmp(name + SPACE_LEN, layers[i], strlen(layers[i])) == 0)
			return false;
	return true;
}

uint32_t copy_attribute_name(const uint8_t *value, uint32_t length)
{
	const char *name = (const char *)value;
	size_t most = length < COPY_ATTRIBUTE_NAME_MAX + 1u ? length : COPY_ATTRIBUTE_NAME_MAX + 1u;
	const char *end = length > 0 ? memchr(name, '\0', most) : NULL;

	if (end == NULL || !is_ours(name) || length > COPY_ATTRIBUTE_MAX)
		return 0;
	return (uint32_t)(end - name) + 1u;
}

void copy_attributes_clear(struct copy_attributes *attributes)
{
	attributes->count = 0;
	attributes->size = 0;
}

static const struct field *find(
	const struct copy_attributes *attributes, const char *name, struct field *field)
{
	struct fields row = fields_of(attributes->row, attributes->size);

	while (fields_next(&row, field) == FIELDS_NEXT)
		if (strcmp((const char *)field->value, name) == 0)
			return field;
	return NULL;
}

/* --- Reading ---------------------------------------------------------------------------------- */

static int too_many(const char *member, struct fault *fault)
{
	return fault_set(fault, "limit",
		"'%.200s' has more than %u extended attributes, or more than %u bytes of them",
		member, COPY_ATTRIBUTES_MAX, COPY_ATTRIBUTES_SIZE);
}

/* Bytes of all names, in the scratch; or -1. */
static ssize_t list(
	struct copy_attributes *attributes, int fd, const char *member, struct fault *fault)
{
	ssize_t size = flistxattr(fd, (char *)attributes->scratch, sizeof attributes->scratch);

	if (size >= 0)
		return size;
	if (errno == ENOTSUP)
		return 0;
	if (errno == ERANGE || errno == E2BIG)
		return too_many(member, fault);
	return path_fault(fault, errno, "list the extended attributes of", member, strlen(member));
}

/* Adds the one of this name, which may be gone. */
static int read_one(struct copy_attributes *attributes, int fd, const char *name,
	const char *member, struct fault *fault)
{
	uint8_t *at = attributes->row + attributes->size;
	size_t room = sizeof attributes->row - attributes->size, length = strlen(name) + 1;
	struct field_writer writer = field_writer_of(at, room);
	ssize_t size;

	if (attributes->count == COPY_ATTRIBUTES_MAX || room <= SLC_FIELD_SIZE + length)
		return too_many(member, fault);
	size = fgetxattr(fd, name, at + SLC_FIELD_SIZE + length, room - SLC_FIELD_SIZE - length);
	if (size < 0 && errno == ENODATA)
		return 0;
	if (size < 0 && errno == ERANGE)
		return too_many(member, fault);
	if (size < 0)
		return path_fault(
			fault, errno, "read an extended attribute of", member, strlen(member));
	field_put_header(&writer, SLC_COPY_ATTRIBUTE, (uint32_t)(length + (size_t)size));
	(void)memcpy(at + SLC_FIELD_SIZE, name, length);
	attributes->size += (uint32_t)(SLC_FIELD_SIZE + length + (size_t)size);
	attributes->count++;
	return 0;
}

int copy_attributes_read(
	struct copy_attributes *attributes, int fd, const char *member, struct fault *fault)
{
	const char *name = (const char *)attributes->scratch;
	ssize_t size = list(attributes, fd, member, fault);

	copy_attributes_clear(attributes);
	for (const char *end = name + (size > 0 ? size : 0); name < end; name += strlen(name) + 1)
		if (is_ours(name) && read_one(attributes, fd, name, member, fault) < 0)
			return -1;
	return size < 0 ? -1 : 0;
}

/* --- Taking ----------------------------------------------------------------------------------- */

int copy_attributes_take(struct copy_attributes *attributes, const struct field *field,
	const char *member, struct fault *fault)
{
	struct field_writer row = field_writer_of(attributes->row, sizeof attributes->row);
	struct field same;

	if (copy_attribute_name(field->value, field->length) == 0)
		return fault_set(fault, "request",
			"an extended attribute of '%.200s' is refused: it is not one of " SPACE
			", means something to overlayfs, or has no name",
			member);
	if (find(attributes, (const char *)field->value, &same) != NULL)
		return fault_set(
			fault, "request", "an extended attribute of '%.200s' comes twice", member);
	row.used = attributes->size;
	field_put(&row, field->tag, field->value, field->length);
	if (row.is_full || attributes->count == COPY_ATTRIBUTES_MAX)
		return too_many(member, fault);
	attributes->size = (uint32_t)row.used;
	attributes->count++;
	return 0;
}

/* --- Setting ---------------------------------------------------------------------------------- */

static int set_fault(struct fault *fault, int error, const char *member)
{
	if (error == ENOTSUP)
		return fault_set(fault, "io",
			"'%.200s' has extended attributes, and can't have them where it goes: copy "
			"it elsewhere, or without --xattrs",
			member);
	if (error == E2BIG || error == ERANGE)
		error = ENOSPC;
	return path_fault(fault, error, "set an extended attribute of", member, strlen(member));
}

static int remove_others(
	struct copy_attributes *attributes, int fd, const char *member, struct fault *fault)
{
	const char *name = (const char *)attributes->scratch;
	ssize_t size = list(attributes, fd, member, fault);
	struct field field;

	for (const char *end = name + (size > 0 ? size : 0); name < end; name += strlen(name) + 1)
		if (is_ours(name) && find(attributes, name, &field) == NULL &&
			fremovexattr(fd, name) < 0 && errno != ENODATA)
			return set_fault(fault, errno, member);
	return size < 0 ? -1 : 0;
}

/* One that is right already is left alone: that takes no right to write. */
static int set_one(struct copy_attributes *attributes, int fd, const struct field *field)
{
	uint32_t length = copy_attribute_name(field->value, field->length);
	const char *name = (const char *)field->value;
	const uint8_t *value = field->value + length;
	size_t size = field->length - length;
	ssize_t now = fgetxattr(fd, name, attributes->scratch, sizeof attributes->scratch);

	if (now == (ssize_t)size && memcmp(attributes->scratch, value, size) == 0)
		return 0;
	return fsetxattr(fd, name, value, size, 0);
}

int copy_attributes_set(
	struct copy_attributes *attributes, int fd, const char *member, struct fault *fault)
{
	struct fields row = fields_of(attributes->row, attributes->size);
	struct field field;

	if (remove_others(attributes, fd, member, fault) < 0)
		return -1;
	while (fields_next(&row, &field) == FIELDS_NEXT)
		if (set_one(attributes, fd, &field) < 0)
			return set_fault(fault, errno, member);
	return 0;
}
