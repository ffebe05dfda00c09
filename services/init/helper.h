/* helper: a command of a unit that runs beside its process, as the same user, confined alike and in
 * the same group: ReadyExec, HealthExec, ExecStop. What it writes is the unit's output. */
#ifndef CLOISTER_SERVICES_INIT_HELPER_H
#define CLOISTER_SERVICES_INIT_HELPER_H

#include "runtime/kernel/child.h"
#include "services/init/unit_file.h"

struct supervised;

/* Zeroed, with its unit and its callback. */
struct helper {
	struct supervised *one;
	/* It has ended, with 0 if it is well, or could not be started. */
	void (*ended)(struct helper *helper, bool well);
	struct child child;
	bool is_given_up;
};

/* Not while it runs. It may end before this returns. */
void helper_start(struct helper *helper, const struct unit_command *command);

bool helper_runs(const struct helper *helper);

/* Kills it; nothing is called any more. One that does not run may be given up. */
void helper_give_up(struct helper *helper);

#endif
