/* drift: see drift.h. */
#include "services/init/drift.h"

#define MILLISECOND 1000            /* microseconds */
#define EARLIEST    1577836800000u  /* 2020: before that there were no enclaves */
#define LATEST      16725225600000u /* 2500 */
#define LONGEST     120000000       /* that the device takes */

/* A stamp is rounded down, so it stands for the millisecond after it. */
bool drift_of(int64_t asked, int64_t answered, uint64_t stamp, int64_t *drift)
{
	int64_t least, most;

	if (asked < 0 || answered < asked || answered - asked > LONGEST || stamp < EARLIEST ||
		stamp > LATEST)
		return false;
	least = (int64_t)stamp * MILLISECOND;
	most = least + MILLISECOND;
	*drift = 0;
	if (least > answered || most < asked)
		*drift = least + MILLISECOND / 2 - (asked + (answered - asked) / 2);
	return true;
}
