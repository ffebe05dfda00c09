/* slc_fields: rows of fields, written and read, whole and cut. */
#include "runtime/channel/fields.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

static uint8_t bytes[4096];

static void what_is_written_is_read(void **unused)
{
	struct field_writer writer = field_writer_of(bytes, sizeof bytes);
	struct fields fields;
	struct field field;
	char text[8];
	uint32_t number;
	uint64_t large;

	(void)unused;
	field_put_text(&writer, SLC_ARGUMENT, "ls");
	field_put_number(&writer, SLC_REASON, 11);
	field_put_long(&writer, SLC_BYTES, UINT64_C(1) << 40);
	field_put(&writer, SLC_NONCE, NULL, 0);
	assert_false(writer.is_full);
	assert_int_equal(writer.used, 4 * SLC_FIELD_SIZE + 2 + 4 + 8);
	fields = fields_of(bytes, writer.used);
	assert_int_equal(fields_next(&fields, &field), FIELDS_NEXT);
	assert_int_equal(field.tag, SLC_ARGUMENT);
	assert_int_equal(field_text(&field, text, sizeof text), 0);
	assert_string_equal(text, "ls");
	assert_int_equal(field_text(&field, text, 2), -1); /* no room for the NUL */
	assert_int_equal(field_number(&field, &number), -1);
	assert_int_equal(fields_next(&fields, &field), FIELDS_NEXT);
	assert_int_equal(field_number(&field, &number), 0);
	assert_int_equal(number, 11);
	assert_int_equal(field_text(&field, text, sizeof text), -1); /* NULs inside */
	assert_int_equal(field_long(&field, &large), -1);
	assert_int_equal(fields_next(&fields, &field), FIELDS_NEXT);
	assert_int_equal(field_long(&field, &large), 0);
	assert_int_equal(large, UINT64_C(1) << 40);
	assert_int_equal(fields_next(&fields, &field), FIELDS_NEXT);
	assert_int_equal(field.length, 0);
	assert_int_equal(fields_next(&fields, &field), FIELDS_END);
	assert_int_equal(fields_next(&fields, &field), FIELDS_END);
}

static void a_row_fills_its_payload(void **unused)
{
	struct field_writer writer = field_writer_of(bytes, sizeof bytes);
	struct field field;

	(void)unused;
	field_put_text(&writer, SLC_ARGUMENT, "ls");
	field_put_text(&writer, SLC_ARGUMENT, "-l");
	for (size_t size = 0; size <= writer.used; size++) {
		struct fields fields = fields_of(bytes, size);
		enum fields_result result;
		size_t count = 0;

		while ((result = fields_next(&fields, &field)) == FIELDS_NEXT)
			count++;
		assert_int_equal(count, size / 8);
		assert_int_equal(result, size % 8 == 0 ? FIELDS_END : FIELDS_BROKEN);
		assert_int_equal(fields_next(&fields, &field), result);
	}
}

static void what_does_not_fit_is_left_out(void **unused)
{
	(void)unused;
	for (size_t size = 0; size < 16; size++) {
		struct field_writer writer = field_writer_of(bytes, size);

		memset(bytes, 0xee, sizeof bytes);
		field_put_text(&writer, SLC_ARGUMENT, "ls");
		field_put_number(&writer, SLC_REASON, 1);
		field_put_header(&writer, SLC_COPY_BYTES, 7); /* would fit, and follows a gap */
		assert_true(writer.is_full);
		assert_int_equal(writer.used, size < 8 ? 0 : 8);
		assert_int_equal(bytes[writer.used], 0xee);
	}
}

/* A copy in small: a name, the bytes of a file in a long field, an empty one, a digest. */
static size_t write_copy(void)
{
	struct field_writer writer = field_writer_of(bytes, sizeof bytes);
	uint8_t file[300];

	for (size_t i = 0; i < sizeof file; i++)
		file[i] = (uint8_t)i;
	field_put_text(&writer, SLC_COPY_NAME, "a/b");
	field_put(&writer, SLC_COPY_BEGIN, NULL, 0);
	field_put(&writer, SLC_COPY_BYTES, file, sizeof file);
	field_put(&writer, SLC_COPY_BYTES, file, 0);
	field_put(&writer, SLC_COPY_DIGEST, file, 32);
	return writer.used;
}

struct copy {
	char names[64]; /* of the whole fields, by the last digits of their tags */
	size_t pieces;  /* bytes */
	unsigned ends;  /* pieces after which nothing was left of a field */
};

static void note(struct copy *copy, const struct field_reader *reader, const struct field *field,
	enum field_result result)
{
	if (result == FIELD_WHOLE) {
		size_t used = strlen(copy->names);

		copy->names[used] = (char)('0' + field->tag % 10);
		copy->names[used + 1] = '\0';
		return;
	}
	assert_int_equal(result, FIELD_PIECE);
	assert_int_equal(field->tag, SLC_COPY_BYTES);
	for (uint32_t i = 0; i < field->length; i++)
		assert_int_equal(field->value[i], (uint8_t)(copy->pieces + i));
	copy->pieces += field->length;
	copy->ends += reader->left == 0;
}

static void feed(struct field_reader *reader, struct copy *copy, const uint8_t *from, size_t size)
{
	enum field_result result;
	struct field field;

	while ((result = field_reader_next(reader, &from, &size, &field)) != FIELD_MORE)
		note(copy, reader, &field, result);
	assert_int_equal(size, 0);
}

static void a_stream_is_cut_anywhere(void **unused)
{
	size_t size = write_copy();
	uint8_t buffer[32];

	(void)unused;
	for (size_t step = 1; step <= size; step++) {
		struct field_reader reader;
		struct copy copy = {.pieces = 0};

		field_reader_init(&reader, SLC_COPY_BYTES, buffer, sizeof buffer);
		assert_true(field_reader_may_end(&reader));
		for (size_t at = 0; at < size; at += step)
			feed(&reader, &copy, bytes + at, step < size - at ? step : size - at);
		assert_string_equal(copy.names, "402");
		assert_int_equal(copy.pieces, 300);
		assert_int_equal(copy.ends, 2);
		assert_true(field_reader_may_end(&reader));
	}
}

/* What is too small stays where it is, until there is more of it or it ends its field. */
static void a_piece_has_its_least(void **unused)
{
	size_t size = write_copy();
	uint8_t buffer[32];

	(void)unused;
	for (size_t step = 1; step <= size; step++) {
		const uint8_t *from = bytes;
		struct copy copy = {.pieces = 0};
		struct field_reader reader;
		enum field_result result;
		struct field field;
		size_t here = 0;

		field_reader_init(&reader, SLC_COPY_BYTES, buffer, sizeof buffer);
		reader.least = 64;
		for (size_t came = 0; came < size; came += step) {
			here += step < size - came ? step : size - came;
			while ((result = field_reader_next(&reader, &from, &here, &field)) !=
				FIELD_MORE) {
				assert_true(result == FIELD_WHOLE || field.length >= 64 ||
					    reader.left == 0);
				note(&copy, &reader, &field, result);
			}
			assert_in_range(here, 0, 63);
		}
		assert_string_equal(copy.names, "402");
		assert_int_equal(copy.pieces, 300);
		assert_int_equal(copy.ends, 2);
	}
}

static void a_stream_ends_between_fields(void **unused)
{
	size_t size = write_copy();
	uint8_t buffer[32];

	(void)unused;
	for (size_t cut = 0; cut <= size; cut++) {
		struct field_reader reader;
		struct copy copy = {.pieces = 0};
		bool is_between = cut == 0 || cut == 9 || cut == 15 || cut == 321 || cut == 327 ||
				  cut == size;

		field_reader_init(&reader, SLC_COPY_BYTES, buffer, sizeof buffer);
		feed(&reader, &copy, bytes, cut);
		assert_int_equal(field_reader_may_end(&reader), is_between);
	}
}

static void what_is_too_long_is_broken(void **unused)
{
	static const struct {
		uint32_t tag, length;
	} headers[] = {
		{SLC_COPY_DIGEST, 33}, /* than the buffer */
		{SLC_COPY_BYTES, SLC_FIELD_LENGTH_MAX + 1},
		{SLC_COPY_BYTES, UINT32_MAX},
	};
	uint8_t buffer[32];

	(void)unused;
	for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
		struct field_writer writer = field_writer_of(bytes, sizeof bytes);
		struct field_reader reader;
		const uint8_t *from = bytes;
		size_t size = 10;
		struct field field;

		field_put_header(&writer, headers[i].tag, headers[i].length);
		field_reader_init(&reader, SLC_COPY_BYTES, buffer, sizeof buffer);
		for (unsigned again = 0; again < 3; again++)
			assert_int_equal(
				field_reader_next(&reader, &from, &size, &field), FIELD_BROKEN);
		assert_false(field_reader_may_end(&reader));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(a_row_fills_its_payload),
		cmocka_unit_test(what_does_not_fit_is_left_out),
		cmocka_unit_test(a_stream_is_cut_anywhere),
		cmocka_unit_test(a_piece_has_its_least),
		cmocka_unit_test(a_stream_ends_between_fields),
		cmocka_unit_test(what_is_too_long_is_broken),
	};

	return cmocka_run_group_tests_name("slc_fields", tests, NULL, NULL);
}
