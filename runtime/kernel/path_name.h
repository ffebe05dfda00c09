/* path_name: which names a carried member may have. A pure function, apart from the plumbing of
 * path.h so that it can be proved: verify/path_name.acsl says what is. */
#ifndef CLOISTER_RUNTIME_KERNEL_PATH_NAME_H
#define CLOISTER_RUNTIME_KERNEL_PATH_NAME_H

#include <stdbool.h>
#include <stddef.h>

#define PATH_NAME_MAX 4095u /* bytes of a name, without a NUL */
#define PATH_PART_MAX 255u  /* bytes between two slashes: what Linux file systems take */

/* Whether name[0..n) is the name of a member: 1 to 4,095 bytes without a NUL, in parts that are
 * parted by single slashes, each of 1 to 255 bytes and neither "." nor "..". So it is relative, it
 * never goes up, and it has one spelling. */
bool path_member_ok(const char *name, size_t n);

#endif
