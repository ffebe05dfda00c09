/* time_text: see time_text.h. Without the C library's calendar, which looks for files of zones. */
#include "runtime/kernel/time_text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Digits are 0, all else stands for itself. */
#define FORM "0000-00-00T00:00:00Z"

static int number(const char *text, int from, int digits)
{
	int value = 0;

	for (int i = from; i < from + digits; i++)
		value = value * 10 + (text[i] - '0');
	return value;
}

static bool has_form(const char *text)
{
	if (strlen(text) != sizeof FORM - 1)
		return false;
	for (unsigned i = 0; i < sizeof FORM - 1; i++)
		if (FORM[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != FORM[i])
			return false;
	return true;
}

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_of_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

int time_of_text(const char *text, int64_t *seconds)
{
	int year, month, day, hour, minute, second;
	int64_t days = 0;

	if (!has_form(text))
		return -1;
	year = number(text, 0, 4);
	month = number(text, 5, 2);
	day = number(text, 8, 2);
	hour = number(text, 11, 2);
	minute = number(text, 14, 2);
	second = number(text, 17, 2);
	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_of_month(year, month) ||
		hour > 23 || minute > 59 || second > 59)
		return -1;
	for (int y = 1970; y < year; y++)
		days += is_leap(y) ? 366 : 365;
	for (int m = 1; m < month; m++)
		days += days_of_month(year, m);
	*seconds = ((days + day - 1) * 24 + hour) * 3600 + minute * 60 + second;
	return 0;
}

/* What gmtime_r does; its first call opens the file of the time zone, which a confined process may
 * not do. */
void time_to_text(int64_t nanoseconds, char text[TIME_TEXT_MAX])
{
	int64_t micros = nanoseconds > 0 ? nanoseconds / 1000 : 0, seconds = micros / 1000000;
	int64_t day = seconds / 86400;
	int year = 1970, month = 1;

	for (; day >= (is_leap(year) ? 366 : 365); year++)
		day -= is_leap(year) ? 366 : 365;
	for (; day >= days_of_month(year, month); month++)
		day -= days_of_month(year, month);
	(void)snprintf(text, TIME_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", year, month,
		(int)day + 1, (int)(seconds / 3600 % 24), (int)(seconds / 60 % 60),
		(int)(seconds % 60), (int)(micros % 1000000));
}
