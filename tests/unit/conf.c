/* conf: the examples of its page, the lexer's tokens, the store's answers, places, limits. */
#include "runtime/kernel/conf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gen/conf.h"

#define PAGE "spec/conf.md"

static struct conf conf; /* too large for a stack */
static struct fault fault;

static int parse(const char *text)
{
	int result = conf_parse(&conf, "f", text, strlen(text), &fault);

	assert_true(conf_ok(&conf));
	return result;
}

static void assert_read(const char *text)
{
	if (parse(text) != 0)
		fail_msg("%s", fault.text);
}

static void assert_fault(const char *word, const char *text)
{
	assert_string_equal(fault.text, text);
	assert_string_equal(fault.word, word);
}

static void assert_refused(const char *text, const char *word, const char *sentence)
{
	assert_int_equal(parse(text), -1);
	assert_fault(word, sentence);
	assert_int_equal(conf.entry_count, 1);
}

/* One example of the page: its text, and what its last line says. */
static void check_example(const char *text, const char *says, int line)
{
	int result = conf_parse(&conf, "f", text, strlen(text), &fault);
	const char *found = result == 0 ? "accepted" : fault.text + strlen("f:");

	if (strcmp(found, says) != 0)
		fail_msg("%s:%d: the page says '%s', found '%s'", PAGE, line, says, found);
}

static void the_examples_of_the_page_hold(void **unused)
{
	char text[4096] = "", line[512];
	int number = 0, inside = 0, examples = 0;
	FILE *page = fopen(PAGE, "r");

	(void)unused;
	assert_non_null(page);
	while (fgets(line, sizeof line, page) != NULL) {
		number++;
		if (!inside && strncmp(line, "```example", 10) == 0) {
			inside = 1;
			text[0] = '\0';
		} else if (inside && strncmp(line, "-> ", 3) == 0) {
			line[strcspn(line, "\n")] = '\0';
			check_example(text, line + 3, number);
			examples++;
			inside = 0;
		} else if (inside) {
			assert_true(strncmp(line, "```", 3) != 0);
			strncat(text, line, sizeof text - strlen(text) - 1);
		}
	}
	fclose(page);
	assert_true(examples >= 10);
}

static void assert_tokens(const char *text, const char *expected)
{
	char found[256] = "";
	size_t at = 0, size = strlen(text), length;
	enum conf_token token;

	do {
		token = conf_lex((const uint8_t *)text + at, size - at, &length);
		assert_true(length > 0 || token == CONF_END);
		at += length;
		strncat(found, conf_kind.events[token], sizeof found - strlen(found) - 2);
		strcat(found, " ");
	} while (token != CONF_END);
	assert_int_equal(at, size);
	assert_string_equal(found, expected);
}

static void tokens_are_those_of_the_page(void **unused)
{
	(void)unused;
	assert_tokens("", "END ");
	assert_tokens(" \t#x\r\n", "SPACE COMMENT NEWLINE END ");
	assert_tokens("a-1=-1,1_0", "WORD EQUALS INTEGER COMMA INTEGER END ");
	assert_tokens("00 1__0 1_ - --1 -01", "WORD SPACE WORD SPACE WORD SPACE WORD SPACE WORD "
					      "SPACE WORD END ");
	assert_tokens("true.false truer", "BOOLEAN DOT BOOLEAN SPACE WORD END ");
	assert_tokens("[a]\n[[b]]", "OPEN WORD CLOSE NEWLINE OPEN_PAIR WORD CLOSE_PAIR END ");
	assert_tokens("[[[a]]]", "OPEN_PAIR OPEN WORD CLOSE_PAIR CLOSE END ");
	assert_tokens("\"\"'' \"\\\"\"'\\'", "STRING LITERAL SPACE STRING LITERAL END ");
	assert_tokens("\"\"\"''''", "MULTILINE MULTILINE OPEN_STRING END ");
	assert_tokens("\"a\\\n'b\x01", "OPEN_STRING NEWLINE OPEN_STRING BAD END ");
	assert_tokens("{}+\r@", "BRACE BRACE PLUS BAD BAD END ");
	assert_tokens("a:a/a@a`a", "WORD BAD WORD BAD WORD BAD WORD BAD WORD END ");
	assert_tokens("#\x7f\xff", "COMMENT BAD BAD END ");
}

static void values_come_back(void **unused)
{
	const char *name = "unset";
	int64_t number = -7;
	int flag = -7;

	(void)unused;
	assert_read("s = \"a\\tb\\u00e9\\U0001F600\"\r\nl = 'C:\\x'\n\"q k\" = -1_0\nb = true\n");
	assert_int_equal(conf_string(&conf, conf_root(&conf), "s", &name, &fault), 0);
	assert_string_equal(name, "a\tb\xc3\xa9\xf0\x9f\x98\x80");
	assert_int_equal(conf_string(&conf, conf_root(&conf), "l", &name, &fault), 0);
	assert_string_equal(name, "C:\\x");
	assert_int_equal(conf_integer(&conf, conf_root(&conf), "q k", -10, 10, &number, &fault), 0);
	assert_int_equal(number, -10);
	assert_int_equal(conf_boolean(&conf, conf_root(&conf), "b", &flag, &fault), 0);
	assert_int_equal(flag, 1);
	assert_int_equal(conf_unknown(&conf, &fault), 0);
}

static void what_is_missing_stays_as_it_was(void **unused)
{
	const char *name = "default";
	int64_t number = 5;
	int flag = 1;
	struct conf_strings list = {NULL, 0};
	struct conf_entry *table = conf_root(&conf), *tables = table;

	(void)unused;
	assert_read("[other]\n");
	assert_int_equal(conf_table(&conf, conf_root(&conf), "t", &table, &fault), 0);
	assert_null(table);
	assert_int_equal(conf_tables(&conf, table, "t", &tables, &fault), 0);
	assert_null(tables);
	assert_int_equal(conf_string(&conf, table, "s", &name, &fault), 0);
	assert_string_equal(name, "default");
	assert_int_equal(conf_integer(&conf, table, "i", 0, 1, &number, &fault), 0);
	assert_int_equal(number, 5);
	assert_int_equal(conf_boolean(&conf, table, "b", &flag, &fault), 0);
	assert_int_equal(flag, 1);
	assert_int_equal(conf_list(&conf, table, "l", &list, &fault), 0);
	assert_int_equal(list.count, 0);
	assert_null(conf_first(&conf, table));
	assert_int_equal(conf_require(&conf, table, "k", &fault), -1);
	assert_fault("missing", "f: the table of 'k' is missing");
	assert_int_equal(conf_table(&conf, conf_root(&conf), "other", &table, &fault), 0);
	assert_int_equal(conf_require(&conf, table, "k", &fault), -1);
	assert_fault("missing", "f:1:2: the key 'k' is missing here");
}

static void wrong_types_and_ranges_name_their_place(void **unused)
{
	const struct conf_entry *root = conf_root(&conf);
	const char *name;
	int64_t number;
	int flag;
	struct conf_strings list;
	struct conf_entry *table;

	(void)unused;
	assert_read("\n s = 1\ni = 'x'\n  l = [ 'a',\n\t7 ]\n[t]\n[[u]]\n");
	assert_int_equal(conf_string(&conf, root, "s", &name, &fault), -1);
	assert_fault("type", "f:2:2: 's' must be a string, in quotes");
	assert_int_equal(conf_integer(&conf, root, "i", 0, 9, &number, &fault), -1);
	assert_fault("type", "f:3:1: 'i' must be an integer");
	assert_int_equal(conf_integer(&conf, root, "s", 2, 9, &number, &fault), -1);
	assert_fault("range", "f:2:2: 's' is 1, but must be 2 to 9");
	assert_int_equal(conf_boolean(&conf, root, "s", &flag, &fault), -1);
	assert_fault("type", "f:2:2: 's' must be true or false");
	assert_int_equal(conf_list(&conf, root, "l", &list, &fault), -1);
	assert_fault("type", "f:5:2: element 2 of 'l' must be a string, in quotes");
	assert_int_equal(conf_table(&conf, root, "u", &table, &fault), -1);
	assert_fault("type", "f:7:3: 'u' must be a table, under a header [...]");
	assert_int_equal(conf_tables(&conf, root, "t", &table, &fault), -1);
	assert_fault("type", "f:6:2: 't' must be an array of tables, under headers [[...]]");
	assert_int_equal(
		conf_refuse(&conf, conf_find(&conf, root, "i"), &fault, "port", "no %d", 7), -1);
	assert_fault("port", "f:3:1: no 7");
}

static void lists_and_arrays_of_tables_keep_their_order(void **unused)
{
	static const char *const wanted[2][2] = {{"a", "b"}, {"c", "d"}};
	struct conf_strings list;
	struct conf_entry *entry;
	size_t seen = 0;

	(void)unused;
	assert_read("e = []\n[[x.y]]\nl = ['a', \"b\",]\n[x.y.z]\nk=1\n[[x.y]]\nl=['c'\n,'d']\n");
	assert_int_equal(conf_list(&conf, conf_root(&conf), "e", &list, &fault), 0);
	assert_int_equal(list.count, 0);
	assert_int_equal(conf_table(&conf, conf_root(&conf), "x", &entry, &fault), 0);
	assert_int_equal(conf_tables(&conf, entry, "y", &entry, &fault), 0);
	for (; entry != NULL; entry = conf_next(&conf, entry), seen++) {
		assert_int_equal(conf_list(&conf, entry, "l", &list, &fault), 0);
		assert_int_equal(list.count, 2);
		for (uint32_t i = 0; i < 2; i++)
			assert_string_equal(conf_at(&conf, &list, i), wanted[seen][i]);
	}
	assert_int_equal(seen, 2);
	assert_int_equal(conf_unknown(&conf, &fault), -1);
	assert_fault("unknown", "f:4:6: unknown table 'z'");
}

static void free_keys_can_be_walked(void **unused)
{
	char names[32] = "";
	struct conf_entry *table, *key;

	(void)unused;
	assert_read("[environment]\nB = '1'\n\"\" = '2'\nA = '3'\n");
	assert_int_equal(conf_table(&conf, conf_root(&conf), "environment", &table, &fault), 0);
	for (key = conf_first(&conf, table); key != NULL; key = conf_next(&conf, key)) {
		const char *value = NULL;

		assert_int_equal(
			conf_string(&conf, table, conf_name(&conf, key), &value, &fault), 0);
		strcat(strcat(strcat(names, conf_name(&conf, key)), value), " ");
	}
	assert_string_equal(names, "B1 2 A3 ");
	assert_int_equal(conf_unknown(&conf, &fault), 0);
}

static void the_first_unknown_key_is_found(void **unused)
{
	const char *value;

	(void)unused;
	assert_read("known = 'x'\n\n  'od d'= 1 # c\nodder = 2\n");
	assert_int_equal(conf_string(&conf, conf_root(&conf), "known", &value, &fault), 0);
	assert_int_equal(conf_unknown(&conf, &fault), -1);
	assert_fault("unknown", "f:3:3: unknown key 'od d'");
}

static void columns_count_characters(void **unused)
{
	(void)unused;
	assert_refused(
		"k = '\xc3\xa9\xe2\x82\xac' @", "syntax", "f:1:10: unexpected character '@'");
	assert_refused("# \xc3\xa9\nk = \"\xc3\xa9\\x\"", "syntax",
		"f:2:7: not an escape: there are \\b \\t \\n \\f \\r \\\" \\\\, and \\uXXXX and "
		"\\UXXXXXXXX for a code point that is no surrogate");
	assert_refused(
		"k = 1\r\n\xc3\xa9 = \"\xff\"", "syntax", "f:2:6: the text is not UTF-8 here");
	assert_refused("k = '\xe2\x82", "syntax", "f:1:7: the text is not UTF-8 here");
}

/* A text of `count` times `piece`, with what stands around it; the caller frees it. */
static char *repeat(const char *before, const char *piece, size_t count, const char *after)
{
	size_t length = strlen(piece), front = strlen(before);
	char *text = malloc(front + length * count + strlen(after) + 1);

	assert_non_null(text);
	memcpy(text, before, front);
	for (size_t i = 0; i < count; i++)
		memcpy(text + front + i * length, piece, length);
	strcpy(text + front + length * count, after);
	return text;
}

static void assert_repeated(
	const char *before, const char *piece, size_t most, const char *after, const char *sentence)
{
	char *text = repeat(before, piece, most, after);

	assert_read(text);
	free(text);
	text = repeat(before, piece, most + 1, after);
	assert_refused(text, "limit", sentence);
	free(text);
}

static void limits_are_exact(void **unused)
{
	(void)unused;
	assert_repeated("#", "x", CONF_TEXT_MAX - 1, "",
		"f: 262145 bytes are more than the 262144 of a text");
	assert_repeated("k = \"", "x", CONF_TEXT_MAX - 6, "\"",
		"f: 262145 bytes are more than the 262144 of a text");
	assert_repeated("k = [", "0,", CONF_ELEMENTS_MAX, "]",
		"f:1:16390: the arrays of this text have more than 8192 elements");
	assert_repeated("", "[[t]]\n", CONF_ENTRIES_MAX - 2, "",
		"f:4095:3: the text has more than 4095 keys and tables");
	assert_repeated("[a", ".a", CONF_DEPTH_MAX - 1, "]",
		"f:1:10: the name of a table has at most 4 parts");
	assert_refused(
		"k = 9223372036854775808", "limit", "f:1:5: the integer does not fit into 64 bits");
	assert_read("a = 9223372036854775807\nb = -9223372036854775808\nc = -0");
	assert_true(conf_find(&conf, conf_root(&conf), "a")->number == INT64_MAX);
	assert_true(conf_find(&conf, conf_root(&conf), "b")->number == INT64_MIN);
	assert_true(conf_find(&conf, conf_root(&conf), "c")->number == 0);
}

static void many_keys_are_looked_up(void **unused)
{
	char key[16], *all = calloc(CONF_ENTRIES_MAX, sizeof "k0000 = 0\n");
	int64_t value = 0;

	(void)unused;
	assert_non_null(all);
	for (size_t i = 1, at = 0; i < CONF_ENTRIES_MAX; i++)
		at += (size_t)sprintf(all + at, "k%zu=%zu\n", i, i % 10);
	assert_read(all);
	for (int i = 1; i < (int)CONF_ENTRIES_MAX; i += 97) {
		(void)snprintf(key, sizeof key, "k%d", i);
		assert_int_equal(
			conf_integer(&conf, conf_root(&conf), key, 0, 9, &value, &fault), 0);
		assert_int_equal(value, i % 10);
	}
	free(all);
}

static void a_long_file_name_and_a_copy_do_no_harm(void **unused)
{
	char *name = repeat("", "n", 1000, "");
	struct conf *copy = malloc(sizeof *copy);

	(void)unused;
	assert_int_equal(conf_parse(&conf, name, "a = 1", 5, &fault), 0);
	assert_non_null(copy);
	*copy = conf;
	assert_int_equal(conf_parse(&conf, name, "=", 1, &fault), -1);
	assert_int_equal(strlen(conf.file), CONF_FILE_MAX - 1);
	assert_non_null(conf_find(copy, conf_root(copy), "a"));
	assert_null(conf_find(&conf, conf_root(&conf), "a"));
	free(copy);
	free(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_examples_of_the_page_hold),
		cmocka_unit_test(tokens_are_those_of_the_page),
		cmocka_unit_test(values_come_back),
		cmocka_unit_test(what_is_missing_stays_as_it_was),
		cmocka_unit_test(wrong_types_and_ranges_name_their_place),
		cmocka_unit_test(lists_and_arrays_of_tables_keep_their_order),
		cmocka_unit_test(free_keys_can_be_walked),
		cmocka_unit_test(the_first_unknown_key_is_found),
		cmocka_unit_test(columns_count_characters),
		cmocka_unit_test(limits_are_exact),
		cmocka_unit_test(many_keys_are_looked_up),
		cmocka_unit_test(a_long_file_name_and_a_copy_do_no_harm),
	};

	return cmocka_run_group_tests_name("conf", tests, NULL, NULL);
}
