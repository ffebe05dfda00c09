/* health: see health.h. */
#include "services/init/health.h"

enum health health_of(bool ready, bool stopping, uint32_t waiting, uint32_t lost)
{
	if (stopping)
		return HEALTH_STOPPING;
	if (lost > 0u || (ready && waiting > 0u))
		return HEALTH_DEGRADED;
	return ready ? HEALTH_READY : HEALTH_STARTING;
}
