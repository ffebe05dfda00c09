/* little_endian: see little_endian.h. Arithmetic, since provers know little of shifts. */
#include "host/vsockd/little_endian.h"

uint16_t little_get16(const uint8_t bytes[2])
{
	return (uint16_t)(bytes[0] + 256u * bytes[1]);
}

uint32_t little_get32(const uint8_t bytes[4])
{
	return little_get16(bytes) + 65536u * little_get16(bytes + 2);
}

uint64_t little_get64(const uint8_t bytes[8])
{
	return little_get32(bytes) + 4294967296u * (uint64_t)little_get32(bytes + 4);
}

void little_put16(uint8_t bytes[2], uint16_t number)
{
	bytes[0] = (uint8_t)(number % 256u);
	bytes[1] = (uint8_t)(number / 256u);
}

void little_put32(uint8_t bytes[4], uint32_t number)
{
	little_put16(bytes, (uint16_t)(number % 65536u));
	little_put16(bytes + 2, (uint16_t)(number / 65536u));
}

void little_put64(uint8_t bytes[8], uint64_t number)
{
	little_put32(bytes, (uint32_t)(number % 4294967296u));
	little_put32(bytes + 4, (uint32_t)(number / 4294967296u));
}
