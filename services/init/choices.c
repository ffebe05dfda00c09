/* choices: see choices.h. */
#include "services/init/choices.h"

#include <string.h>

enum choice choices_of(const struct choices *choices, const char *name)
{
	for (uint32_t i = 0; i < choices->count; i++)
		if (strcmp(choices->list[i].name, name) == 0)
			return (enum choice)choices->list[i].choice;
	return CHOICE_NONE;
}

bool choices_enable(const struct choices *choices, const struct unit_file *file)
{
	enum choice choice = choices_of(choices, file->name);

	return choice == CHOICE_NONE ? file->is_enabled != 0 : choice == CHOICE_ENABLED;
}

int choices_set(struct choices *choices, const char *name, enum choice choice, struct fault *fault)
{
	uint32_t i = 0;

	while (i < choices->count && strcmp(choices->list[i].name, name) != 0)
		i++;
	if (i == ORDER_UNITS_MAX)
		return fault_set(fault, "limit", "no more than %u units can be enabled or disabled",
			ORDER_UNITS_MAX);
	if (i == choices->count)
		(void)snprintf(choices->list[choices->count++].name, UNIT_NAME_MAX, "%s", name);
	choices->list[i].choice = (uint8_t)choice;
	return 0;
}
