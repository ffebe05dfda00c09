/* cbor_head: any bytes, with and without indefinite lengths; what it accepts, libcbor's streaming
 * decoder must read as the same major type and the same argument. Link with -lcbor. */
#include <cbor.h>

#include "fuzz/libcbor.h"
#include "gen/cbor_head.h"

/* The common harness becomes one of two oracles, so it gives up its name. */
#define LLVMFuzzerTestOneInput cbor_head_fuzz
#include "fuzz/machine.h"
FUZZ_BYTES(cbor_head, cbor_head_init(m, seed % 2u))
#undef LLVMFuzzerTestOneInput

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What libcbor read from the same bytes. */
struct peer {
	uint32_t major, width, open, stop;
	uint64_t argument;
};

static void peer_number(void *peer, uint32_t major, uint32_t width, uint64_t argument)
{
	*(struct peer *)peer = (struct peer){major, width, 0, 0, argument};
}

#define PEER_NUMBER(NAME, TYPE, MAJOR)                                                             \
	static void NAME(void *peer, TYPE argument)                                                \
	{                                                                                          \
		peer_number(peer, MAJOR, sizeof argument, argument);                               \
	}

PEER_NUMBER(peer_uint8, uint8_t, CBOR_HEAD_UNSIGNED)
PEER_NUMBER(peer_uint16, uint16_t, CBOR_HEAD_UNSIGNED)
PEER_NUMBER(peer_uint32, uint32_t, CBOR_HEAD_UNSIGNED)
PEER_NUMBER(peer_uint64, uint64_t, CBOR_HEAD_UNSIGNED)
PEER_NUMBER(peer_negint8, uint8_t, CBOR_HEAD_NEGATIVE)
PEER_NUMBER(peer_negint16, uint16_t, CBOR_HEAD_NEGATIVE)
PEER_NUMBER(peer_negint32, uint32_t, CBOR_HEAD_NEGATIVE)
PEER_NUMBER(peer_negint64, uint64_t, CBOR_HEAD_NEGATIVE)
PEER_NUMBER(peer_array, size_t, CBOR_HEAD_ARRAY)
PEER_NUMBER(peer_map, size_t, CBOR_HEAD_MAP)
PEER_NUMBER(peer_tag, uint64_t, CBOR_HEAD_TAG)

#define PEER_WORD(NAME, ...)                                                                       \
	static void NAME(void *peer)                                                               \
	{                                                                                          \
		*(struct peer *)peer = (struct peer){__VA_ARGS__};                                 \
	}

PEER_WORD(peer_open_array, .major = CBOR_HEAD_ARRAY, .open = 1)
PEER_WORD(peer_open_map, .major = CBOR_HEAD_MAP, .open = 1)
PEER_WORD(peer_stop, .major = CBOR_HEAD_SIMPLE, .stop = 1)
PEER_WORD(peer_null, .major = CBOR_HEAD_SIMPLE, .argument = 22)
PEER_WORD(peer_undefined, .major = CBOR_HEAD_SIMPLE, .argument = 23)

static void peer_boolean(void *peer, bool value)
{
	peer_number(peer, CBOR_HEAD_SIMPLE, 0, value ? 21 : 20);
}

static void peer_float2(void *peer, float value)
{
	(void)value; /* libcbor widens it: the bits can't be compared, the width can */
	peer_number(peer, CBOR_HEAD_SIMPLE, 2, 0);
}

static void peer_float4(void *peer, float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof bits);
	peer_number(peer, CBOR_HEAD_SIMPLE, 4, bits);
}

static void peer_float8(void *peer, double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof bits);
	peer_number(peer, CBOR_HEAD_SIMPLE, 8, bits);
}

static void peer_string(void *peer, cbor_data bytes, size_t size)
{
	(void)bytes;
	peer_number(peer, CBOR_HEAD_BYTES, 0, size);
}

static const struct cbor_callbacks peer_callbacks = {
	.uint8 = peer_uint8,
	.uint16 = peer_uint16,
	.uint32 = peer_uint32,
	.uint64 = peer_uint64,
	.negint8 = peer_negint8,
	.negint16 = peer_negint16,
	.negint32 = peer_negint32,
	.negint64 = peer_negint64,
	.byte_string = peer_string,
	.byte_string_start = cbor_null_byte_string_start_callback,
	.string = peer_string,
	.string_start = cbor_null_string_start_callback,
	.array_start = peer_array,
	.indef_array_start = peer_open_array,
	.map_start = peer_map,
	.indef_map_start = peer_open_map,
	.tag = peer_tag,
	.float2 = peer_float2,
	.float4 = peer_float4,
	.float8 = peer_float8,
	.undefined = peer_undefined,
	.null = peer_null,
	.boolean = peer_boolean,
	.indef_break = peer_stop,
};

/* A string's bytes are not there, so libcbor answers how many it would need. */
static void same_string(const struct cbor_head *m, const uint8_t *head, size_t used)
{
	struct peer peer = {0};
	struct cbor_decoder_result result = cbor_stream_decode(head, used, &peer_callbacks, &peer);

	if (m->argument == 0)
		FUZZ_REQUIRE(result.status == CBOR_DECODER_FINISHED && peer.argument == 0);
	else if (m->argument <= UINT64_MAX / 2)
		FUZZ_REQUIRE(result.status == CBOR_DECODER_NEDATA &&
			     result.required == used + m->argument);
}

static void same_head(const struct cbor_head *m, const uint8_t *head, size_t used)
{
	struct peer peer = {.major = 99};
	struct cbor_decoder_result result = cbor_stream_decode(head, used, &peer_callbacks, &peer);

	FUZZ_REQUIRE(result.status == CBOR_DECODER_FINISHED && result.read == used);
	FUZZ_REQUIRE(peer.major == m->major);
	FUZZ_REQUIRE(peer.open == (m->cs == CBOR_HEAD_IN_OPEN));
	FUZZ_REQUIRE(peer.stop == (m->cs == CBOR_HEAD_IN_STOP));
	if (m->cs == CBOR_HEAD_IN_REAL)
		FUZZ_REQUIRE(peer.width == m->width);
	if (m->cs != CBOR_HEAD_IN_REAL || m->width != 2)
		FUZZ_REQUIRE(peer.argument == m->argument);
}

static bool libcbor_knows(const struct cbor_head *m)
{
	if (m->major == CBOR_HEAD_SIMPLE)
		return libcbor_knows_simple(m->argument);
	return m->major != CBOR_HEAD_TAG || libcbor_knows_tag(m->argument);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *bytes = data;
	uint32_t seed = fuzz_seed(&bytes, &size);
	struct cbor_head m;
	size_t used;

	(void)cbor_head_fuzz(data, size + (size_t)(bytes - data));
	cbor_head_init(&m, seed % 2u);
	used = cbor_head_feed(&m, bytes, size);
	FUZZ_REQUIRE(used <= CBOR_HEAD_SIZE_MAX);
	switch (m.cs) {
	case CBOR_HEAD_IN_DONE:
		if (m.major == CBOR_HEAD_BYTES || m.major == CBOR_HEAD_TEXT)
			same_string(&m, bytes, used);
		else if (libcbor_knows(&m))
			same_head(&m, bytes, used);
		break;
	case CBOR_HEAD_IN_OPEN:
	case CBOR_HEAD_IN_STOP:
	case CBOR_HEAD_IN_REAL:
		same_head(&m, bytes, used);
		break;
	default:
		break;
	}
	return 0;
}
