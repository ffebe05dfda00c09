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
	*reader = (struct cbor_reader){.bytes = bytes};
	cbor_place_begin(&reader->place, size, limits);
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

	struct cbor_place *place = &reader->place;

	cbor_head_init(head, place->limits.indefinite);
	cbor_place_head(place,
		cbor_head_drive(head, 0, reader->bytes + place->at, place->size - place->at));
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

/* --- What an item does ------------------------------------------------------------------------ */

static int ruled(struct cbor_reader *reader, const struct cbor_item *item, struct fault *fault,
	enum cbor_ruling ruling)
{
	static const struct {
		const char *word, *why;
	} faults[] = {
		[CBOR_RULING_TOO_MANY] = {"limit", "too many items"},
		[CBOR_RULING_TOO_DEEP] = {"limit", "arrays and maps nest too deep"},
		[CBOR_RULING_TOO_LONG] = {"limit", "a string is too long"},
		[CBOR_RULING_CUT_ITEMS] = {"cut", "the bytes end before the items do"},
		[CBOR_RULING_CUT_STRING] = {"cut", "the bytes end in a string"},
		[CBOR_RULING_NO_END_HERE] = {"form", "a break where nothing can end"},
	};

	if (ruling == CBOR_RULING_OK)
		return 0;
	return refuse(reader, item, fault, faults[ruling].word, faults[ruling].why);
}

static int leave(struct cbor_reader *reader, struct cbor_item *item)
{
	cbor_place_leave(&reader->place);
	item->kind = CBOR_LEAVE;
	return 0;
}

static int stop(struct cbor_reader *reader, struct cbor_item *item, struct fault *fault)
{
	*item = (struct cbor_item){.kind = CBOR_LEAVE, .at = item->at};
	return ruled(reader, item, fault, cbor_place_stop(&reader->place));
}

static bool is_utf8(const uint8_t *bytes, size_t size)
{
	struct utf8 machine;

	utf8_init(&machine);
	return utf8_drive(&machine, 0, bytes, size) == size && machine.cs == UTF8_IN_WHOLE;
}

static int take_string(struct cbor_reader *reader, struct cbor_item *item, struct fault *fault)
{
	item->bytes = reader->bytes + reader->place.at;
	if (ruled(reader, item, fault, cbor_place_string(&reader->place, item->argument)) < 0)
		return -1;
	item->size = (size_t)item->argument;
	if (item->kind == CBOR_TEXT && !is_utf8(item->bytes, item->size))
		return refuse(reader, item, fault, "utf8", "a text is not UTF-8");
	return 0;
}

static int take(struct cbor_reader *reader, struct cbor_item *item, struct fault *fault)
{
	struct cbor_place *place = &reader->place;
	bool is_map = item->kind == CBOR_MAP;

	if (ruled(reader, item, fault, cbor_place_item(place, item->kind == CBOR_TAG)) < 0)
		return -1;
	if (item->kind == CBOR_ARRAY || is_map)
		return ruled(reader, item, fault,
			cbor_place_enter(place, item->argument, item->open, is_map));
	if (item->kind == CBOR_BYTES || item->kind == CBOR_TEXT)
		return take_string(reader, item, fault);
	return 0;
}

/* --- Items ------------------------------------------------------------------------------------ */

int cbor_next(struct cbor_reader *reader, struct cbor_item *item, struct fault *fault)
{
	struct cbor_head head;

	*item = (struct cbor_item){.kind = CBOR_END, .at = reader->place.at};
	if (reader->broken)
		return refuse(reader, item, fault, "form", "it was refused before");
	switch (cbor_place_next(&reader->place)) {
	case CBOR_NEXT_LEAVE:
		return leave(reader, item);
	case CBOR_NEXT_TRAILING:
		return refuse(reader, item, fault, "trailing", "bytes follow the item");
	case CBOR_NEXT_END:
		return 0;
	case CBOR_NEXT_READ:
		break;
	}
	if (read_head(reader, &head, item, fault) < 0)
		return -1;
	return head.cs == CBOR_HEAD_IN_STOP ? stop(reader, item, fault) : take(reader, item, fault);
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
	uint32_t outside = reader->place.depth - inside;
	struct cbor_item next = *item;

	while (reader->place.depth > outside || next.kind == CBOR_TAG)
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
