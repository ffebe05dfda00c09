/* copy_share: see copy_share.h. */
#include "runtime/channel/copy_share.h"

#include <stddef.h>

/* FNV-1a: names that differ little are far apart. */
static uint32_t hash(const char *name)
{
	uint32_t value = 2166136261u;

	/*@ loop invariant \forall integer k; 0 <= k < i ==> name[k] != 0;
	    loop invariant \forall integer n; text(name, n) ==> i <= n;
	    loop invariant value == fnv(name, i);
	    loop assigns i, value; */
	for (size_t i = 0; name[i] != '\0'; i++)
		value = (value ^ (uint8_t)name[i]) * 16777619u;
	return value ^ value >> 16;
}

bool copy_share_has(const struct copy_share *share, const char *name, bool is_folder, bool is_alone)
{
	if (share->count == 0 || is_folder)
		return true;
	return share->index == (is_alone ? hash(name) % share->count : 0);
}
