/* slc_reason: the table of reasons in C is the one of the page. */
#include "runtime/channel/reason.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBERS 64 /* all that the page has, and some that it has not */

struct row {
	char word[32];
	int exec_code, other_code;
	unsigned found;
};

/* The text of a column, without the blanks around it. */
static void column(const char *line, unsigned wanted, char *text, size_t size)
{
	for (unsigned i = 0; i <= wanted; i++)
		line = strchr(line, '|') + 1;
	line += strspn(line, " ");
	snprintf(text, size, "%.*s", (int)strcspn(line, "|"), line);
	while (*text != '\0' && text[strlen(text) - 1] == ' ')
		text[strlen(text) - 1] = '\0';
}

static void read_row(const char *line, struct row rows[NUMBERS])
{
	char text[200], *rest;
	unsigned long first, last;

	column(line, 0, text, sizeof text);
	first = last = strtoul(text, &rest, 10);
	if (rest == text)
		return; /* the heading */
	if (strncmp(rest, "..", 2) == 0)
		last = strtoul(rest + 2, NULL, 10);
	assert_true(first <= last && last < NUMBERS);
	for (unsigned long i = first; i <= last; i++) {
		rows[i].found++;
		column(line, 1, rows[i].word, sizeof rows[i].word);
		column(line, 3, text, sizeof text);
		rows[i].exec_code = atoi(text);
		column(line, 4, text, sizeof text);
		rows[i].other_code = atoi(text);
	}
}

static void the_page_says_the_same(void **unused)
{
	struct row rows[NUMBERS] = {0};
	FILE *page = fopen("spec/slc.md", "r");
	int is_here = 0;
	char line[1000];

	(void)unused;
	assert_non_null(page);
	while (fgets(line, sizeof line, page) != NULL) {
		if (strncmp(line, "## ", 3) == 0)
			is_here = strcmp(line, "## Reasons\n") == 0;
		if (is_here && line[0] == '|')
			read_row(line, rows);
	}
	fclose(page);
	assert_int_equal(rows[0].found + rows[SLC_REASON_AUTH].found, 2);
	for (uint32_t i = 0; i < NUMBERS; i++) {
		const char *word = rows[i].word[0] != '\0' ? rows[i].word : "unknown";

		assert_true(rows[i].found <= 1);
		assert_string_equal(slc_reason_word(i), word);
		assert_int_equal(slc_reason_exec_code(i), rows[i].found ? rows[i].exec_code : 125);
		assert_int_equal(slc_reason_other_code(i), rows[i].found ? rows[i].other_code : 67);
	}
}

static void a_strange_number_is_unknown(void **unused)
{
	(void)unused;
	assert_string_equal(slc_reason_word(UINT32_MAX), "unknown");
	assert_int_equal(slc_reason_exec_code(UINT32_MAX), 125);
	assert_int_equal(slc_reason_other_code(UINT32_MAX), 67);
	assert_string_equal(slc_reason_word(SLC_REASON_NOT_FOUND), "not_found");
	assert_int_equal(slc_reason_exec_code(SLC_REASON_NOT_FOUND), 127);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_page_says_the_same),
		cmocka_unit_test(a_strange_number_is_unknown),
	};

	return cmocka_run_group_tests_name("slc_reason", tests, NULL, NULL);
}
