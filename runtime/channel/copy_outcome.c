/* copy_outcome: see copy_outcome.h. */
#include "runtime/channel/copy_outcome.h"

#include <string.h>

#include "runtime/channel/reason.h"

int copy_go_on(const struct copy_watch *watch, struct fault *fault)
{
	uint32_t stop = watch->stop != NULL ? atomic_load(watch->stop) : 0;

	if (stop == 0)
		return 0;
	return fault_set(fault, slc_reason_word(stop), "the copy was given up");
}

uint32_t copy_reason(const struct fault *fault)
{
	for (uint32_t reason = SLC_REASON_VERSION; reason <= SLC_REASON_AUTH; reason++)
		if (strcmp(slc_reason_word(reason), fault->word) == 0)
			return reason;
	return SLC_REASON_IO;
}

void copy_outcome_fail(struct copy_outcome *outcome, const struct fault *fault)
{
	outcome->reason = copy_reason(fault);
	memcpy(outcome->text, fault->text, sizeof outcome->text);
}
