/* unit_text: what the unit tests of unit files share: a text is read, or refused for a reason.
 * Include it behind cmocka's headers. */
#ifndef CLOISTER_TESTS_LIB_UNIT_TEXT_H
#define CLOISTER_TESTS_LIB_UNIT_TEXT_H

#include <string.h>

#include "services/init/unit_file.h"

static struct conf conf;
static struct unit_file unit;
static struct fault fault;

static int load(const char *text)
{
	memset(&fault, 0, sizeof fault);
	unit_file_begin(&unit, "one");
	return unit_file_read(&unit, &conf, "one.service", text, strlen(text), &fault);
}

static void assert_refused(const char *text, const char *word, const char *part)
{
	assert_int_equal(load(text), -1);
	assert_string_equal(fault.word, word);
	if (strstr(fault.text, part) == NULL)
		fail_msg("'%s' is not in '%s'", part, fault.text);
}

#endif
