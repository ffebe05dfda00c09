/* number: JSON numbers, normalised as AWS's tools normalise them, so that metadata is the same
 * bytes.
 *
 * Their reader keeps whole numbers of 64 bits and turns all others into doubles by one
 * multiplication or division, which is not always the nearest double; their writer prints the
 * shortest digits that give the double back. Both are reproduced here.
 */
#ifndef CLOISTER_RUNTIME_EIF_NUMBER_H
#define CLOISTER_RUNTIME_EIF_NUMBER_H

#include <stddef.h>

#define NUMBER_SIZE 64 /* bytes of a normalised number with its NUL */

/* Normalises the text of one JSON number. Returns -1 if it is none, or beyond a double's range. */
int number_normalise(const char *text, size_t size, char normal[NUMBER_SIZE]);

#endif
