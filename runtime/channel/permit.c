/* permit: see permit.h. */
#include "runtime/channel/permit.h"

#include "runtime/channel/protocol.h"
#include "runtime/kernel/path_name.h"

/* --- Paths ------------------------------------------------------------------------------------ */

bool permit_path_ok(const char *path, size_t n)
{
	size_t rest;
	bool is_ok;

	if (n < 1 || path[0] != '/')
		return false;
	if (n == 1)
		return true;
	rest = n - 1;
	is_ok = path_member_ok(path + 1, rest);
	/*@ assert is_ok ==> \forall integer k; !up(path + 1, rest, k); */
	/*@ assert \forall integer k; up(path, n, k) ==> up(path + 1, rest, k - 1); */
	/*@ assert is_ok ==> \forall integer k; !up(path, n, k); */
	return is_ok;
}

/* Whether path[0..n) begins with folder[0..n). */
static bool same(const char *folder, const char *path, size_t n)
{
	/*@ loop invariant 0 <= i <= n;
	    loop invariant \forall integer k; 0 <= k < i ==> path[k] == folder[k];
	    loop assigns i;
	    loop variant n - i; */
	for (size_t i = 0; i < n; i++)
		if (path[i] != folder[i])
			return false;
	return true;
}

bool permit_beneath(const char *folder, size_t folder_size, const char *path, size_t n)
{
	if (!permit_path_ok(folder, folder_size) || !permit_path_ok(path, n))
		return false;
	if (folder_size == 1)
		return true;
	if (n < folder_size || !same(folder, path, folder_size))
		return false;
	return n == folder_size || path[folder_size] == '/';
}

/* --- The decision ----------------------------------------------------------------------------- */

enum permit permit_entry(const struct permit_facts *facts)
{
	if (!facts->is_listed)
		return PERMIT_KEY;
	return facts->has_expiry && facts->now >= facts->expires ? PERMIT_EXPIRED : PERMIT_ALLOWED;
}

static enum permit permit_exec(const struct permit_facts *facts)
{
	if (!facts->has_command)
		return PERMIT_COMMAND;
	return facts->names_user && !facts->has_user ? PERMIT_USER : PERMIT_ALLOWED;
}

/* What the verb is about. */
static enum permit permit_object(const struct permit_facts *facts)
{
	switch (facts->verb) {
	case SLC_EXEC:
		return permit_exec(facts);
	case SLC_PUT:
	case SLC_GET:
		return facts->has_path ? PERMIT_ALLOWED : PERMIT_PATH;
	case SLC_FORWARD:
		return facts->has_target ? PERMIT_ALLOWED : PERMIT_TARGET;
	case SLC_ATTEST:
	case SLC_CONTROL:
		return PERMIT_ALLOWED;
	default:
		return PERMIT_VERB;
	}
}

enum permit permit_of(const struct permit_facts *facts)
{
	enum permit entry = permit_entry(facts);

	if (entry != PERMIT_ALLOWED)
		return entry;
	if (facts->verb >= PERMIT_VERBS || !facts->verbs[facts->verb])
		return PERMIT_VERB;
	return permit_object(facts);
}

enum permit permit_job(const struct permit_facts *facts, bool is_own)
{
	enum permit entry = permit_entry(facts);

	if (entry != PERMIT_ALLOWED)
		return entry;
	if (facts->verbs[SLC_CONTROL] || (is_own && facts->verbs[SLC_EXEC]))
		return PERMIT_ALLOWED;
	return PERMIT_VERB;
}
