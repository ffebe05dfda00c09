/* wire: see wire.h. Arithmetic instead of shifts, because the proof reads it. */
#include "runtime/channel/wire.h"

static void put_short(uint8_t *bytes, uint32_t number)
{
	bytes[0] = (uint8_t)(number / 256 % 256);
	bytes[1] = (uint8_t)(number % 256);
}

void wire_put_number(uint8_t bytes[4], uint32_t number)
{
	bytes[0] = (uint8_t)(number / 16777216);
	bytes[1] = (uint8_t)(number / 65536 % 256);
	bytes[2] = (uint8_t)(number / 256 % 256);
	bytes[3] = (uint8_t)(number % 256);
}

void wire_put_long(uint8_t bytes[8], uint64_t number)
{
	wire_put_number(bytes, (uint32_t)(number / 4294967296));
	wire_put_number(bytes + 4, (uint32_t)(number % 4294967296));
}

uint32_t wire_number(const uint8_t bytes[4])
{
	return 16777216u * bytes[0] + 65536u * bytes[1] + 256u * bytes[2] + bytes[3];
}

uint64_t wire_long(const uint8_t bytes[8])
{
	return 4294967296u * (uint64_t)wire_number(bytes) + wire_number(bytes + 4);
}

void wire_put_frame(uint8_t bytes[SLC_FRAME_SIZE], uint32_t type, uint32_t stream, uint32_t channel,
	uint32_t length)
{
	bytes[0] = (uint8_t)type;
	bytes[1] = (uint8_t)stream;
	put_short(bytes + 2, channel);
	wire_put_number(bytes + 4, length);
}

void wire_put_field(uint8_t bytes[SLC_FIELD_SIZE], uint32_t tag, uint32_t length)
{
	put_short(bytes, tag);
	wire_put_number(bytes + 2, length);
}

void wire_put_hello(uint8_t bytes[SLC_HELLO_SIZE], const struct slc_hello *hello)
{
	wire_put_number(bytes, hello->version);
	wire_put_number(bytes + 4, hello->features);
	wire_put_number(bytes + 8, hello->limit);
	wire_put_number(bytes + 12, hello->keepalive);
	wire_put_number(bytes + 16, hello->credit);
}
