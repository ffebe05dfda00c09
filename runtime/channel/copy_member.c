/* copy_member: see copy_member.h. */
#include "runtime/channel/copy_member.h"

#include <string.h>
#include <sys/stat.h>

#include "runtime/channel/wire.h"

#define NANOSECONDS 1000000000u
#define TIME_SIZE   12u

uint32_t copy_kind_of(mode_t mode)
{
	if (S_ISREG(mode))
		return COPY_FILE;
	if (S_ISDIR(mode))
		return COPY_FOLDER;
	return S_ISLNK(mode) ? COPY_SYMLINK : 0;
}

/* --- Putting ---------------------------------------------------------------------------------- */

static void put_time(struct field_writer *writer, const struct timespec *time)
{
	uint8_t bytes[TIME_SIZE];

	wire_put_long(bytes, (uint64_t)time->tv_sec);
	wire_put_number(bytes + 8, (uint32_t)time->tv_nsec);
	field_put(writer, SLC_COPY_TIME, bytes, sizeof bytes);
}

static void put_from(struct field_writer *writer, const struct copy_member *member)
{
	uint8_t bytes[COPY_FROM_SIZE];

	wire_put_long(bytes, member->from);
	memcpy(bytes + 8, member->from_digest, COPY_DIGEST_SIZE);
	field_put(writer, SLC_COPY_FROM, bytes, sizeof bytes);
}

static void put_what_it_is(const struct copy_member *member, struct field_writer *writer)
{
	field_put_text(writer, SLC_COPY_NAME, member->name);
	field_put_number(writer, SLC_COPY_KIND, member->kind);
	if (member->kind != COPY_LINK) {
		field_put_number(writer, SLC_COPY_MODE, member->mode);
		put_time(writer, &member->time);
	}
	if (member->kind == COPY_FILE)
		field_put_long(writer, SLC_COPY_SIZE, member->size);
	if (member->kind == COPY_LINK || member->kind == COPY_SYMLINK)
		field_put_text(writer, SLC_COPY_LINK, member->link);
}

void copy_member_begin(const struct copy_member *member, struct field_writer *writer)
{
	put_what_it_is(member, writer);
	if (member->kind == COPY_FILE && member->stays)
		field_put(writer, SLC_COPY_STAYS, NULL, 0);
	else if (member->kind == COPY_FILE && member->from > 0)
		put_from(writer, member);
}

void copy_member_put(const struct copy_member *member, struct field_writer *writer)
{
	copy_member_begin(member, writer);
	field_put(writer, SLC_COPY_BEGIN, NULL, 0);
}

void copy_member_ask(const struct copy_member *member, struct field_writer *writer)
{
	put_what_it_is(member, writer);
	field_put(writer, SLC_COPY_ASK, NULL, 0);
}

/* --- Taking ----------------------------------------------------------------------------------- */

/* Bits of `given`. */
static uint32_t bit(uint32_t tag)
{
	return 1u << (tag - SLC_COPY_NAME);
}

enum {
	NAME = 1,
	KIND = 2,
	MODE = 4,
	TIME = 8,
	SIZE = 16,
	LINK = 32,
	STAYS = 1 << 15,
	FROM = 1 << 16
};

bool copy_member_has(uint32_t tag)
{
	return (tag >= SLC_COPY_NAME && tag <= SLC_COPY_LINK) || tag == SLC_COPY_STAYS ||
	       tag == SLC_COPY_FROM;
}

static int take_name(struct copy_member *member, const struct field *field)
{
	if (field->length > 0 && !path_member_ok((const char *)field->value, field->length))
		return -1;
	return field_text(field, member->name, sizeof member->name);
}

static int take_link(struct copy_member *member, const struct field *field)
{
	if (field->length == 0)
		return -1;
	return field_text(field, member->link, sizeof member->link);
}

static int take_kind(struct copy_member *member, const struct field *field)
{
	if (field_number(field, &member->kind) < 0)
		return -1;
	return member->kind >= COPY_FILE && member->kind <= COPY_LINK ? 0 : -1;
}

static int take_mode(struct copy_member *member, const struct field *field)
{
	return field_number(field, &member->mode) < 0 || member->mode > 07777u ? -1 : 0;
}

static int take_time(struct copy_member *member, const struct field *field)
{
	uint32_t nanoseconds;

	if (field->length != TIME_SIZE)
		return -1;
	nanoseconds = wire_number(field->value + 8);
	if (nanoseconds >= NANOSECONDS)
		return -1;
	member->time.tv_sec = (time_t)wire_long(field->value);
	member->time.tv_nsec = (long)nanoseconds;
	return 0;
}

static int take_from(struct copy_member *member, const struct field *field)
{
	if (field->length != COPY_FROM_SIZE)
		return -1;
	member->from = wire_long(field->value);
	memcpy(member->from_digest, field->value + 8, COPY_DIGEST_SIZE);
	return member->from > 0 && member->from <= INT64_MAX ? 0 : -1;
}

static int take_value(struct copy_member *member, const struct field *field)
{
	switch (field->tag) {
	case SLC_COPY_NAME:
		return take_name(member, field);
	case SLC_COPY_KIND:
		return take_kind(member, field);
	case SLC_COPY_MODE:
		return take_mode(member, field);
	case SLC_COPY_TIME:
		return take_time(member, field);
	case SLC_COPY_SIZE:
		return field_long(field, &member->size);
	case SLC_COPY_LINK:
		return take_link(member, field);
	case SLC_COPY_STAYS:
		member->stays = true;
		return field->length == 0 ? 0 : -1;
	case SLC_COPY_FROM:
		return take_from(member, field);
	default:
		return -1;
	}
}

int copy_member_take(struct copy_member *member, const struct field *field, struct fault *fault)
{
	bool is_name = field->tag == SLC_COPY_NAME;

	if (is_name == (member->given != 0) || (member->given & bit(field->tag)) != 0)
		return fault_set(fault, "request",
			"field %u of a member comes twice, or before its name", field->tag);
	if (is_name)
		*member = (struct copy_member){.given = 0};
	member->given |= bit(field->tag);
	if (take_value(member, field) == 0)
		return 0;
	if (is_name)
		return fault_set(fault, "path",
			"a member's name of %u bytes is refused: it leads out of the target, or is "
			"not made of parts that are parted by single slashes",
			field->length);
	return fault_set(fault, "request", "field %u of the member '%s' has no valid value",
		field->tag, member->name);
}

/* What each kind needs, and what else it may have. */
static const struct rule {
	uint32_t needed, allowed;
} rules[] = {
	[0] = {UINT32_MAX, 0},
	[COPY_FILE] = {NAME | KIND | MODE | TIME, SIZE | STAYS | FROM},
	[COPY_FOLDER] = {NAME | KIND | MODE | TIME, SIZE},
	[COPY_SYMLINK] = {NAME | KIND | TIME | LINK, MODE | SIZE},
	[COPY_LINK] = {NAME | KIND | LINK, MODE | TIME | SIZE},
};

static const struct rule asked = {NAME | KIND | MODE | TIME | SIZE, 0};

static const struct rule *rule_of(const struct copy_member *member, uint32_t tag)
{
	uint32_t kind = (member->given & KIND) != 0 ? member->kind : 0;

	if ((member->given & STAYS) != 0 && (member->given & (FROM | SIZE)) != SIZE)
		return &rules[0];
	return tag == SLC_COPY_ASK && kind == COPY_FILE ? &asked
	       : tag == SLC_COPY_ASK                    ? &rules[0]
							: &rules[kind];
}

int copy_member_close(struct copy_member *member, const struct field *field, struct fault *fault)
{
	uint32_t given = member->given;
	const struct rule *rule = rule_of(member, field->tag);

	member->given = 0;
	if (field->length == 0 && (given & rule->needed) == rule->needed &&
		(given & ~(rule->needed | rule->allowed)) == 0)
		return 0;
	return fault_set(fault, "request",
		"the description of the member '%s' is not complete, or not for its kind",
		(given & NAME) != 0 ? member->name : "");
}
