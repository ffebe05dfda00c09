/* document: see document.h. */
#include "runtime/crypto/document.h"

#include <string.h>

#include "runtime/crypto/cbor.h"

#define TAG_SIGN1       18u
#define LABEL_ALGORITHM 1
#define SIMPLE_NULL     22u

static const struct cbor_limits outer_limits = {
	.depth = 2, .count = 4, .length = DOCUMENT_SIZE_MAX, .indefinite = false};
static const struct cbor_limits header_limits = {
	.depth = 1, .count = 1, .length = 64, .indefinite = false};
static const struct cbor_limits payload_limits = {
	.depth = 8, .count = 64, .length = DOCUMENT_SIZE_MAX, .indefinite = true};

enum key {
	MODULE_ID,
	DIGEST,
	TIMESTAMP,
	PCRS,
	CERTIFICATE,
	CABUNDLE,
	PUBLIC_KEY,
	USER_DATA,
	NONCE,
	KEYS
};
static const char *const key_names[KEYS] = {"module_id", "digest", "timestamp", "pcrs",
	"certificate", "cabundle", "public_key", "user_data", "nonce"};

/* Those that stand in every document, though their values are for the verdict. */
#define HAS(KEY) (UINT32_C(1) << (KEY))
#define NEEDED                                                                                     \
	(HAS(MODULE_ID) | HAS(DIGEST) | HAS(TIMESTAMP) | HAS(PCRS) | HAS(CERTIFICATE) |            \
		HAS(CABUNDLE))

/* The payload on its way. */
struct payload {
	struct cbor_reader reader;
	struct document *document;
	struct fault *fault;
	struct document_part unknown[DOCUMENT_UNKNOWN_MAX]; /* keys that were skipped */
	unsigned unknown_count;
};

bool document_part_is(const struct document_part *part, const void *bytes, size_t size)
{
	return part->bytes != NULL && part->size == size &&
	       (size == 0 || memcmp(part->bytes, bytes, size) == 0);
}

bool document_part_is_zero(const struct document_part *part)
{
	for (size_t i = 0; i < part->size; i++)
		if (part->bytes[i] != 0)
			return false;
	return part->bytes != NULL && part->size > 0;
}

bool document_is_entered(const struct document *document)
{
	const struct document_part *mark = &document->pcrs[DOCUMENT_ENTERED];

	return mark->bytes != NULL && mark->size > 0 && !document_part_is_zero(mark);
}

static int bad(struct fault *fault, const char *what)
{
	return fault_set(fault, "shape", "this is no attestation document: %s", what);
}

static struct document_part part_of(const struct cbor_item *item)
{
	return (struct document_part){.bytes = item->bytes, .size = item->size};
}

static bool is_null(const struct cbor_item *item)
{
	return item->kind == CBOR_SIMPLE && item->argument == SIMPLE_NULL;
}

/* --- The payload's values --------------------------------------------------------------------- */

static int take_string(struct payload *payload, const struct cbor_item *item, enum cbor_kind kind,
	struct document_part *part)
{
	if (item->kind != kind)
		return bad(payload->fault, "a member of its payload has another type");
	*part = part_of(item);
	return 0;
}

/* Absent parts are null, or their key is not there. */
static int take_optional(
	struct payload *payload, const struct cbor_item *item, struct document_part *part)
{
	return is_null(item) ? 0 : take_string(payload, item, CBOR_BYTES, part);
}

static int take_timestamp(struct payload *payload, const struct cbor_item *item)
{
	if (item->kind != CBOR_UNSIGNED)
		return bad(payload->fault, "its timestamp is no number");
	payload->document->timestamp = item->argument;
	return 0;
}

static int take_pcr(struct payload *payload, const struct cbor_item *index)
{
	struct document_part *pcr;
	struct cbor_item value;

	if (index->kind != CBOR_UNSIGNED || index->argument >= VERDICT_PCRS)
		return bad(payload->fault, "a register has no number from 0 to 31");
	pcr = &payload->document->pcrs[index->argument];
	if (pcr->bytes != NULL)
		return fault_set(payload->fault, "duplicate",
			"CBOR, byte %zu: a register is there a second time", index->at);
	if (cbor_next(&payload->reader, &value, payload->fault) < 0)
		return -1;
	if (value.kind == CBOR_BYTES && value.size == 0)
		return bad(payload->fault, "a register is empty");
	return take_string(payload, &value, CBOR_BYTES, pcr);
}

static int take_pcrs(struct payload *payload, const struct cbor_item *map)
{
	struct cbor_item index;

	if (map->kind != CBOR_MAP)
		return bad(payload->fault, "its registers are no map");
	for (;;) {
		if (cbor_next(&payload->reader, &index, payload->fault) < 0)
			return -1;
		if (index.kind == CBOR_LEAVE)
			return 0;
		if (take_pcr(payload, &index) < 0)
			return -1;
	}
}

/* Null in documents that sign themselves; the verdict has a word for them. */
static int take_bundle(struct payload *payload, const struct cbor_item *array)
{
	struct document *document = payload->document;
	struct cbor_item item;

	if (is_null(array))
		return 0;
	if (array->kind != CBOR_ARRAY)
		return bad(payload->fault, "its bundle of certificates is no array");
	for (;;) {
		if (cbor_next(&payload->reader, &item, payload->fault) < 0)
			return -1;
		if (item.kind == CBOR_LEAVE)
			return 0;
		if (document->bundle_count == VERDICT_BUNDLE_MAX)
			return fault_set(payload->fault, "limit",
				"the document has more than %u certificates", VERDICT_BUNDLE_MAX);
		if (take_string(payload, &item, CBOR_BYTES,
			    &document->bundle[document->bundle_count++]) < 0)
			return -1;
	}
}

static int take_value(struct payload *payload, enum key key)
{
	struct document *document = payload->document;
	struct cbor_item item;

	if (cbor_next(&payload->reader, &item, payload->fault) < 0)
		return -1;
	switch (key) {
	case MODULE_ID:
		return take_string(payload, &item, CBOR_TEXT, &document->module_id);
	case DIGEST:
		return take_string(payload, &item, CBOR_TEXT, &document->digest);
	case TIMESTAMP:
		return take_timestamp(payload, &item);
	case PCRS:
		return take_pcrs(payload, &item);
	case CERTIFICATE:
		return take_string(payload, &item, CBOR_BYTES, &document->certificate);
	case CABUNDLE:
		return take_bundle(payload, &item);
	case PUBLIC_KEY:
		return take_optional(payload, &item, &document->public_key);
	case USER_DATA:
		return take_optional(payload, &item, &document->user_data);
	case NONCE:
		return take_optional(payload, &item, &document->nonce);
	case KEYS:
		break;
	}
	return cbor_skip(&payload->reader, &item, payload->fault);
}

/* --- The payload ------------------------------------------------------------------------------ */

/* Unknown keys may be there once, too. */
static int note_unknown(struct payload *payload, const struct cbor_item *key)
{
	for (unsigned i = 0; i < payload->unknown_count; i++)
		if (document_part_is(&payload->unknown[i], key->bytes, key->size))
			return fault_set(payload->fault, "duplicate",
				"CBOR, byte %zu: a key is there a second time", key->at);
	if (payload->unknown_count == DOCUMENT_UNKNOWN_MAX)
		return fault_set(payload->fault, "limit",
			"the document has more than %u unknown members", DOCUMENT_UNKNOWN_MAX);
	payload->unknown[payload->unknown_count++] = part_of(key);
	return 0;
}

static int take_members(struct payload *payload, uint32_t *seen)
{
	struct cbor_item item;
	uint32_t which;

	for (;;) {
		if (cbor_next(&payload->reader, &item, payload->fault) < 0)
			return -1;
		if (item.kind == CBOR_LEAVE)
			return 0;
		if (cbor_key(&item, key_names, KEYS, seen, &which, payload->fault) < 0)
			return -1;
		if (which == KEYS && note_unknown(payload, &item) < 0)
			return -1;
		if (take_value(payload, (enum key)which) < 0)
			return -1;
	}
}

static int read_payload(struct document *document, struct fault *fault)
{
	struct payload payload = {.document = document, .fault = fault};
	struct cbor_item item;
	uint32_t seen = 0;

	cbor_start(
		&payload.reader, document->payload.bytes, document->payload.size, &payload_limits);
	if (cbor_expect(&payload.reader, CBOR_MAP, &item, fault) < 0 ||
		take_members(&payload, &seen) < 0)
		return -1;
	if ((seen & NEEDED) != NEEDED)
		return bad(fault, "a member of its payload is missing");
	return cbor_end(&payload.reader, fault);
}

/* --- COSE_Sign1 ------------------------------------------------------------------------------- */

/* The protected header names the algorithm and nothing else: what it might demand more, nobody here
 * would keep. */
static int read_header(struct document *document, struct fault *fault)
{
	struct cbor_reader reader;
	struct cbor_item item;
	int64_t label;

	cbor_start(&reader, document->protected.bytes, document->protected.size, &header_limits);
	if (cbor_expect(&reader, CBOR_MAP, &item, fault) < 0 ||
		cbor_next(&reader, &item, fault) < 0 || cbor_integer(&item, &label, fault) < 0)
		return -1;
	if (label != LABEL_ALGORITHM)
		return bad(fault, "its header names no algorithm");
	if (cbor_next(&reader, &item, fault) < 0 ||
		cbor_integer(&item, &document->algorithm, fault) < 0 ||
		cbor_expect(&reader, CBOR_LEAVE, &item, fault) < 0)
		return -1;
	return cbor_end(&reader, fault);
}

/* An empty map, as it should be, or null, for which the verdict has a word. */
static int read_unprotected(
	struct document *document, struct cbor_reader *reader, struct fault *fault)
{
	struct cbor_item item;

	if (cbor_next(reader, &item, fault) < 0)
		return -1;
	document->has_empty_header = item.kind == CBOR_MAP;
	if (is_null(&item))
		return 0;
	if (item.kind != CBOR_MAP || item.argument != 0)
		return bad(fault, "its unprotected header is not empty");
	return cbor_next(reader, &item, fault);
}

static int read_bytes(struct document_part *part, struct cbor_reader *reader, struct fault *fault)
{
	struct cbor_item item;

	if (cbor_expect(reader, CBOR_BYTES, &item, fault) < 0)
		return -1;
	*part = part_of(&item);
	return 0;
}

static int read_begin(struct document *document, struct cbor_reader *reader, struct fault *fault)
{
	struct cbor_item item;

	if (cbor_next(reader, &item, fault) < 0)
		return -1;
	if (item.kind == CBOR_TAG) {
		document->is_tagged = true;
		if (item.argument != TAG_SIGN1)
			return bad(fault, "it has the tag of something else");
		if (cbor_next(reader, &item, fault) < 0)
			return -1;
	}
	if (item.kind != CBOR_ARRAY || item.argument != 4)
		return bad(fault, "it is no array of four");
	return 0;
}

int document_read(struct document *document, const void *bytes, size_t size, struct fault *fault)
{
	struct cbor_reader reader;
	struct cbor_item item;

	*document = (struct document){.is_tagged = false};
	if (size > DOCUMENT_SIZE_MAX)
		return fault_set(fault, "limit", "an attestation document has at most %u bytes",
			DOCUMENT_SIZE_MAX);
	cbor_start(&reader, bytes, size, &outer_limits);
	if (read_begin(document, &reader, fault) < 0 ||
		read_bytes(&document->protected, &reader, fault) < 0 ||
		read_unprotected(document, &reader, fault) < 0 ||
		read_bytes(&document->payload, &reader, fault) < 0 ||
		read_bytes(&document->signature, &reader, fault) < 0 ||
		cbor_expect(&reader, CBOR_LEAVE, &item, fault) < 0 || cbor_end(&reader, fault) < 0)
		return -1;
	return read_header(document, fault) < 0 || read_payload(document, fault) < 0 ? -1 : 0;
}
