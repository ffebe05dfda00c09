/* cbor against libcbor, on thousands of seeded texts that are made, mutated or random: what we
 * accept, libcbor reads as the same tree; what libcbor accepts and we do not, is one of the things
 * that we refuse on purpose. CBOR_SEED and CBOR_ROUNDS choose others. */
#include <cbor.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/crypto/cbor.h"

#define SIZE_MOST 600
#define TREE_MOST 16384

/* libcbor asks for memory by the counts of heads before it looks at what follows; these are the
 * bounds that keep it from getting gigabytes. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1:max_allocation_size_mb=16";
}

static uint64_t random_state;

static uint32_t draw(uint32_t below)
{
	random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(random_state >> 33) % below;
}

/* --- Trees as text ---------------------------------------------------------------------------- */

struct tree {
	char text[TREE_MOST];
	size_t used;
};

__attribute__((format(printf, 2, 3))) static void put(struct tree *tree, const char *format, ...)
{
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(tree->text + tree->used, sizeof tree->text - tree->used, format, arguments);
	va_end(arguments);
	assert_true(n >= 0 && (size_t)n < sizeof tree->text - tree->used);
	tree->used += (size_t)n;
}

static void put_string(struct tree *tree, char kind, const uint8_t *bytes, size_t size)
{
	put(tree, "%c", kind);
	for (size_t i = 0; i < size; i++)
		put(tree, "%02x", bytes[i]);
	put(tree, " ");
}

/* libcbor widens halves to floats, so of those only the width is compared. */
static void put_real(struct tree *tree, uint32_t width, uint64_t bits)
{
	put(tree, "r%u:%llx ", width, (unsigned long long)(width == 2 ? 0 : bits));
}

static void put_ours(struct tree *tree, const struct cbor_item *item)
{
	static const char *const names[] = {"u", "n", "b", "t", "[", "{", "#", "s", "r", ") ", ""};

	if (item->kind == CBOR_BYTES || item->kind == CBOR_TEXT)
		put_string(tree, *names[item->kind], item->bytes, item->size);
	else if (item->kind == CBOR_REAL)
		put_real(tree, item->width, item->argument);
	else if (item->kind == CBOR_LEAVE || item->kind == CBOR_END)
		put(tree, "%s", names[item->kind]);
	else if (item->open)
		put(tree, "%s_ ", names[item->kind]);
	else
		put(tree, "%s%llu ", names[item->kind], (unsigned long long)item->argument);
}

static void put_theirs(struct tree *tree, cbor_item_t *item);

static void put_list(struct tree *tree, cbor_item_t *array)
{
	size_t size = cbor_array_size(array);

	if (cbor_array_is_definite(array))
		put(tree, "[%zu ", size);
	else
		put(tree, "[_ ");
	for (size_t i = 0; i < size; i++)
		put_theirs(tree, cbor_array_handle(array)[i]);
	put(tree, ") ");
}

static void put_map(struct tree *tree, cbor_item_t *map)
{
	size_t size = cbor_map_size(map);

	if (cbor_map_is_definite(map))
		put(tree, "{%zu ", size);
	else
		put(tree, "{_ ");
	for (size_t i = 0; i < size; i++) {
		put_theirs(tree, cbor_map_handle(map)[i].key);
		put_theirs(tree, cbor_map_handle(map)[i].value);
	}
	put(tree, ") ");
}

static void put_simple(struct tree *tree, cbor_item_t *item)
{
	uint64_t bits = 0;
	double wide;
	float narrow;

	if (cbor_float_ctrl_is_ctrl(item)) {
		put(tree, "s%u ", (unsigned)cbor_ctrl_value(item));
		return;
	}
	if (cbor_float_get_width(item) == CBOR_FLOAT_64) {
		wide = cbor_float_get_float8(item);
		memcpy(&bits, &wide, sizeof wide);
	} else if (cbor_float_get_width(item) == CBOR_FLOAT_32) {
		narrow = cbor_float_get_float4(item);
		memcpy(&bits, &narrow, sizeof narrow);
	}
	put_real(tree, 1u << cbor_float_get_width(item), bits);
}

static void put_theirs(struct tree *tree, cbor_item_t *item)
{
	switch (cbor_typeof(item)) {
	case CBOR_TYPE_UINT:
	case CBOR_TYPE_NEGINT:
		put(tree, "%c%llu ", cbor_isa_uint(item) ? 'u' : 'n',
			(unsigned long long)cbor_get_int(item));
		break;
	case CBOR_TYPE_BYTESTRING:
		put_string(tree, 'b', cbor_bytestring_handle(item), cbor_bytestring_length(item));
		break;
	case CBOR_TYPE_STRING:
		put_string(tree, 't', cbor_string_handle(item), cbor_string_length(item));
		break;
	case CBOR_TYPE_ARRAY:
		put_list(tree, item);
		break;
	case CBOR_TYPE_MAP:
		put_map(tree, item);
		break;
	case CBOR_TYPE_TAG:
		put(tree, "#%llu ", (unsigned long long)cbor_tag_value(item));
		put_theirs(tree, cbor_move(cbor_tag_item(item)));
		break;
	case CBOR_TYPE_FLOAT_CTRL:
		put_simple(tree, item);
		break;
	}
}

/* --- One input -------------------------------------------------------------------------------- */

static struct fault fault;
static unsigned same, refused_by_both, refused_by_us, strange;

/* Reads the input and writes its tree; false with the fault set. libcbor 0.8 takes only some simple
 * values and tags: *known says whether there were no others. */
static bool read_ours(const uint8_t *bytes, size_t size, struct tree *tree, bool *known)
{
	const struct cbor_limits limits = {
		.depth = CBOR_DEPTH_MAX, .count = 4096, .length = 4096, .indefinite = true};
	struct cbor_item item = {.kind = CBOR_LEAVE};
	struct cbor_reader reader;

	*known = true;
	tree->used = 0;
	cbor_start(&reader, bytes, size, &limits);
	while (item.kind != CBOR_END) {
		if (cbor_next(&reader, &item, &fault) < 0)
			return false;
		put_ours(tree, &item);
		if (item.kind == CBOR_SIMPLE && (item.argument < 20 || item.argument > 23))
			*known = false;
		if (item.kind == CBOR_TAG && item.argument > 5 && item.argument <= 20)
			*known = false;
	}
	return true;
}

static bool is_our_choice(const char *word)
{
	static const char *const words[] = {"minimal", "indefinite", "utf8", "limit"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

static void compare(const uint8_t *bytes, size_t size)
{
	static struct tree ours, theirs;
	struct cbor_load_result result;
	cbor_item_t *item;
	bool known, accepted = read_ours(bytes, size, &ours, &known);

	item = cbor_load(bytes, size, &result);
	if (accepted && !known) {
		strange++;
	} else if (accepted) {
		assert_non_null(item);
		assert_int_equal(result.read, size);
		theirs.used = 0;
		put_theirs(&theirs, item);
		assert_string_equal(ours.text, theirs.text);
		same++;
	} else if (item != NULL && result.read == size) {
		if (!is_our_choice(fault.word))
			fail_msg("libcbor reads what we refuse: %s", fault.text);
		refused_by_us++;
	} else {
		refused_by_both++;
	}
	if (item != NULL)
		cbor_decref(&item);
}

/* --- Inputs ----------------------------------------------------------------------------------- */

struct input {
	uint8_t bytes[SIZE_MOST];
	size_t size;
};

static void add_byte(struct input *input, uint32_t byte)
{
	if (input->size < SIZE_MOST)
		input->bytes[input->size++] = (uint8_t)byte;
}

static void add_head(struct input *input, uint32_t major, uint64_t argument)
{
	uint32_t width = argument < 24 ? 0 : argument < 256 ? 1 : argument < 65536 ? 2 : 8;

	if (width == 8 && argument <= UINT32_MAX)
		width = 4;
	if (draw(100) == 0)
		width = width == 0 ? 1 : 8; /* wider than it need be */
	add_byte(input, 32 * major + (width == 0          ? (uint32_t)argument
					     : width == 8 ? 27
					     : width == 4 ? 26
							  : 23 + width));
	for (uint32_t i = width; i > 0; i--)
		add_byte(input, (uint32_t)(argument >> (8 * (i - 1))) & 255);
}

static uint64_t some_argument(void)
{
	static const uint64_t edges[] = {
		0, 23, 24, 255, 256, 65535, 65536, UINT32_MAX, UINT64_C(4294967296), UINT64_MAX};

	return draw(3) == 0 ? edges[draw(10)] : draw(300);
}

static void add_item(struct input *input, unsigned depth)
{
	static const uint8_t simple[] = {0xf4, 0xf5, 0xf6, 0xf7, 0xf9, 0xfa, 0xfb};
	static const uint8_t width[] = {0, 0, 0, 0, 2, 4, 8};
	uint32_t major = draw(depth > 5 ? 4 : 8), count = draw(5), which = draw(7);

	if (major < 2) {
		add_head(input, major, some_argument());
	} else if (major < 4 && draw(40) == 0) {
		add_byte(input, 32 * major + 31); /* in chunks */
		while (count-- > 0)
			add_byte(input, 32 * major);
		add_byte(input, 0xff);
	} else if (major < 4) {
		count = draw(8) == 0 ? draw(70) : count;
		add_head(input, major, count);
		while (count-- > 0)
			add_byte(input, 'a' + draw(26));
	} else if (major < 6) {
		bool open = draw(3) == 0;

		if (open)
			add_byte(input, 32 * major + 31);
		else
			add_head(input, major, count);
		for (count *= major - 3; count > 0; count--)
			add_item(input, depth + 1);
		if (open)
			add_byte(input, 0xff);
	} else if (major == 6) {
		add_head(input, 6, draw(2) == 0 ? draw(6) : 21 + some_argument() % 100000);
		add_item(input, depth + 1);
	} else {
		add_byte(input, simple[which]);
		for (uint32_t i = 0; i < width[which]; i++)
			add_byte(input, draw(256));
	}
}

static void mutate(struct input *input)
{
	for (uint32_t times = 1 + draw(3); times > 0 && input->size > 0; times--) {
		size_t at = draw((uint32_t)input->size);

		switch (draw(4)) {
		case 0:
			input->bytes[at] = (uint8_t)draw(256);
			break;
		case 1:
			input->bytes[at] ^= (uint8_t)(1u << draw(8));
			break;
		case 2:
			memmove(input->bytes + at, input->bytes + at + 1, --input->size - at);
			break;
		default:
			input->size = at;
			break;
		}
	}
}

static unsigned long setting(const char *name, unsigned long usual)
{
	const char *text = getenv(name);

	return text != NULL ? strtoul(text, NULL, 10) : usual;
}

static void both_read_the_same(void **unused)
{
	unsigned long rounds = setting("CBOR_ROUNDS", 40000);
	uint8_t *exact;

	(void)unused;
	random_state = setting("CBOR_SEED", 1);
	for (unsigned long round = 0; round < rounds; round++) {
		struct input input = {.size = 0};

		if (round % 4 == 3)
			for (uint32_t n = draw(40); n > 0; n--)
				add_byte(&input, draw(256));
		else
			add_item(&input, 0);
		if (round % 2 == 1)
			mutate(&input);
		exact = malloc(input.size + (input.size == 0));
		assert_non_null(exact);
		memcpy(exact, input.bytes, input.size);
		compare(exact, input.size);
		free(exact);
	}
	printf("# %u read alike, %u refused by both, %u refused by us alone, %u strange\n", same,
		refused_by_both, refused_by_us, strange);
	assert_true(
		same > rounds / 4 && refused_by_both > rounds / 8 && refused_by_us > rounds / 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_read_the_same),
	};

	return cmocka_run_group_tests_name("cbor_peer", tests, NULL, NULL);
}
