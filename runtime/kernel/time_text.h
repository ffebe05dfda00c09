/* time_text: a point in time as people write it, in the one form of RFC 3339 that needs no zone. */
#ifndef CLOISTER_RUNTIME_KERNEL_TIME_TEXT_H
#define CLOISTER_RUNTIME_KERNEL_TIME_TEXT_H

#include <stdint.h>

/* Seconds since 1970 of a text such as 2027-01-31T12:00:00Z: the years 1970 to 9999, every digit,
 * capital letters, no leap second. -1 where it is another text. */
int time_of_text(const char *text, int64_t *seconds);

#define TIME_TEXT_MAX 64u /* bytes with the NUL, whatever the year */

/* The text of nanoseconds since 1970, with microseconds; what is before that is 1970. */
void time_to_text(int64_t nanoseconds, char text[TIME_TEXT_MAX]);

#endif
