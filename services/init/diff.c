/* diff: see diff.h. */
#include "services/init/diff.h"

enum unit_change diff_of(const struct diff_facts *facts)
{
	if (!facts->is_there)
		return UNIT_REMOVED;
	if (!facts->was_there)
		return UNIT_ADDED;
	if (!facts->is_same_file || facts->was_enabled != facts->is_enabled ||
		facts->was_faulty != facts->is_faulty)
		return UNIT_CHANGED;
	return UNIT_UNCHANGED;
}

enum diff_step diff_step(
	enum unit_change change, bool is_leaving, bool has_process, bool is_current)
{
	if (change == UNIT_REMOVED)
		return DIFF_REMOVE;
	if (is_leaving)
		return DIFF_RETURN;
	if (has_process)
		return is_current ? DIFF_LEAVE : DIFF_WAIT;
	return change == UNIT_UNCHANGED ? DIFF_LEAVE : DIFF_RENEW;
}
