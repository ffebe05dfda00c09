/* env_line: the examples of its page, every byte in every state, and whole files against the words
 * they are. */
#include "gen/env_line.h"
#include "tests/lib/machine.h"

#include <string.h>

#include "env_line_examples.h"

WALK_BYTES(env_line, env_line_init(m))

static void every_byte_keeps_the_invariant(void **unused)
{
	(void)unused;
	walk_bytes(&env_line_walk);
}

/* The words of a text, each with a '|' behind it, and a '!' for the line that is bad. */
static const char *words_of(const char *text)
{
	static char words[256];
	size_t used = 0;

	for (const char *at = text; *at != '\0';) {
		struct env_line m;
		size_t size;

		env_line_init(&m);
		size = env_line_feed(&m, (const uint8_t *)at, strlen(at));
		if (m.cs == ENV_LINE_IN_WORD) {
			memcpy(words + used, at, size - 1);
			words[used + size - 1] = '|';
			used += size;
		} else if (m.cs != ENV_LINE_IN_NOTHING) {
			words[used++] = '!';
			break;
		}
		at += size;
	}
	words[used] = '\0';
	return words;
}

static void files_become_words(void **unused)
{
	static const struct {
		const char *text, *words;
	} files[] = {
		{"", ""},
		{"\n\n", ""},
		{"A=1\n", "A=1|"},
		{"A=1\n\n# a remark\nB=2\n", "A=1|B=2|"},
		{"A==\nB=a b\t'c' \"d\" \\\n", "A==|B=a b\t'c' \"d\" \\|"},
		{"A=#1\n #=2\n", "A=#1| #=2|"},
		{"export A=1\n", "export A=1|"},
		{"A=\xc3\xa4\xff\n", "A=\xc3\xa4\xff|"},
		{"A=1\nA\nB=2\n", "A=1|!"},
		{"A=1\n=\nB=2\n", "A=1|!"},
		{"A=1\nB=2", "A=1|!"},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		assert_string_equal(words_of(files[i].text), files[i].words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ENV_LINE_EXAMPLES,
		cmocka_unit_test(every_byte_keeps_the_invariant),
		cmocka_unit_test(files_become_words),
	};

	return cmocka_run_group_tests_name("env_line", tests, NULL, NULL);
}
