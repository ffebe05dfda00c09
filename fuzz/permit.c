/* permit: any bytes as a folder and a path, against the rule said by taking off part after part
 * from the end; and any bits as facts, against the rule said as a list of what must hold. */
#include "runtime/channel/permit.h"

#include "fuzz/machine.h"
#include "runtime/channel/protocol.h"

/* --- Paths ------------------------------------------------------------------------------------ */

static int part_is_right(const char *part, size_t n)
{
	return n >= 1 && n <= 255 && memchr(part, 0, n) == NULL && !(n == 1 && part[0] == '.') &&
	       !(n == 2 && part[0] == '.' && part[1] == '.');
}

/* Where the last part begins, behind its slash; 0: there is no slash. */
static size_t last_part(const char *path, size_t n)
{
	while (n > 0 && path[n - 1] != '/')
		n--;
	return n;
}

static int peer_path_ok(const char *path, size_t n)
{
	if (n < 1 || n > 4096 || path[0] != '/')
		return 0;
	while (n > 1) {
		size_t begin = last_part(path, n);

		if (!part_is_right(path + begin, n - begin))
			return 0;
		n = begin - 1;
		if (n == 1)
			return 0; /* two slashes in front */
	}
	return 1;
}

/* Up from the path, folder by folder, until the folder is met. */
static int peer_beneath(const char *folder, size_t f, const char *path, size_t n)
{
	if (!peer_path_ok(folder, f) || !peer_path_ok(path, n))
		return 0;
	while (n > 1) {
		if (n == f && memcmp(folder, path, n) == 0)
			return 1;
		n = last_part(path, n) - 1;
	}
	return f == 1;
}

static void check_paths(const char *bytes, size_t n, size_t cut)
{
	FUZZ_REQUIRE(permit_path_ok(bytes, n) == peer_path_ok(bytes, n));
	FUZZ_REQUIRE(permit_path_ok(bytes, cut) == peer_path_ok(bytes, cut));
	FUZZ_REQUIRE(permit_beneath(bytes, cut, bytes + cut, n - cut) ==
		     peer_beneath(bytes, cut, bytes + cut, n - cut));
	FUZZ_REQUIRE(permit_beneath(bytes, cut, bytes, n) == peer_beneath(bytes, cut, bytes, n));
}

/* --- Facts ------------------------------------------------------------------------------------ */

static int peer_allowed(const struct permit_facts *facts)
{
	int right = facts->is_listed && !(facts->has_expiry && facts->now >= facts->expires) &&
		    facts->verb >= 1 && facts->verb <= 6 && facts->verbs[facts->verb % 7u];

	if (facts->verb == SLC_EXEC)
		right = right && facts->has_command && !(facts->names_user && !facts->has_user);
	if (facts->verb == SLC_PUT || facts->verb == SLC_GET)
		right = right && facts->has_path;
	if (facts->verb == SLC_FORWARD)
		right = right && facts->has_target;
	return right;
}

static void check_facts(const uint8_t *bytes, size_t n)
{
	struct permit_facts facts = {0};
	enum permit permit;

	if (n < 4)
		return;
	facts.verb = bytes[0] % 9u;
	for (unsigned i = 0; i < PERMIT_VERBS; i++)
		facts.verbs[i] = (bytes[1] >> i) % 2u != 0;
	facts.is_listed = bytes[2] % 2 != 0;
	facts.has_expiry = bytes[2] / 2 % 2 != 0;
	facts.has_command = bytes[2] / 4 % 2 != 0;
	facts.has_path = bytes[2] / 8 % 2 != 0;
	facts.names_user = bytes[2] / 16 % 2 != 0;
	facts.has_user = bytes[2] / 32 % 2 != 0;
	facts.has_target = bytes[2] / 64 % 2 != 0;
	facts.expires = bytes[3] % 4;
	facts.now = bytes[3] / 4 % 4;
	permit = permit_of(&facts);
	FUZZ_REQUIRE(permit < PERMITS && (permit == PERMIT_ALLOWED) == peer_allowed(&facts));
	if (permit_entry(&facts) != PERMIT_ALLOWED)
		FUZZ_REQUIRE(permit == permit_entry(&facts));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	check_paths((const char *)data + 1, size - 1, data[0] % size);
	check_facts(data + 1, size - 1);
	return 0;
}
