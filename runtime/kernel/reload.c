/* reload: see reload.h. */
#include "runtime/kernel/reload.h"

#include <stddef.h>

#include "runtime/kernel/counters.h"
#include "runtime/kernel/log.h"

COUNTER(configurations_taken, "Configurations that were read and taken, the first one included")
COUNTER(configurations_refused, "Configurations that were read and not taken")

int reload_now(struct reload *reload, struct fault *fault)
{
	void *old = reload->current;
	bool first = !reload->has_current;

	if (reload->read(reload, reload->spare, fault) < 0) {
		counter_add(&configurations_refused, 1);
		return -1;
	}
	reload->current = reload->spare;
	reload->spare = old;
	reload->has_current = true;
	counter_add(&configurations_taken, 1);
	if (!first && reload->taken != NULL)
		reload->taken(reload, old);
	return 0;
}

static void asked(struct signals *signals, int number, pid_t sender)
{
	struct reload *reload =
		(struct reload *)((char *)signals - offsetof(struct reload, signals));
	struct fault fault;

	(void)number;
	if (reload_now(reload, &fault) < 0)
		log_fault(LOG_ERROR, "new configuration refused, the old one stays", &fault);
	else
		LOG(LOG_INFO, "new configuration taken", log_number("asked_by", sender));
}

int reload_start(struct reload *reload, struct loop *loop, struct fault *fault)
{
	static const int numbers[] = {SIGHUP, 0};

	reload->signals.arrived = asked;
	return signals_start(&reload->signals, loop, numbers, fault);
}

void reload_stop(struct reload *reload)
{
	signals_stop(&reload->signals);
}
