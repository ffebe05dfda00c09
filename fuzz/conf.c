/* conf: any bytes. The lexer: tokens lie end to end, and each is the same when the slice ends with
 * it. The reader: the store is sound after success and failure, twice gives the same, and a text
 * that is cut anywhere does no harm. */
#include "gen/conf.h"

#include "fuzz/machine.h"
#include "runtime/kernel/conf.h"

static struct conf first, second; /* too large for a stack */

static void check_tokens(const uint8_t *text, size_t size)
{
	size_t at = 0;

	for (;;) {
		size_t length = SIZE_MAX;
		enum conf_token token = conf_lex(text + at, size - at, &length);

		FUZZ_REQUIRE(token >= CONF_END && token <= CONF_BAD);
		FUZZ_REQUIRE(length <= size - at && (length == 0) == (token == CONF_END));
		if (token == CONF_END)
			break;
		if (token != CONF_BAD) {
			size_t again = SIZE_MAX;

			FUZZ_REQUIRE(conf_lex(text + at, length, &again) == token);
			FUZZ_REQUIRE(again == length);
		}
		at += length;
	}
	FUZZ_REQUIRE(at == size);
}

static int same_entry(const struct conf_entry *a, const struct conf_entry *b)
{
	return a->number == b->number && a->name == b->name && a->first == b->first &&
	       a->last == b->last && a->next == b->next && a->line == b->line &&
	       a->column == b->column && a->type == b->type && a->header == b->header;
}

static void check_same(const struct conf *a, const struct conf *b)
{
	FUZZ_REQUIRE(a->entry_count == b->entry_count);
	FUZZ_REQUIRE(a->element_count == b->element_count);
	FUZZ_REQUIRE(a->string_bytes == b->string_bytes);
	FUZZ_REQUIRE(memcmp(a->strings, b->strings, a->string_bytes) == 0);
	for (uint32_t i = 0; i < a->entry_count; i++)
		FUZZ_REQUIRE(same_entry(&a->entries[i], &b->entries[i]));
	for (uint32_t i = 0; i < a->element_count; i++)
		FUZZ_REQUIRE(a->elements[i].number == b->elements[i].number &&
			     a->elements[i].type == b->elements[i].type);
}

/* Asks for every entry by its name: then none is left unknown. */
static void ask_all(struct conf *conf)
{
	struct fault fault;

	for (uint32_t i = 0; i < conf->entry_count; i++) {
		struct conf_entry *table = &conf->entries[i], *each;

		if (table->type == CONF_TYPE_TABLE)
			for (each = conf_first(conf, table); each; each = conf_next(conf, each))
				FUZZ_REQUIRE(conf_find(conf, table, conf_name(conf, each)) == each);
		if (table->type == CONF_TYPE_TABLES)
			for (each = conf_first(conf, table); each; each = conf_next(conf, each))
				each->asked = 1;
	}
	FUZZ_REQUIRE(conf_unknown(conf, &fault) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fault fault, again;
	uint32_t hash = 2166136261u;
	int result;

	check_tokens(data, size);
	result = conf_parse(&first, "fuzz", data, size, &fault);
	FUZZ_REQUIRE(conf_ok(&first));
	FUZZ_REQUIRE(conf_parse(&second, "fuzz", data, size, &again) == result);
	check_same(&first, &second);
	if (result != 0)
		FUZZ_REQUIRE(strcmp(fault.text, again.text) == 0 && first.entry_count == 1);
	else
		ask_all(&second);
	for (size_t i = 0; i < size; i++)
		hash = (hash ^ data[i]) * 16777619u;
	(void)conf_parse(&first, "fuzz", data, size ? hash % size : 0, &fault);
	FUZZ_REQUIRE(conf_ok(&first));
	return 0;
}
