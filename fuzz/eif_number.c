/* eif_number: any bytes as a number of metadata. What JSON's grammar takes is taken, but for what
 * no double holds; whole numbers of 64 bits stay as they are; the others keep their value, within
 * the rounding that AWS's reader does; and what comes out is a number again. */
#include <math.h>
#include <regex.h>
#include <stdio.h>

#include "fuzz/input.h"
#include "runtime/eif/number.h"

#define TEXT_MAX  2048
#define ROUNDINGS 2e-15L /* relative: three roundings and the digits that are dropped */
#define TINIEST   1e-322L
#define LARGEST   1.797693134862315e308L

enum form { FORM_NUMBER, FORM_UNSIGNED, FORM_NEGATIVE, FORMS };

static const char *const patterns[FORMS] = {
	"^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?$",
	"^(0|[1-9][0-9]*)$",
	"^-[1-9][0-9]*$",
};

static int is(enum form form, const char *text)
{
	static regex_t compiled[FORMS];
	static int ready;

	for (int i = 0; !ready && i < FORMS; i++)
		FUZZ_REQUIRE(regcomp(&compiled[i], patterns[i], REG_EXTENDED | REG_NOSUB) == 0);
	ready = 1;
	return regexec(&compiled[form], text, 0, NULL, 0) == 0;
}

/* Whole numbers that stay; their digits are compared as the long doubles that hold them all. */
static int stays(const char *text)
{
	if (is(FORM_UNSIGNED, text))
		return strtold(text, NULL) <= (long double)UINT64_MAX;
	return is(FORM_NEGATIVE, text) && strtold(text, NULL) >= (long double)INT64_MIN;
}

static void check_value(const char *text, const char *normal)
{
	long double wanted = strtold(text, NULL), got = strtold(normal, NULL);

	FUZZ_REQUIRE(is(FORM_NUMBER, normal) && isfinite(got));
	FUZZ_REQUIRE(!is(FORM_UNSIGNED, normal) && !is(FORM_NEGATIVE, normal));
	FUZZ_REQUIRE((text[0] == '-') == (normal[0] == '-'));
	FUZZ_REQUIRE(
		got == 0 || (strchr(normal, 'e') == NULL) ==
				    (fabsl(got) >= 1e-5L * (1 - ROUNDINGS) && fabsl(got) < 1e16L));
	FUZZ_REQUIRE(fabsl(got - wanted) <= ROUNDINGS * fabsl(wanted) + TINIEST);
}

static void check_again(const char *normal)
{
	char again[NUMBER_SIZE];

	if (number_normalise(normal, strlen(normal), again) == 0)
		FUZZ_REQUIRE(stays(normal) ? strcmp(normal, again) == 0
					   : (check_value(normal, again), 1));
	else
		FUZZ_REQUIRE(fabsl(strtold(normal, NULL)) >= LARGEST);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[TEXT_MAX + 1], normal[NUMBER_SIZE];
	int status;

	if (size > TEXT_MAX)
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	memset(normal, 'x', sizeof normal);
	status = number_normalise(text, size, normal);
	if (strlen(text) != size || !is(FORM_NUMBER, text)) {
		FUZZ_REQUIRE(status == -1);
		return 0;
	}
	if (status == -1) {
		FUZZ_REQUIRE(fabsl(strtold(text, NULL)) >= LARGEST);
		return 0;
	}
	FUZZ_REQUIRE(memchr(normal, '\0', sizeof normal) != NULL);
	if (stays(text))
		FUZZ_REQUIRE(strcmp(text, normal) == 0);
	else
		check_value(text, normal);
	check_again(normal);
	return 0;
}
