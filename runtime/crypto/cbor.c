/* cbor: see cbor.h. */
#include "runtime/crypto/cbor.h"

#include <string.h>

#include "gen/cbor_head.h"
#include "gen/utf8.h"
#include "runtime/kernel/machine.h"

MACHINE_BYTES(cbor_head)
MACHINE_BYTES(utf8)

void cbor_start(struct cbor_reader *reader, const void *bytes, size_t size,
	const struct cbor_limits *limits)
{
	*reader = (struct cbor_reader){.bytes = bytes, .size = size, .limits = *limits};
	if (reader->limits.depth > CBOR_DEPTH_MAX)
		reader->limits.depth = CBOR_DEPTH_MAX;
}

/* All faults of bytes are set here, so that each says where. */
static int refuse(struct cbor_reader *reader, const struct cbor_item *item, struct fault *fault,
	const char *word, const char *why)
{
	reader->broken = true;
	return fault_set(fault, word, "CBOR, byte %zu: %s", item->at, why);
}

/* --- Heads ------------------------------------------------------------------------------------ */

static int head_fault(struct cbor_reader *reader, const struct cbor_head *head,
	const struct cbor_item *item, struct fault *fault)
{
	switch (head->cs) {
	case CBOR_HEAD_IN_BAD_MINIMAL:
		return refuse(reader, item, fault, "minimal", "a shorter encoding is demanded");
	case CBOR_HEAD_IN_BAD_INDEFINITE:
		return refuse(
			reader, item, fault, "indefinite", "a length is left open, or a break");
	case CBOR_HEAD_IN_BAD_RESERVED:
	case CBOR_HEAD_IN_BAD_SIMPLE:
		return refuse(reader, item, fault, "form", "no item begins so");
	default:
		return refuse(reader, item, fault, "cut", "the bytes end in an item");
	}
}

static int read_head(struct cbor_reader *reader, struct cbor_head *head, struct cbor_item *item,
	struct fault *fault)
{
	static const enum cbor_kind kinds[8] = {CBOR_UNSIGNED, CBOR_NEGATIVE, CBOR_BYTES, CBOR_TEXT,
		CBOR_ARRAY, CBOR_MAP, CBOR_TAG, CBOR_SIMPLE};

	cbor_head_init(head, reader->limits.indefinite);
	reader->at +=
		cbor_head_drive(head, 0, reader->bytes + reader->at, reader->size - reader->at);
	switch (head->cs) {
	case CBOR_HEAD_IN_DONE:
	case CBOR_HEAD_IN_OPEN:
	case CBOR_HEAD_IN_STOP:
	case CBOR_HEAD_IN_REAL:
		break;
	default:
		return head_fault(reader, head, item, fault);
	}
	item->kind = head->cs == CBOR_HEAD_IN_REAL ? CBOR_REAL : kinds[head->major % 8u];
	item->argument = head->argument;
	item->width = head->width;
	item->open = head->cs == CBOR_HEAD_IN_OPEN;
	return 0;
}

/* --- Nesting ---------------------------------------------------------------------------------- */

static struct cbor_level *innermost(struct cbor_reader *reader)
{
	return reader->depth > 0 ? &reader->levels[reader->depth - 1] : NULL;
}

static int leave(struct cbor_reader *reader, struct cbor_item *item)
{
	reader->depth--;
	*item = (struct cbor_item){.kind = CBOR_LEAVE, .at = item->at};
	return 0;
}

/* A break ends an open array, or an open map that has no key without its value. What may still
 * come in an open map is even exactly then. */
static int stop(struct cbor_reader *reader, struct cbor_item *item, struct fault *fault)
{
	const struct cbor_level *level = innermost(reader);

	if (level == NULL || !level->open || reader->tagged || (level->map && level->left % 2 != 0))
		return refuse(reader, item, fault, "form", "a break where nothing can end");
	return leave(reader, item);
}

/* An item takes its place in what it is in. A tag does not: the item behind it does. */
static int take_place(struct cbor_reader *reader, const struct cbor_item *item, struct fault *fault)
{
	struct cbor_level *level = innermost(reader);

	reader->tagged = item->kind == CBOR_TAG;
	if (reader->tagged)
		return 0;
	if (level == NULL) {
		reader->begun = true;
		return 0;
	}
	if (level->left == 0)
		return refuse(reader, item, fault, "limit", "too many items");
	level->left--;
	return 0;
}

static int enter(struct cbor_reader *reader, const struct cbor_item *item, struct fault *fault)
{
	uint64_t each = item->kind == CBOR_MAP ? 2 : 1;
	uint64_t count = item->open ? reader->limits.count : item->argument;

	if (reader->depth >= reader->limits.depth)
		return refuse(reader, item, fault, "limit", "arrays and maps nest too deep");
	if (count > reader->limits.count)
		return refuse(reader, item, fault, "limit", "too many items");
	if (!item->open && count > (reader->size - reader->at) / each)
		return refuse(reader, item, fault, "cut", "the bytes end before the items do");
	reader->levels[reader->depth++] = (struct cbor_level){
		.left = count * each, .open = item->open, .map = item->kind == CBOR_MAP};
	return 0;
}

/* --- Strings ---------------------------------------------------------------------------------- */

static bool is_utf8(const uint8_t *bytes, size_t size)
{
	struct utf8 machine;

	utf8_init(&machine);
	return utf8_drive(&machine, 0, bytes, size) == size && machine.cs == UTF8_IN_WHOLE;
}

static int take_string(struct cbor_reader *reader, struct cbor_item *item, struct fault *fault)
{
	if (item->argument > reader->limits.length)
		return refuse(reader, item, fault, "limit", "a string is too long");
	if (item->argument > reader->size - reader->at)
		return refuse(reader, item, fault, "cut", "the bytes end in a string");
	item->bytes = reader->bytes + reader->at;
	item->size = (size_t)item->argument;
	reader->at += item->size;
	if (item->kind == CBOR_TEXT && !is_utf8(item->bytes, item->size))
		return refuse(reader, item, fault, "utf8", "a text is not UTF-8");
	return 0;
}

/* --- Items ------------------------------------------------------------------------------------ */

int cbor_next(struct cbor_reader *reader, struct cbor_item *item, struct fault *fault)
{
	const struct cbor_level *level = innermost(reader);
	struct cbor_head head;

	*item = (struct cbor_item){.kind = CBOR_END, .at = reader->at};
	if (reader->broken)
		return refuse(reader, item, fault, "form", "it was refused before");
	if (level != NULL && !level->open && level->left == 0)
		return leave(reader, item);
	if (level == NULL && reader->begun) {
		if (reader->at < reader->size)
			return refuse(reader, item, fault, "trailing", "bytes follow the item");
		return 0;
	}
	if (read_head(reader, &head, item, fault) < 0)
		return -1;
	if (head.cs == CBOR_HEAD_IN_STOP)
		return stop(reader, item, fault);
	if (take_place(reader, item, fault) < 0)
		return -1;
	if (item->kind == CBOR_ARRAY || item->kind == CBOR_MAP)
		return enter(reader, item, fault);
	if (item->kind == CBOR_BYTES || item->kind == CBOR_TEXT)
		return take_string(reader, item, fault);
	return 0;
}

static const char *kind_name(enum cbor_kind kind)
{
	static const char *const names[] = {"an unsigned integer", "a negative integer",
		"a byte string", "a text", "an array", "a map", "a tag", "a simple value",
		"a floating-point number", "the end of an array or a map", "the end"};

	return names[kind];
}

int cbor_expect(struct cbor_reader *reader, enum cbor_kind kind, struct cbor_item *item,
	struct fault *fault)
{
	if (cbor_next(reader, item, fault) < 0)
		return -1;
	if (item->kind == kind)
		return 0;
	return fault_set(fault, "type", "CBOR, byte %zu: %s is wanted, and %s is here", item->at,
		kind_name(kind), kind_name(item->kind));
}

int cbor_skip(struct cbor_reader *reader, const struct cbor_item *item, struct fault *fault)
{
	bool inside = item->kind == CBOR_ARRAY || item->kind == CBOR_MAP;
	uint32_t outside = reader->depth - inside;
	struct cbor_item next = *item;

	while (reader->depth > outside || next.kind == CBOR_TAG)
		if (cbor_next(reader, &next, fault) < 0)
			return -1;
	return 0;
}

int cbor_end(struct cbor_reader *reader, struct fault *fault)
{
	struct cbor_item item;

	return cbor_expect(reader, CBOR_END, &item, fault);
}

int cbor_integer(const struct cbor_item *item, int64_t *value, struct fault *fault)
{
	if (item->kind != CBOR_UNSIGNED && item->kind != CBOR_NEGATIVE)
		return fault_set(fault, "type",
			"CBOR, byte %zu: an integer is wanted, and %s is here", item->at,
			kind_name(item->kind));
	if (item->argument > INT64_MAX)
		return fault_set(fault, "range",
			"CBOR, byte %zu: the integer does not fit into 64 bits", item->at);
	*value = item->kind == CBOR_UNSIGNED ? (int64_t)item->argument
					     : -1 - (int64_t)item->argument;
	return 0;
}

static bool is_name(const struct cbor_item *item, const char *name)
{
	return item->size == strlen(name) && memcmp(item->bytes, name, item->size) == 0;
}

int cbor_key(const struct cbor_item *item, const char *const *names, uint32_t count, uint32_t *seen,
	uint32_t *which, struct fault *fault)
{
	if (item->kind != CBOR_TEXT)
		return fault_set(fault, "type", "CBOR, byte %zu: a text is wanted, and %s is here",
			item->at, kind_name(item->kind));
	for (*which = 0; *which < count; (*which)++)
		if (is_name(item, names[*which]))
			break;
	if (*which == count)
		return 0;
	if ((*seen >> *which & 1u) != 0)
		return fault_set(fault, "duplicate",
			"CBOR, byte %zu: the key '%s' is there a second time", item->at,
			names[*which]);
	*seen |= UINT32_C(1) << *which;
	return 0;
}
