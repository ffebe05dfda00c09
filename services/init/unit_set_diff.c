/* unit_set_diff: two sets side by side; diff.h says what the difference is. Pure functions. */
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
	struct diff_facts facts = {.was_there = was < old->count, .is_there = is < new->count};
	const struct unit_entry *before = &old->list[was], *now = &new->list[is];

	if (facts.was_there && facts.is_there) {
		facts.is_same_file = memcmp(before->digest, now->digest, DIGEST_SIZE) == 0;
		facts.was_enabled = before->is_enabled;
		facts.is_enabled = now->is_enabled;
		facts.was_faulty = is_faulty(old, was);
		facts.is_faulty = is_faulty(new, is);
	}
	return diff_of(&facts);
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
