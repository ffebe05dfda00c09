/* path_name: any bytes, whole and cut, against the rule said by taking off part after part from the
 * end. */
#include "runtime/kernel/path_name.h"

#include "fuzz/machine.h"

static int part_is_right(const char *part, size_t n)
{
	return n >= 1 && n <= 255 && memchr(part, 0, n) == NULL && !(n == 1 && part[0] == '.') &&
	       !(n == 2 && part[0] == '.' && part[1] == '.');
}

static int peer_ok(const char *name, size_t n)
{
	const char *slash;

	if (n > 4095)
		return 0;
	while ((slash = n > 0 ? memrchr(name, '/', n) : NULL) != NULL) {
		if (!part_is_right(slash + 1, n - (size_t)(slash + 1 - name)))
			return 0;
		n = (size_t)(slash - name);
	}
	return part_is_right(name, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *name = (const char *)data;
	size_t cut = size > 0 ? data[size - 1] % size : 0;

	FUZZ_REQUIRE(path_member_ok(name, size) == peer_ok(name, size));
	FUZZ_REQUIRE(path_member_ok(name, cut) == peer_ok(name, cut));
	return 0;
}
