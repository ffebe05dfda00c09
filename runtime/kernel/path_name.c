/* path_name: see path_name.h. */
#include "runtime/kernel/path_name.h"

static bool part_ok(const char *part, size_t n)
{
	if (n < 1 || n > PATH_PART_MAX)
		return false;
	if (part[0] != '.')
		return true;
	return n > 2 || (n == 2 && part[1] != '.');
}

bool path_member_ok(const char *name, size_t n)
{
	size_t begin = 0;

	if (n < 1 || n > PATH_NAME_MAX)
		return false;
	/*@ loop invariant 0 <= begin <= i <= n;
	    loop invariant edge(name, n, begin - 1);
	    loop invariant \forall integer k; begin <= k < i ==> name[k] != '/';
	    loop invariant \forall integer k; 0 <= k < i ==> name[k] != 0;
	    loop invariant \forall integer b, e; part(name, n, b, e) && e < begin ==>
	      allowed(name, b, e);
	    loop assigns i, begin;
	    loop variant n - i; */
	for (size_t i = 0; i < n; i++) {
		if (name[i] == '\0')
			return false;
		if (name[i] != '/')
			continue;
		/*@ assert part(name, n, begin, i); */
		if (!part_ok(name + begin, i - begin))
			return false;
		begin = i + 1;
	}
	/*@ assert part(name, n, begin, n); */
	/*@ assert name[0] == '/' ==> part(name, n, 0, 0); */
	/*@ assert name[n - 1] == '/' ==> part(name, n, n, n); */
	/*@ assert \forall integer k; up(name, n, k) ==> part(name, n, k, k + 2); */
	return part_ok(name + begin, n - begin);
}
