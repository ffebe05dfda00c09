/* cbor_write: see cbor_write.h. */
#include "runtime/crypto/cbor_write.h"

#include <string.h>

/* The major types of RFC 8949, section 3.1, and what stands for an open length in a head. */
enum major { UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE };
enum simple { SIMPLE_FALSE = 20, SIMPLE_TRUE = 21, SIMPLE_NULL = 22 };
#define OPEN 31u

struct cbor_writer cbor_writer_of(void *bytes, size_t size)
{
	return (struct cbor_writer){.bytes = bytes, .size = size};
}

static void put(struct cbor_writer *writer, const void *bytes, size_t size)
{
	if (writer->is_full || size > writer->size - writer->used) {
		writer->is_full = true;
		return;
	}
	if (size > 0)
		(void)memcpy(writer->bytes + writer->used, bytes, size);
	writer->used += size;
}

/* 24 to 27 say that 1, 2, 4 or 8 bytes follow. */
static void put_head(struct cbor_writer *writer, enum major major, uint64_t argument)
{
	unsigned power = argument > UINT32_MAX   ? 3
			 : argument > UINT16_MAX ? 2
			 : argument > UINT8_MAX  ? 1
						 : 0;
	unsigned width = argument < 24 ? 0 : 1u << power;
	uint8_t head[9];

	head[0] =
		(uint8_t)((unsigned)major * 32u + (width == 0 ? (unsigned)argument : 24u + power));
	for (unsigned i = 0; i < width; i++)
		head[1 + i] = (uint8_t)(argument >> 8 * (width - 1 - i));
	put(writer, head, 1 + width);
}

static void put_byte(struct cbor_writer *writer, unsigned byte)
{
	const uint8_t head = (uint8_t)byte;

	put(writer, &head, 1);
}

void cbor_put_unsigned(struct cbor_writer *writer, uint64_t value)
{
	put_head(writer, UNSIGNED, value);
}

void cbor_put_negative(struct cbor_writer *writer, uint64_t argument)
{
	put_head(writer, NEGATIVE, argument);
}

void cbor_put_bytes(struct cbor_writer *writer, const void *bytes, size_t size)
{
	put_head(writer, BYTES, size);
	put(writer, bytes, size);
}

void cbor_put_text(struct cbor_writer *writer, const char *text)
{
	put_head(writer, TEXT, strlen(text));
	put(writer, text, strlen(text));
}

void cbor_put_tag(struct cbor_writer *writer, uint64_t number)
{
	put_head(writer, TAG, number);
}

void cbor_put_bool(struct cbor_writer *writer, bool value)
{
	put_head(writer, SIMPLE, value ? SIMPLE_TRUE : SIMPLE_FALSE);
}

void cbor_put_null(struct cbor_writer *writer)
{
	put_head(writer, SIMPLE, SIMPLE_NULL);
}

void cbor_put_array(struct cbor_writer *writer, uint64_t count)
{
	put_head(writer, ARRAY, count);
}

void cbor_put_map(struct cbor_writer *writer, uint64_t count)
{
	put_head(writer, MAP, count);
}

void cbor_put_open_map(struct cbor_writer *writer)
{
	put_byte(writer, (unsigned)MAP * 32u + OPEN);
}

void cbor_put_break(struct cbor_writer *writer)
{
	put_byte(writer, (unsigned)SIMPLE * 32u + OPEN);
}
