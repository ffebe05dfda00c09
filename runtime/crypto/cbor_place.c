/* cbor_place: see cbor_place.h. */
#include "runtime/crypto/cbor_place.h"

void cbor_place_begin(struct cbor_place *place, size_t size, const struct cbor_limits *limits)
{
	place->size = size;
	place->at = 0;
	place->limits = *limits;
	if (place->limits.depth > CBOR_DEPTH_MAX)
		place->limits.depth = CBOR_DEPTH_MAX;
	place->depth = 0;
	place->tagged = false;
	place->begun = false;
}

enum cbor_next cbor_place_next(const struct cbor_place *place)
{
	if (place->depth > 0) {
		const struct cbor_level *level = &place->levels[place->depth - 1];

		return !level->open && level->left == 0 ? CBOR_NEXT_LEAVE : CBOR_NEXT_READ;
	}
	if (!place->begun)
		return CBOR_NEXT_READ;
	return place->at < place->size ? CBOR_NEXT_TRAILING : CBOR_NEXT_END;
}

void cbor_place_head(struct cbor_place *place, size_t bytes)
{
	place->at += bytes;
}

enum cbor_ruling cbor_place_item(struct cbor_place *place, bool is_tag)
{
	place->tagged = is_tag;
	if (is_tag)
		return CBOR_RULING_OK;
	if (place->depth == 0) {
		place->begun = true;
		return CBOR_RULING_OK;
	}
	if (place->levels[place->depth - 1].left == 0)
		return CBOR_RULING_TOO_MANY;
	place->levels[place->depth - 1].left--;
	return CBOR_RULING_OK;
}

enum cbor_ruling cbor_place_enter(struct cbor_place *place, uint64_t count, bool open, bool map)
{
	uint64_t each = map ? 2 : 1, most = open ? place->limits.count : count;
	struct cbor_level *level;

	if (place->depth >= place->limits.depth)
		return CBOR_RULING_TOO_DEEP;
	if (most > place->limits.count)
		return CBOR_RULING_TOO_MANY;
	if (!open && count > (place->size - place->at) / each)
		return CBOR_RULING_CUT_ITEMS;
	level = &place->levels[place->depth++];
	level->left = most * each;
	level->open = open;
	level->map = map;
	return CBOR_RULING_OK;
}

enum cbor_ruling cbor_place_string(struct cbor_place *place, uint64_t length)
{
	if (length > place->limits.length)
		return CBOR_RULING_TOO_LONG;
	if (length > place->size - place->at)
		return CBOR_RULING_CUT_STRING;
	place->at += (size_t)length;
	return CBOR_RULING_OK;
}

void cbor_place_leave(struct cbor_place *place)
{
	place->depth--;
}

/* What may still come in an open map is even exactly when no key waits. */
enum cbor_ruling cbor_place_stop(struct cbor_place *place)
{
	const struct cbor_level *level;

	if (place->depth == 0 || place->tagged)
		return CBOR_RULING_NO_END_HERE;
	level = &place->levels[place->depth - 1];
	if (!level->open || (level->map && level->left % 2 != 0))
		return CBOR_RULING_NO_END_HERE;
	cbor_place_leave(place);
	return CBOR_RULING_OK;
}
