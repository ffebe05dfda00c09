/* slc_packet: the packets between the front and the broker of slc: each kind there and back, and
 * everything that is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/channel/fields.h"
#include "services/slc/packet.h"

static struct fault fault;

/* Decodes from memory of exactly that size, so that a byte read beyond it is found. */
static int decode(struct packet *packet, enum packet_side from, const uint8_t *bytes, size_t size,
	unsigned descriptors)
{
	uint8_t *exact = malloc(size > 0 ? size : 1);
	int result;

	assert_non_null(exact);
	memcpy(exact, bytes, size);
	result = packet_decode(packet, from, exact, size, descriptors, &fault);
	if (result == 0 && packet->bytes != NULL)
		packet->bytes = bytes + (packet->bytes - exact);
	else if (result != 0)
		assert_string_equal(fault.word, "packet");
	free(exact);
	return result;
}

static const struct {
	struct packet packet;
	enum packet_side from;
	unsigned descriptors;
} samples[] = {
	{{.kind = PACKET_PART, .id = 1, .bytes = (const uint8_t *)"abc", .size = 3},
		PACKET_FROM_FRONT, 0},
	{{.kind = PACKET_EXEC, .id = 2, .bytes = (const uint8_t *)"", .size = 0}, PACKET_FROM_FRONT,
		0},
	{{.kind = PACKET_PUT, .id = 3, .bytes = (const uint8_t *)"a", .size = 1}, PACKET_FROM_FRONT,
		0},
	{{.kind = PACKET_GET, .id = UINT32_MAX, .bytes = (const uint8_t *)"a", .size = 1},
		PACKET_FROM_FRONT, 0},
	{{.kind = PACKET_SIGNAL, .id = 5, .number = 64}, PACKET_FROM_FRONT, 0},
	{{.kind = PACKET_DONE, .id = 6}, PACKET_FROM_FRONT, 0},
	{{.kind = PACKET_PIPES, .id = 7}, PACKET_FROM_BROKER, PACKET_PIPES_COUNT},
	{{.kind = PACKET_STARTED, .id = 8}, PACKET_FROM_BROKER, 0},
	{{.kind = PACKET_NOT_STARTED, .id = 9, .number = 127, .reason = 11, .text = "why"},
		PACKET_FROM_BROKER, 0},
	{{.kind = PACKET_EXITED, .id = 10, .number = 255}, PACKET_FROM_BROKER, 0},
	{{.kind = PACKET_KILLED, .id = 11, .number = 9}, PACKET_FROM_BROKER, 0},
	{{.kind = PACKET_LISTEN, .id = 13, .bytes = (const uint8_t *)"ab", .size = 2},
		PACKET_FROM_FRONT, 0},
	{{.kind = PACKET_DIAL, .id = 12, .bytes = (const uint8_t *)"a", .size = 1},
		PACKET_FROM_FRONT, 0},
};
#define SAMPLES (sizeof samples / sizeof samples[0])

static void every_kind_comes_as_it_was_sent(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < SAMPLES; i++) {
		const struct packet *sent = &samples[i].packet;
		uint8_t bytes[PACKET_SIZE_MAX];
		size_t size = packet_encode(sent, bytes);
		struct packet got;

		assert_int_equal(
			decode(&got, samples[i].from, bytes, size, samples[i].descriptors), 0);
		assert_int_equal(got.kind, sent->kind);
		assert_int_equal(got.id, sent->id);
		assert_int_equal(got.number, sent->number);
		assert_int_equal(got.reason, sent->reason);
		assert_string_equal(got.text, sent->text);
		assert_int_equal(got.size, sent->size);
		if (sent->size > 0)
			assert_memory_equal(got.bytes, sent->bytes, sent->size);
	}
}

static void the_largest_part_and_text_fit(void **unused)
{
	static uint8_t many[PACKET_PART_MAX];
	struct packet part = {.kind = PACKET_PART, .bytes = many, .size = sizeof many};
	struct packet why = {.kind = PACKET_NOT_STARTED, .number = 125};
	uint8_t bytes[PACKET_SIZE_MAX];
	struct packet got;

	(void)unused;
	memset(many, 'm', sizeof many);
	assert_int_equal(decode(&got, PACKET_FROM_FRONT, bytes, packet_encode(&part, bytes), 0), 0);
	assert_int_equal(got.size, sizeof many);
	memset(why.text, 't', SLC_TEXT_MAX);
	assert_int_equal(decode(&got, PACKET_FROM_BROKER, bytes, packet_encode(&why, bytes), 0), 0);
	assert_string_equal(got.text, why.text);
}

static void no_prefix_and_no_tail_is_taken(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < SAMPLES; i++) {
		uint8_t bytes[PACKET_SIZE_MAX + 1] = {0};
		size_t size = packet_encode(&samples[i].packet, bytes);
		struct packet got;

		for (size_t n = 0; n < size; n++)
			assert_int_equal(
				decode(&got, samples[i].from, bytes, n, samples[i].descriptors),
				-1);
		for (size_t n = 1; n <= 8; n++)
			assert_int_equal(decode(&got, samples[i].from, bytes, size + n,
						 samples[i].descriptors),
				-1);
	}
}

static void the_wrong_side_and_descriptors_are_refused(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < SAMPLES; i++) {
		enum packet_side other = samples[i].from == PACKET_FROM_FRONT ? PACKET_FROM_BROKER
									      : PACKET_FROM_FRONT;
		uint8_t bytes[PACKET_SIZE_MAX];
		size_t size = packet_encode(&samples[i].packet, bytes);
		struct packet got;

		assert_int_equal(decode(&got, other, bytes, size, samples[i].descriptors), -1);
		for (unsigned n = 0; n < 5; n++)
			if (n != samples[i].descriptors)
				assert_int_equal(decode(&got, samples[i].from, bytes, size, n), -1);
	}
}

static void unknown_kinds_are_refused(void **unused)
{
	static const uint8_t kinds[][8] = {
		{0}, {0, 0, 0, 12}, {0, 0, 1, 6}, {6, 0, 0, 0}, {255, 255, 255, 255}};
	struct packet got;

	(void)unused;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		assert_int_equal(decode(&got, PACKET_FROM_FRONT, kinds[i], 8, 0), -1);
		assert_int_equal(decode(&got, PACKET_FROM_BROKER, kinds[i], 8, 0), -1);
	}
}

static void numbers_have_their_ranges(void **unused)
{
	static const struct {
		enum packet_kind kind;
		enum packet_side from;
		uint32_t number;
		int result;
	} cases[] = {
		{PACKET_SIGNAL, PACKET_FROM_FRONT, 0, -1},
		{PACKET_SIGNAL, PACKET_FROM_FRONT, 1, 0},
		{PACKET_SIGNAL, PACKET_FROM_FRONT, 65, -1},
		{PACKET_NOT_STARTED, PACKET_FROM_BROKER, 124, -1},
		{PACKET_NOT_STARTED, PACKET_FROM_BROKER, 125, 0},
		{PACKET_NOT_STARTED, PACKET_FROM_BROKER, 128, -1},
		{PACKET_EXITED, PACKET_FROM_BROKER, 0, 0},
		{PACKET_EXITED, PACKET_FROM_BROKER, 256, -1},
		{PACKET_KILLED, PACKET_FROM_BROKER, 0, -1},
		{PACKET_KILLED, PACKET_FROM_BROKER, UINT32_MAX, -1},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct packet packet = {.kind = cases[i].kind, .number = cases[i].number}, got;
		uint8_t bytes[PACKET_SIZE_MAX];
		size_t size = packet_encode(&packet, bytes);

		assert_int_equal(decode(&got, cases[i].from, bytes, size, 0), cases[i].result);
	}
}

/* Fields twice, in another order, of another kind's, of a size that a number can't have. */
static void fields_are_those_of_the_kind(void **unused)
{
	static const struct {
		uint8_t kind;
		uint8_t tags[3];
		uint8_t length;
		int result;
	} cases[] = {
		{PACKET_SIGNAL, {1, 0, 0}, 4, 0},
		{PACKET_SIGNAL, {0, 0, 0}, 4, -1},
		{PACKET_SIGNAL, {1, 1, 0}, 4, -1},
		{PACKET_SIGNAL, {1, 2, 0}, 4, -1},
		{PACKET_SIGNAL, {2, 0, 0}, 4, -1},
		{PACKET_SIGNAL, {200, 0, 0}, 4, -1},
		{PACKET_SIGNAL, {1, 0, 0}, 3, -1},
		{PACKET_SIGNAL, {1, 0, 0}, 5, -1},
		{PACKET_DONE, {0, 0, 0}, 4, 0},
		{PACKET_DONE, {1, 0, 0}, 4, -1},
		{PACKET_EXEC, {1, 4, 0}, 4, 0},
		{PACKET_EXEC, {4, 0, 0}, 4, -1},
		{PACKET_EXEC, {1, 4, 4}, 4, -1},
		{PACKET_EXEC, {4, 1, 0}, 4, -1},
		{PACKET_SESSION, {1, 4, 0}, 4, 0},
		{PACKET_SESSION, {4, 0, 0}, 4, -1},
		{PACKET_MARK, {0, 0, 0}, 4, 0},
		{PACKET_MARK, {4, 0, 0}, 4, -1},
		{PACKET_LOG, {4, 0, 0}, 4, 0},
		{PACKET_CONTROL, {1, 4, 0}, 4, 0},
		{PACKET_CONTROL, {4, 0, 0}, 4, -1},
		{PACKET_PROVE, {4, 0, 0}, 4, 0},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t bytes[64] = {0, 0, 0, cases[i].kind};
		struct field_writer writer = field_writer_of(bytes + 8, sizeof bytes - 8);
		struct packet got;

		for (size_t t = 0; t < 3 && cases[i].tags[t] != 0; t++)
			field_put(&writer, cases[i].tags[t], "\0\0\0\5\0", cases[i].length);
		assert_int_equal(decode(&got, PACKET_FROM_FRONT, bytes, 8 + writer.used, 0),
			cases[i].result);
	}
}

static void texts_have_no_nul(void **unused)
{
	struct packet packet = {.kind = PACKET_NOT_STARTED, .number = 125, .text = "ab"}, got;
	uint8_t bytes[PACKET_SIZE_MAX];
	size_t size = packet_encode(&packet, bytes);

	(void)unused;
	bytes[size - 2] = 0;
	assert_int_equal(decode(&got, PACKET_FROM_BROKER, bytes, size, 0), -1);
}

static void parts_have_their_limit(void **unused)
{
	uint8_t bytes[PACKET_SIZE_MAX] = {0, 0, 0, PACKET_PART};
	struct field_writer writer = field_writer_of(bytes + 8, sizeof bytes - 8);
	static const uint8_t many[PACKET_PART_MAX + 1];
	struct packet got;

	(void)unused;
	field_put(&writer, 4, many, sizeof many);
	assert_int_equal(decode(&got, PACKET_FROM_FRONT, bytes, 8 + writer.used, 0), -1);
}

/* Every byte of every sample, changed in every bit: whatever it is then, it is in its bounds. */
static void changed_bits_do_no_harm(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < SAMPLES; i++) {
		uint8_t bytes[PACKET_SIZE_MAX];
		size_t size = packet_encode(&samples[i].packet, bytes);
		struct packet got;

		for (size_t bit = 0; bit < size * 8; bit++) {
			bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
			if (decode(&got, samples[i].from, bytes, size, samples[i].descriptors) == 0)
				assert_true(got.size <= size);
			bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_comes_as_it_was_sent),
		cmocka_unit_test(the_largest_part_and_text_fit),
		cmocka_unit_test(no_prefix_and_no_tail_is_taken),
		cmocka_unit_test(the_wrong_side_and_descriptors_are_refused),
		cmocka_unit_test(unknown_kinds_are_refused),
		cmocka_unit_test(numbers_have_their_ranges),
		cmocka_unit_test(fields_are_those_of_the_kind),
		cmocka_unit_test(texts_have_no_nul),
		cmocka_unit_test(parts_have_their_limit),
		cmocka_unit_test(changed_bits_do_no_harm),
	};

	return cmocka_run_group_tests_name("slc_packet", tests, NULL, NULL);
}
