/* fields: see fields.h. */
#include "runtime/channel/fields.h"

#include <string.h>

#include "gen/slc_field.h"
#include "runtime/channel/wire.h"
#include "runtime/kernel/machine.h"

MACHINE_BYTES(slc_field)

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* --- A payload -------------------------------------------------------------------------------- */

enum fields_result fields_next(struct fields *fields, struct field *field)
{
	size_t left = fields->size - fields->at;
	struct slc_field header;

	if (left == 0)
		return FIELDS_END;
	if (left < SLC_FIELD_SIZE)
		return FIELDS_BROKEN;
	slc_field_init(&header, (uint32_t)smaller(left - SLC_FIELD_SIZE, SLC_FIELD_LENGTH_MAX));
	(void)slc_field_drive(&header, 0, fields->bytes + fields->at, SLC_FIELD_SIZE);
	if (header.cs != SLC_FIELD_IN_DONE)
		return FIELDS_BROKEN;
	field->tag = header.tag;
	field->length = header.length;
	field->value = fields->bytes + fields->at + SLC_FIELD_SIZE;
	fields->at += SLC_FIELD_SIZE + header.length;
	return FIELDS_NEXT;
}

int field_number(const struct field *field, uint32_t *number)
{
	if (field->length != 4)
		return -1;
	*number = wire_number(field->value);
	return 0;
}

int field_long(const struct field *field, uint64_t *number)
{
	if (field->length != 8)
		return -1;
	*number = wire_long(field->value);
	return 0;
}

int field_text(const struct field *field, char *text, size_t room)
{
	if (field->length >= room || memchr(field->value, 0, field->length) != NULL)
		return -1;
	memcpy(text, field->value, field->length);
	text[field->length] = '\0';
	return 0;
}

/* --- A stream --------------------------------------------------------------------------------- */

static void next_header(struct field_reader *reader)
{
	slc_field_init(&reader->header, SLC_FIELD_LENGTH_MAX);
	reader->in_value = false;
	reader->held = 0;
}

void field_reader_init(struct field_reader *reader, uint32_t bulk, uint8_t *buffer, uint32_t size)
{
	*reader = (struct field_reader){.bulk = bulk, .buffer = buffer, .size = size};
	next_header(reader);
}

/* The next piece of the bulk: all that is here of it. */
static enum field_result take_piece(
	struct field_reader *reader, const uint8_t **bytes, size_t *size, struct field *field)
{
	uint32_t length = (uint32_t)smaller(reader->left, *size);

	if (length < reader->left && (length == 0 || length < reader->least))
		return FIELD_MORE;
	*field = (struct field){.tag = reader->bulk, .length = length, .value = *bytes};
	*bytes += length;
	*size -= length;
	reader->left -= length;
	if (reader->left == 0)
		next_header(reader);
	return FIELD_PIECE;
}

static enum field_result take_whole(
	struct field_reader *reader, const uint8_t **bytes, size_t *size, struct field *field)
{
	uint32_t length = (uint32_t)smaller(reader->left, *size);

	if (length > 0)
		memcpy(reader->buffer + reader->held, *bytes, length);
	*bytes += length;
	*size -= length;
	reader->held += length;
	reader->left -= length;
	if (reader->left > 0)
		return FIELD_MORE;
	*field = (struct field){
		.tag = reader->header.tag, .length = reader->held, .value = reader->buffer};
	next_header(reader);
	return FIELD_WHOLE;
}

enum field_result field_reader_next(
	struct field_reader *reader, const uint8_t **bytes, size_t *size, struct field *field)
{
	struct slc_field *header = &reader->header;
	size_t used;

	if (!reader->in_value) {
		used = slc_field_drive(header, 0, *bytes, *size);
		*bytes += used;
		*size -= used;
		if (!slc_field_ended(header))
			return FIELD_MORE;
		if (header->cs != SLC_FIELD_IN_DONE ||
			(header->tag != reader->bulk && header->length > reader->size))
			return FIELD_BROKEN;
		reader->in_value = true;
		reader->left = header->length;
	}
	if (header->tag == reader->bulk)
		return take_piece(reader, bytes, size, field);
	return take_whole(reader, bytes, size, field);
}

bool field_reader_may_end(const struct field_reader *reader)
{
	return !reader->in_value && reader->header.cs == SLC_FIELD_IN_TAG1;
}

/* --- Writing ---------------------------------------------------------------------------------- */

void field_put_header(struct field_writer *writer, uint32_t tag, uint32_t length)
{
	if (writer->is_full || writer->size - writer->used < SLC_FIELD_SIZE) {
		writer->is_full = true;
		return;
	}
	wire_put_field(writer->bytes + writer->used, tag, length);
	writer->used += SLC_FIELD_SIZE;
}

void field_put(struct field_writer *writer, uint32_t tag, const void *value, size_t length)
{
	size_t room = writer->size - writer->used;

	if (room < SLC_FIELD_SIZE || room - SLC_FIELD_SIZE < length ||
		length > SLC_FIELD_LENGTH_MAX)
		writer->is_full = true;
	field_put_header(writer, tag, (uint32_t)length);
	if (writer->is_full || length == 0)
		return;
	memcpy(writer->bytes + writer->used, value, length);
	writer->used += length;
}

void field_put_number(struct field_writer *writer, uint32_t tag, uint32_t number)
{
	uint8_t bytes[4];

	wire_put_number(bytes, number);
	field_put(writer, tag, bytes, sizeof bytes);
}

void field_put_long(struct field_writer *writer, uint32_t tag, uint64_t number)
{
	uint8_t bytes[8];

	wire_put_long(bytes, number);
	field_put(writer, tag, bytes, sizeof bytes);
}

void field_put_text(struct field_writer *writer, uint32_t tag, const char *text)
{
	field_put(writer, tag, text, strlen(text));
}
