/* document: any bytes as an attestation document. What is taken lies inside the bytes and the
 * limits; libcbor reads the same from what is accepted, where it can; and one byte more, or one
 * less, is refused.
 */
#include "runtime/crypto/document.h"

#include <cbor.h>

#include "fuzz/input.h"
#include "fuzz/libcbor.h"
#include "runtime/crypto/cbor.h"

static void check_part(const struct document_part *part, const uint8_t *data, size_t size)
{
	if (part->bytes == NULL)
		return;
	FUZZ_REQUIRE(part->bytes >= data && part->size <= size);
	FUZZ_REQUIRE(part->bytes + part->size <= data + size);
}

static void check_parts(const struct document *document, const uint8_t *data, size_t size)
{
	FUZZ_REQUIRE(document->payload.bytes != NULL && document->signature.bytes != NULL);
	FUZZ_REQUIRE(document->module_id.bytes != NULL && document->digest.bytes != NULL);
	FUZZ_REQUIRE(document->certificate.bytes != NULL);
	FUZZ_REQUIRE(document->bundle_count <= VERDICT_BUNDLE_MAX);
	check_part(&document->protected, data, size);
	check_part(&document->payload, data, size);
	check_part(&document->signature, data, size);
	check_part(&document->module_id, document->payload.bytes, document->payload.size);
	check_part(&document->certificate, document->payload.bytes, document->payload.size);
	check_part(&document->nonce, document->payload.bytes, document->payload.size);
	for (uint32_t i = 0; i < VERDICT_PCRS; i++)
		check_part(&document->pcrs[i], document->payload.bytes, document->payload.size);
	for (uint32_t i = 0; i < document->bundle_count; i++)
		check_part(&document->bundle[i], document->payload.bytes, document->payload.size);
}

static bool is_key(const cbor_item_t *key, const char *name)
{
	return cbor_isa_string(key) && cbor_string_length(key) == strlen(name) &&
	       memcmp(cbor_string_handle(key), name, strlen(name)) == 0;
}

/* Members that nobody knows may hold what libcbor refuses. */
static bool libcbor_knows(const struct document_part *payload)
{
	static const struct cbor_limits limits = {.depth = CBOR_DEPTH_MAX,
		.count = DOCUMENT_SIZE_MAX,
		.length = DOCUMENT_SIZE_MAX,
		.indefinite = true};
	struct cbor_reader reader;
	struct cbor_item item;
	struct fault fault;

	cbor_start(&reader, payload->bytes, payload->size, &limits);
	do {
		FUZZ_REQUIRE(cbor_next(&reader, &item, &fault) == 0);
		if (item.kind == CBOR_SIMPLE && !libcbor_knows_simple(item.argument))
			return false;
		if (item.kind == CBOR_TAG && !libcbor_knows_tag(item.argument))
			return false;
	} while (item.kind != CBOR_END);
	return true;
}

/* libcbor sees the same members, each once. */
static void compare_payload(const struct document *document)
{
	struct cbor_load_result result;
	cbor_item_t *map = cbor_load(document->payload.bytes, document->payload.size, &result);
	unsigned timestamps = 0, pcrs = 0;

	FUZZ_REQUIRE(map != NULL && result.read == document->payload.size && cbor_isa_map(map));
	for (size_t i = 0; i < cbor_map_size(map); i++) {
		const struct cbor_pair *pair = &cbor_map_handle(map)[i];

		if (is_key(pair->key, "timestamp")) {
			FUZZ_REQUIRE(cbor_get_int(pair->value) == document->timestamp);
			timestamps++;
		}
		if (is_key(pair->key, "pcrs"))
			pcrs += (unsigned)cbor_map_size(pair->value);
	}
	for (uint32_t i = 0; i < VERDICT_PCRS; i++)
		pcrs -= document->pcrs[i].bytes != NULL;
	FUZZ_REQUIRE(timestamps == 1 && pcrs == 0);
	cbor_decref(&map);
}

/* Of the tag, one byte, libcbor knows nothing. */
static void compare(const struct document *document, const uint8_t *data, size_t size)
{
	size_t tag = document->is_tagged;
	struct cbor_load_result result;
	cbor_item_t *array = cbor_load(data + tag, size - tag, &result);

	FUZZ_REQUIRE(!document->is_tagged || data[0] == 0xc0 + 18);
	FUZZ_REQUIRE(array != NULL && result.read == size - tag);
	FUZZ_REQUIRE(cbor_isa_array(array) && cbor_array_size(array) == 4);
	cbor_decref(&array);
	if (libcbor_knows(&document->payload))
		compare_payload(document);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t longer[DOCUMENT_SIZE_MAX + 1];
	static struct document document;
	struct fault fault;

	if (document_read(&document, data, size, &fault) != 0) {
		FUZZ_REQUIRE(fault.word[0] != '\0');
		return 0;
	}
	FUZZ_REQUIRE(size <= DOCUMENT_SIZE_MAX);
	check_parts(&document, data, size);
	compare(&document, data, size);
	FUZZ_REQUIRE(document_read(&document, data, size - 1, &fault) != 0);
	memcpy(longer, data, size);
	longer[size] = 0;
	FUZZ_REQUIRE(document_read(&document, longer, size + 1, &fault) != 0);
	return 0;
}
