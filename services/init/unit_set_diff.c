/* unit_set_diff: what is another in another set. Pure functions. */
#include <string.h>

#include "services/init/unit_set.h"

static bool is_faulty(const struct unit_set *set, uint32_t i)
{
	const struct fault *fault = &set->faults[i];

	return fault->word[0] != '\0';
}

enum unit_change unit_set_change(
	const struct unit_set *old, uint32_t was, const struct unit_set *new, uint32_t is)
{
	if (was >= old->count)
		return UNIT_ADDED;
	if (is >= new->count)
		return UNIT_REMOVED;
	if (memcmp(old->list[was].digest, new->list[is].digest, DIGEST_SIZE) != 0 ||
		old->list[was].is_enabled != new->list[is].is_enabled ||
		is_faulty(old, was) != is_faulty(new, is))
		return UNIT_CHANGED;
	return UNIT_UNCHANGED;
}

uint32_t unit_set_changes(const struct unit_set *old, const struct unit_set *new)
{
	uint32_t changes = 0;

	for (uint32_t i = 0; i < new->count; i++)
		changes += unit_set_change(old, unit_set_find(old, new->list[i].name), new, i) !=
			   UNIT_UNCHANGED;
	for (uint32_t i = 0; i < old->count; i++)
		changes += unit_set_find(new, old->list[i].name) == new->count;
	return changes;
}
