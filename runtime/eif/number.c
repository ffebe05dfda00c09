/* number: see number.h. */
#include "runtime/eif/number.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPONENT_MAX 308 /* of a power of ten that a double holds */
#define DIGITS_MAX   17  /* that tell any two doubles apart */

struct scan {
	const char *next;
	const char *end;
	uint64_t significand;
	int64_t exponent; /* of ten */
	bool negative;
	bool whole; /* no fraction, no exponent, and no digit was dropped */
};

static bool at_digit(const struct scan *scan)
{
	return scan->next < scan->end && *scan->next >= '0' && *scan->next <= '9';
}

static bool skip(struct scan *scan, char one, char other)
{
	if (scan->next == scan->end || (*scan->next != one && *scan->next != other))
		return false;
	scan->next++;
	return true;
}

/* Takes a digit unless the significand would overflow. */
static bool take_digit(struct scan *scan)
{
	unsigned digit = (unsigned)(*scan->next - '0');

	if (scan->significand > (UINT64_MAX - digit) / 10)
		return false;
	scan->significand = scan->significand * 10 + digit;
	return true;
}

static int scan_integer(struct scan *scan)
{
	if (!at_digit(scan))
		return -1;
	if (*scan->next == '0') {
		scan->next++;
		return at_digit(scan) ? -1 : 0;
	}
	for (; at_digit(scan) && take_digit(scan); scan->next++)
		;
	for (; at_digit(scan); scan->next++) {
		scan->exponent++;
		scan->whole = false;
	}
	return 0;
}

static int scan_fraction(struct scan *scan)
{
	if (!skip(scan, '.', '.'))
		return 0;
	if (!at_digit(scan))
		return -1;
	scan->whole = false;
	for (; at_digit(scan) && take_digit(scan); scan->next++)
		scan->exponent--;
	/* The digits that do not fit are ignored, as AWS's reader does. */
	for (; at_digit(scan); scan->next++)
		;
	return 0;
}

static int scan_exponent(struct scan *scan)
{
	int64_t exponent = 0;
	bool negative;

	if (!skip(scan, 'e', 'E'))
		return 0;
	scan->whole = false;
	negative = skip(scan, '-', '-');
	if (!negative)
		(void)skip(scan, '+', '+');
	if (!at_digit(scan))
		return -1;
	for (; at_digit(scan); scan->next++) {
		if (exponent < 100000000)
			exponent = exponent * 10 + (*scan->next - '0');
	}
	scan->exponent += negative ? -exponent : exponent;
	return 0;
}

static double power_of_ten(int64_t exponent)
{
	char text[16];

	(void)snprintf(text, sizeof text, "1e%d", (int)exponent);
	return strtod(text, NULL);
}

/* The double that AWS's reader makes of a significand and an exponent. */
static int to_double(const struct scan *scan, double *value)
{
	int64_t exponent = scan->exponent;

	*value = (double)scan->significand;
	while (exponent<-EXPONENT_MAX && * value> 0) {
		*value /= 1e308;
		exponent += EXPONENT_MAX;
	}
	if (scan->significand == 0 || *value <= 0)
		return 0;
	if (exponent > EXPONENT_MAX)
		return -1;
	if (exponent >= 0)
		*value *= power_of_ten(exponent);
	else
		*value /= power_of_ten(-exponent);
	return isinf(*value) ? -1 : 0;
}

/* Tells whether digits * 10^exponent reads back as the value. */
static bool reads_back(uint64_t digits, int exponent, double value)
{
	char text[48];
	double back;

	(void)snprintf(text, sizeof text, "%llue%d", (unsigned long long)digits, exponent);
	back = strtod(text, NULL);
	return back == value;
}

/* The shortest digits that read back, and the nearest of these: value > 0 == digits *
 * 10^exponent. */
static uint64_t shortest(double value, int *exponent)
{
	char text[48];
	uint64_t digits = 0;

	for (int count = 1; count <= DIGITS_MAX; count++) {
		const char *next = text;

		(void)snprintf(text, sizeof text, "%.*e", count - 1, value);
		digits = 0;
		for (; *next != 'e'; next++) {
			if (*next != '.')
				digits = digits * 10 + (uint64_t)(*next - '0');
		}
		*exponent = (int)strtol(next + 1, NULL, 10) - (count - 1);
		if (reads_back(digits, *exponent, value))
			break;
		/* Above a power of two the doubles are further apart than below it, so the
		 * digits next to the nearest ones may read back when these do not. */
		if (reads_back(digits + 1, *exponent, value)) {
			digits++;
			break;
		}
	}
	while (digits % 10 == 0) {
		digits /= 10;
		(*exponent)++;
	}
	return digits;
}

/* Prints a double the way AWS's writer does: plain between 1e-5 and 1e16, else with an exponent. */
static void print_double(double value, bool negative, char *text)
{
	const char *sign = negative ? "-" : "";
	char digits[24];
	int exponent;
	int count;
	int point;

	if (value <= 0) {
		(void)snprintf(text, NUMBER_SIZE, "%s0.0", sign);
		return;
	}
	(void)snprintf(
		digits, sizeof digits, "%llu", (unsigned long long)shortest(value, &exponent));
	count = (int)strlen(digits);
	point = count + exponent;
	if (exponent >= 0 && point <= 16)
		(void)snprintf(text, NUMBER_SIZE, "%s%s%.*s.0", sign, digits, exponent,
			"0000000000000000");
	else if (point > 0 && point <= 16)
		(void)snprintf(text, NUMBER_SIZE, "%s%.*s.%s", sign, point, digits, digits + point);
	else if (point > -5 && point <= 0)
		(void)snprintf(text, NUMBER_SIZE, "%s0.%.*s%s", sign, -point, "0000", digits);
	else if (count == 1)
		(void)snprintf(text, NUMBER_SIZE, "%s%se%d", sign, digits, point - 1);
	else
		(void)snprintf(
			text, NUMBER_SIZE, "%s%c.%se%d", sign, digits[0], digits + 1, point - 1);
}

int number_normalise(const char *text, size_t size, char normal[NUMBER_SIZE])
{
	struct scan scan = {.next = text, .end = text + size, .whole = true};
	double value;

	scan.negative = skip(&scan, '-', '-');
	if (scan_integer(&scan) < 0 || scan_fraction(&scan) < 0 || scan_exponent(&scan) < 0 ||
		scan.next != scan.end)
		return -1;
	if (scan.whole && !scan.negative) {
		(void)snprintf(normal, NUMBER_SIZE, "%llu", (unsigned long long)scan.significand);
		return 0;
	}
	if (scan.whole && scan.significand > 0 && scan.significand <= (uint64_t)INT64_MAX + 1) {
		(void)snprintf(normal, NUMBER_SIZE, "-%llu", (unsigned long long)scan.significand);
		return 0;
	}
	if (to_double(&scan, &value) < 0)
		return -1;
	print_double(value, scan.negative, normal);
	return 0;
}
