/* request: see request.h. */
#include "host/nsmsim/request.h"

#include <string.h>

#include "runtime/crypto/cbor.h"

#define SIMPLE_NULL 22u

static const char *const invalid_operation = "InvalidOperation";

/* A request has at most 4 KiB, and three arguments. */
static const struct cbor_limits limits = {
	.depth = 8, .count = 64, .length = 4096, .indefinite = true};

enum argument { INDEX, RANGE, DATA, USER_DATA, NONCE, PUBLIC_KEY, ARGUMENTS };
static const char *const argument_names[ARGUMENTS] = {
	"index", "range", "data", "user_data", "nonce", "public_key"};
#define HAS(ARGUMENT) (UINT32_C(1) << (ARGUMENT))

/* What each must have, and what it may have. Those with neither are a name alone. */
static const struct {
	bool is_map;
	uint32_t needed, known;
} shapes[NSM_OPERATIONS] = {
	[NSM_DESCRIBE_NSM] = {false, 0, 0},
	[NSM_DESCRIBE_PCR] = {true, HAS(INDEX), HAS(INDEX)},
	[NSM_EXTEND_PCR] = {true, HAS(INDEX) | HAS(DATA), HAS(INDEX) | HAS(DATA)},
	[NSM_LOCK_PCR] = {true, HAS(INDEX), HAS(INDEX)},
	[NSM_LOCK_PCRS] = {true, HAS(RANGE), HAS(RANGE)},
	[NSM_ATTESTATION] = {true, 0, HAS(USER_DATA) | HAS(NONCE) | HAS(PUBLIC_KEY)},
	[NSM_GET_RANDOM] = {false, 0, 0},
};

/* --- Arguments -------------------------------------------------------------------------------- */

static int take_number(const struct cbor_item *item, uint64_t *number)
{
	*number = item->argument;
	return item->kind == CBOR_UNSIGNED ? 0 : -1;
}

/* Texts are taken for bytes, as the hypervisor does. */
static int take_bytes(const struct cbor_item *item, struct request_part *part)
{
	*part = (struct request_part){.bytes = item->bytes, .size = item->size};
	return item->kind == CBOR_BYTES || item->kind == CBOR_TEXT ? 0 : -1;
}

static int take_optional(const struct cbor_item *item, struct request_part *part)
{
	if (item->kind == CBOR_SIMPLE && item->argument == SIMPLE_NULL)
		return 0;
	return take_bytes(item, part);
}

static int take_argument(
	struct request *request, enum argument argument, const struct cbor_item *item)
{
	switch (argument) {
	case INDEX:
	case RANGE:
		return take_number(item, &request->number);
	case DATA:
		return take_bytes(item, &request->data);
	case USER_DATA:
		return take_optional(item, &request->user_data);
	case NONCE:
		return take_optional(item, &request->nonce);
	case PUBLIC_KEY:
		return take_optional(item, &request->public_key);
	case ARGUMENTS:
		break;
	}
	return 0;
}

/* Arguments that are unknown, or another operation's, are skipped. */
static int read_arguments(struct cbor_reader *reader, struct request *request, uint32_t known,
	uint32_t *seen, struct fault *fault)
{
	struct cbor_item item;
	uint32_t which;

	if (cbor_expect(reader, CBOR_MAP, &item, fault) < 0)
		return -1;
	for (;;) {
		if (cbor_next(reader, &item, fault) < 0)
			return -1;
		if (item.kind == CBOR_LEAVE)
			return 0;
		if (cbor_key(&item, argument_names, ARGUMENTS, seen, &which, fault) < 0 ||
			cbor_next(reader, &item, fault) < 0)
			return -1;
		if (which < ARGUMENTS && (known & HAS(which)) != 0 &&
			take_argument(request, (enum argument)which, &item) < 0)
			return -1;
		if (cbor_skip(reader, &item, fault) < 0)
			return -1;
	}
}

/* --- The whole -------------------------------------------------------------------------------- */

static int find_operation(struct request *request, const struct cbor_item *name, bool is_map)
{
	for (unsigned i = 0; i < NSM_OPERATIONS; i++) {
		const char *other = nsm_operation_names[i];

		if (name->kind == CBOR_TEXT && name->size == strlen(other) &&
			memcmp(name->bytes, other, name->size) == 0 && shapes[i].is_map == is_map) {
			request->operation = (enum nsm_operation)i;
			return 0;
		}
	}
	return -1;
}

static int read_map(struct cbor_reader *reader, struct request *request, struct fault *fault)
{
	struct cbor_item item;
	uint32_t needed, seen = 0;

	if (cbor_next(reader, &item, fault) < 0 || find_operation(request, &item, true) < 0)
		return -1;
	needed = shapes[request->operation].needed;
	if (read_arguments(reader, request, shapes[request->operation].known, &seen, fault) < 0)
		return -1;
	return (seen & needed) == needed ? cbor_expect(reader, CBOR_LEAVE, &item, fault) : -1;
}

static bool is_too_long(const struct request_part *part)
{
	return part->size > REQUEST_PART_MAX;
}

const char *request_read(struct request *request, const void *bytes, size_t size)
{
	struct cbor_reader reader;
	struct cbor_item item;
	struct fault fault;
	int status;

	*request = (struct request){.number = 0};
	cbor_start(&reader, bytes, size, &limits);
	if (cbor_next(&reader, &item, &fault) < 0)
		return invalid_operation;
	status = item.kind == CBOR_MAP ? read_map(&reader, request, &fault)
				       : find_operation(request, &item, false);
	if (status < 0 || cbor_end(&reader, &fault) < 0)
		return invalid_operation;
	if (is_too_long(&request->user_data) || is_too_long(&request->nonce) ||
		is_too_long(&request->public_key))
		return "InvalidArgument";
	return NULL;
}
