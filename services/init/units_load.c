/* units_load: units take their definitions from the set that was read. */
#include <string.h>

#include "services/init/units.h"

int units_load(struct units *units, int root, const char *folder, struct fault *fault)
{
	struct unit_set *set = &units->set;

	if (unit_set_load(set, root, folder, fault) != 0)
		return -1;
	for (uint32_t i = 0; i < set->count; i++) {
		struct supervised *one = units_add(units, set->list[i].name);

		memcpy(one->digest, set->list[i].digest, sizeof one->digest);
		one->fault = set->faults[i];
		if (unit_set_say(set, i) == 0)
			(void)unit_set_read(set, i, &one->file, &one->fault);
	}
	memcpy(units->edges, set->edges, set->edge_count * sizeof set->edges[0]);
	units->edge_count = set->edge_count;
	units_want(units);
	return 0;
}
