/* newc: see newc.h. Arithmetic instead of shifts, because the proof reads it. */
#include "runtime/eif/newc.h"

#include <stddef.h>

static uint8_t digit(uint32_t nibble)
{
	if (nibble < 10)
		return (uint8_t)('0' + nibble);
	return (uint8_t)('A' + (nibble - 10));
}

static void put_hex8(uint8_t *bytes, uint32_t value)
{
	bytes[0] = digit(value / 268435456);
	bytes[1] = digit(value / 16777216 % 16);
	bytes[2] = digit(value / 1048576 % 16);
	bytes[3] = digit(value / 65536 % 16);
	bytes[4] = digit(value / 4096 % 16);
	bytes[5] = digit(value / 256 % 16);
	bytes[6] = digit(value / 16 % 16);
	bytes[7] = digit(value % 16);
}

static void put_fields(const uint32_t *fields, uint8_t *bytes)
{
	/*@ loop invariant at: 0 <= i <= NEWC_FIELDS;
	    loop invariant value: \forall integer j; 0 <= j < i ==> hex8(bytes + 8 * j, fields[j]);
	    loop assigns i, bytes[0 .. 8 * NEWC_FIELDS - 1];
	    loop variant NEWC_FIELDS - i; */
	for (size_t i = 0; i < NEWC_FIELDS; i++)
		put_hex8(bytes + 8 * i, fields[i]);
}

void newc_header_encode(const struct newc_header *header, uint8_t bytes[NEWC_HEADER_SIZE])
{
	put_fields(header->fields, bytes + 6);
	bytes[0] = '0';
	bytes[1] = '7';
	bytes[2] = '0';
	bytes[3] = '7';
	bytes[4] = '0';
	bytes[5] = '1';
}

uint32_t newc_padding(uint64_t size)
{
	return (4 - (uint32_t)(size % 4)) % 4;
}

uint64_t newc_member_size(uint32_t name_size, uint32_t data_size)
{
	uint64_t head = (uint64_t)NEWC_HEADER_SIZE + name_size;

	return head + newc_padding(head) + data_size + newc_padding(data_size);
}
