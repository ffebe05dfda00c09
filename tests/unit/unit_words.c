/* unit_words: the examples of its page, every byte in every state, and lines against words that a
 * shell would make of them. */
#include "gen/unit_words.h"
#include "tests/lib/machine.h"

#include <string.h>

#include "unit_words_examples.h"

WALK_BYTES(unit_words, unit_words_init(m))

static void every_byte_keeps_the_invariant(void **unused)
{
	(void)unused;
	walk_bytes(&unit_words_walk);
}

/* The words of a line with a '|' behind each; null where the line is not closed. */
static const char *words_of(const char *line)
{
	static char words[256];
	struct unit_words m;
	size_t used = 0;

	unit_words_init(&m);
	for (const char *at = line; !unit_words_ended(&m); at++) {
		unit_words_step(&m, (uint8_t)*at);
		if (m.gives == UNIT_WORDS_BYTE)
			words[used++] = *at;
		if (m.gives == UNIT_WORDS_END)
			words[used++] = '|';
	}
	words[used] = '\0';
	return m.cs == UNIT_WORDS_IN_DONE ? words : NULL;
}

static void lines_become_words(void **unused)
{
	static const struct {
		const char *line, *words;
	} lines[] = {
		{"", ""},
		{"one", "one|"},
		{"  one\ttwo\nthree  ", "one|two|three|"},
		{"'a b' \"c d\"", "a b|c d|"},
		{"a'b c'd", "ab cd|"},
		{"'' \"\"", "||"},
		{"\"a \\\" b\"", "a \" b|"},
		{"'a \\'", "a \\|"},
		{"a\\ b", "a b|"},
		{"\\'a\\\\", "'a\\|"},
		{"\"it's\"", "it's|"},
		{"sh -c 'echo \"x\" >&2; exit 3'", "sh|-c|echo \"x\" >&2; exit 3|"},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		assert_string_equal(words_of(lines[i].line), lines[i].words);
}

static void what_is_not_closed_is_refused(void **unused)
{
	static const char *const lines[] = {"'", "\"", "\\", "a 'b", "a \"b c", "\"\\\"", "x\\"};

	(void)unused;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		assert_null(words_of(lines[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT_WORDS_EXAMPLES,
		cmocka_unit_test(every_byte_keeps_the_invariant),
		cmocka_unit_test(lines_become_words),
		cmocka_unit_test(what_is_not_closed_is_refused),
	};

	return cmocka_run_group_tests_name("unit_words", tests, NULL, NULL);
}
