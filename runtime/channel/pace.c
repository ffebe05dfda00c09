/* pace: see pace.h. */
#include "runtime/channel/pace.h"

bool pace_take(struct pace *pace, uint64_t second)
{
	if (second > pace->second) {
		pace->second = second;
		pace->taken = 0;
	}
	if (pace->taken >= pace->most)
		return false;
	pace->taken++;
	return true;
}
