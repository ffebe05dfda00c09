/* reload: takes a new configuration when SIGHUP asks for it, and only as a whole.
 *
 * There are two places for a configuration, both the owner's: one holds what is in force, the other
 * is free. The new one is read into the free place; when all of it is valid the places change their
 * roles, and else nothing has changed, and the fault is logged. So there is always a valid
 * configuration, and no memory is asked for.
 *
 * A confined program can read again only what its profile lets it open. Reading happens in the
 * loop's thread: configurations are small files on local disks.
 */
#ifndef CLOISTER_RUNTIME_KERNEL_RELOAD_H
#define CLOISTER_RUNTIME_KERNEL_RELOAD_H

#include "runtime/kernel/fault.h"
#include "runtime/kernel/loop.h"
#include "runtime/kernel/signals.h"

/* Zeroed, with its callbacks and both places set. */
struct reload {
	/* Reads the configuration into `fresh`, which holds anything, and checks all of it. Changes
	 * nothing else. 0, or -1 with a fault. */
	int (*read)(struct reload *reload, void *fresh, struct fault *fault);

	/* reload->current is new; `old` stays whole until the next reading. May be null. Not called
	 * for the first configuration. */
	void (*taken)(struct reload *reload, const void *old);

	void *current; /* in force, once reload_now has succeeded */
	void *spare;
	bool has_current;
	struct signals signals;
};

/* Reads now. For the first configuration of a program, which can't start without it, and for those
 * who ask by other means than a signal. Logs nothing. */
int reload_now(struct reload *reload, struct fault *fault);

/* Reads on each SIGHUP from now on, and logs how that went. */
int reload_start(struct reload *reload, struct loop *loop, struct fault *fault);

/* A stopped one may be stopped again. */
void reload_stop(struct reload *reload);

#endif
