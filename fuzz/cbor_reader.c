/* cbor_reader: any bytes under any limits. What is read lies inside the bytes and the limits, the
 * reader comes to an end, skipping the item at the top finds the same as reading it, and what
 * narrow limits accept, wide ones accept too. */
#include "runtime/crypto/cbor.h"

#include "fuzz/machine.h"

static const struct cbor_limits wide = {
	.depth = CBOR_DEPTH_MAX, .count = UINT32_MAX, .length = UINT32_MAX, .indefinite = true};

static void check_item(const struct cbor_reader *reader, const struct cbor_item *item)
{
	FUZZ_REQUIRE(item->kind <= CBOR_END && item->at <= reader->place.at);
	FUZZ_REQUIRE(reader->place.at <= reader->place.size &&
		     reader->place.depth <= reader->place.limits.depth);
	FUZZ_REQUIRE(reader->place.limits.indefinite || !item->open);
	if (item->kind == CBOR_BYTES || item->kind == CBOR_TEXT) {
		FUZZ_REQUIRE(item->size <= reader->place.limits.length);
		FUZZ_REQUIRE(item->bytes + item->size == reader->bytes + reader->place.at);
		FUZZ_REQUIRE(item->bytes > reader->bytes + item->at);
	}
	if (item->kind == CBOR_ARRAY || item->kind == CBOR_MAP) {
		FUZZ_REQUIRE(item->argument <= reader->place.limits.count);
		FUZZ_REQUIRE(item->argument <= reader->place.size - reader->place.at);
	}
}

/* Reads everything; returns how many items there were, 0 after a fault. */
static size_t read_all(const uint8_t *data, size_t size, const struct cbor_limits *limits)
{
	struct cbor_item item = {.kind = CBOR_LEAVE};
	struct cbor_reader reader;
	struct fault fault;
	size_t items = 0;

	cbor_start(&reader, data, size, limits);
	while (item.kind != CBOR_END) {
		if (cbor_next(&reader, &item, &fault) < 0)
			return 0;
		check_item(&reader, &item);
		FUZZ_REQUIRE(++items <= 2 * size + 1);
	}
	FUZZ_REQUIRE(reader.place.at == size && reader.place.depth == 0);
	return items;
}

static int skip_all(const uint8_t *data, size_t size, const struct cbor_limits *limits)
{
	struct cbor_reader reader;
	struct cbor_item item;
	struct fault fault;

	cbor_start(&reader, data, size, limits);
	if (cbor_next(&reader, &item, &fault) < 0 || cbor_skip(&reader, &item, &fault) < 0)
		return -1;
	return cbor_end(&reader, &fault);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t seed = fuzz_seed(&data, &size);
	struct cbor_limits limits = {.depth = seed % 64,
		.count = fuzz_amount((uint8_t)(seed / 256)),
		.length = fuzz_amount((uint8_t)(seed / 65536)),
		.indefinite = seed / 64 % 2 != 0};
	size_t items = read_all(data, size, &limits);

	FUZZ_REQUIRE((skip_all(data, size, &limits) == 0) == (items > 0));
	if (items > 0)
		FUZZ_REQUIRE(read_all(data, size, &wide) == items);
	return 0;
}
