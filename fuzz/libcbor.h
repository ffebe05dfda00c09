/* libcbor: what harnesses that compare with it must know of libcbor 0.8: well-formed items that it
 * refuses. */
#ifndef CLOISTER_FUZZ_LIBCBOR_H
#define CLOISTER_FUZZ_LIBCBOR_H

#include <stdbool.h>
#include <stdint.h>

/* It takes four simple values: false, true, null and undefined. */
static inline bool libcbor_knows_simple(uint64_t value)
{
	return value >= 20 && value <= 23;
}

/* It refuses the tags 6..20, then unassigned. */
static inline bool libcbor_knows_tag(uint64_t tag)
{
	return tag <= 5 || tag > 20;
}

#endif
