/* units_load: units take their definitions from the set that was read. */
#include <string.h>

#include "services/init/units.h"

struct unit_set *units_set(struct units *units)
{
	return &units->sets[units->current];
}

struct unit_set *units_other_set(struct units *units)
{
	return &units->sets[1u - units->current];
}

int units_load(struct units *units, int root, const char *folder, struct fault *fault)
{
	struct unit_set *set = units_set(units);

	if (unit_set_load(set, root, folder, &units->choices, fault) != 0)
		return -1;
	for (uint32_t i = 0; i < set->count; i++)
		units_take(units_add(units, set->list[i].name), i);
	memcpy(units->edges, set->edges, set->edge_count * sizeof set->edges[0]);
	units->edge_count = set->edge_count;
	units_want(units);
	return 0;
}
