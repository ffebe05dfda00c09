/* fields: rows of fields, the form of requests, answers, statuses and copies (spec/slc.md): read
 * from a payload, read from a stream that is cut anywhere, and written into a bounded buffer.
 * Headers are taken apart by the machine slc_field. */
#ifndef CLOISTER_RUNTIME_CHANNEL_FIELDS_H
#define CLOISTER_RUNTIME_CHANNEL_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fsm/slc_field.h"
#include "runtime/channel/protocol.h"

struct field {
	uint32_t tag;
	uint32_t length;      /* bytes of value */
	const uint8_t *value; /* not terminated; belongs to whoever has the bytes */
};

/* --- A payload -------------------------------------------------------------------------------- */

struct fields {
	const uint8_t *bytes;
	size_t size, at;
};

static inline struct fields fields_of(const uint8_t *bytes, size_t size)
{
	return (struct fields){.bytes = bytes, .size = size, .at = 0};
}

enum fields_result {
	FIELDS_NEXT,  /* *field is the next one */
	FIELDS_END,   /* there is none any more: they fill the payload exactly */
	FIELDS_BROKEN /* what is left is no field: reason `request` */
};

enum fields_result fields_next(struct fields *fields, struct field *field);

/* Values. -1 where the value has another size than the number. */
int field_number(const struct field *field, uint32_t *number);
int field_long(const struct field *field, uint64_t *number);

/* Copies a text, terminated; `room` counts the NUL. -1 where it is longer, or has a NUL inside. */
int field_text(const struct field *field, char *text, size_t room);

/* --- A stream --------------------------------------------------------------------------------- */

/* Fields of one tag, the bulk, are given piece by piece, without a copy; the others whole, from a
 * buffer that the caller keeps in place as long as the reader, and that bounds their length. */
struct field_reader {
	struct slc_field header;
	uint32_t bulk;  /* the tag */
	uint32_t left;  /* bytes of value that have not come */
	uint32_t least; /* of a piece of the bulk that does not end it; 0 at first */
	uint32_t held;  /* bytes of value in the buffer */
	uint8_t *buffer;
	uint32_t size;
	bool in_value;
};

void field_reader_init(struct field_reader *reader, uint32_t bulk, uint8_t *buffer, uint32_t size);

enum field_result {
	FIELD_MORE, /* no field is complete; all bytes are used, or are a piece that is too small */
	FIELD_WHOLE, /* *field, valid until the next call */
	FIELD_PIECE, /* *field is a piece of the bulk, and reader->left bytes of it follow */
	FIELD_BROKEN /* longer than the buffer, or than any field may be: sticky */
};

/* Uses bytes from the front of bytes[0..*size), and moves both behind what it used. Call it until
 * it says FIELD_MORE. An empty field of the bulk is one empty piece. */
enum field_result field_reader_next(
	struct field_reader *reader, const uint8_t **bytes, size_t *size, struct field *field);

/* Whether no field is half read: only here may the stream end. */
bool field_reader_may_end(const struct field_reader *reader);

/* --- Writing ---------------------------------------------------------------------------------- */

/* What does not fit is left out whole, and so is all that follows; is_full says so. */
struct field_writer {
	uint8_t *bytes;
	size_t size, used;
	bool is_full;
};

static inline struct field_writer field_writer_of(uint8_t *bytes, size_t size)
{
	return (struct field_writer){.bytes = bytes, .size = size};
}

/* Only the header; `length` bytes of value must follow it in the stream. */
void field_put_header(struct field_writer *writer, uint32_t tag, uint32_t length);
void field_put(struct field_writer *writer, uint32_t tag, const void *value, size_t length);
void field_put_number(struct field_writer *writer, uint32_t tag, uint32_t number);
void field_put_long(struct field_writer *writer, uint32_t tag, uint64_t number);
void field_put_text(struct field_writer *writer, uint32_t tag, const char *text);

#endif
