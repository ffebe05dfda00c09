/* units_places: units keep their places in the list while they live, whoever comes and goes. */
#include <string.h>

#include "services/init/units.h"

void units_sort(struct units *units)
{
	units->sorted_count = 0;
	for (uint32_t i = 0; i < units->count; i++) {
		const char *name = units->list[i].file.name;
		uint32_t at = units->sorted_count;

		if (name[0] == '\0')
			continue;
		for (; at > 0 && strcmp(units->list[units->sorted[at - 1u]].file.name, name) > 0;
			at--)
			units->sorted[at] = units->sorted[at - 1u];
		units->sorted[at] = (uint8_t)i;
		units->sorted_count++;
	}
}

struct supervised *units_place(struct units *units)
{
	uint32_t i = 0;

	while (i < units->count && units->list[i].file.name[0] != '\0')
		i++;
	if (i == UNITS_MAX)
		return NULL;
	units->count += i == units->count;
	return &units->list[i];
}
