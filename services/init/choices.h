/* choices: which units an operator has enabled or disabled, by their names. They go before what the
 * units' files say, for as long as init lives. */
#ifndef CLOISTER_SERVICES_INIT_CHOICES_H
#define CLOISTER_SERVICES_INIT_CHOICES_H

#include "runtime/kernel/fault.h"
#include "services/init/order.h"
#include "services/init/unit_file.h"

enum choice { CHOICE_NONE, CHOICE_ENABLED, CHOICE_DISABLED };

/* Zeroed is none. */
struct choices {
	uint32_t count;
	struct {
		char name[UNIT_NAME_MAX];
		uint8_t choice; /* enum choice */
	} list[ORDER_UNITS_MAX];
};

enum choice choices_of(const struct choices *choices, const char *name);

/* Whether a unit is enabled, by them and by its file. */
bool choices_enable(const struct choices *choices, const struct unit_file *file);

/* Fault: "limit", where there is no room for one more name. */
int choices_set(struct choices *choices, const char *name, enum choice choice, struct fault *fault);

#endif
