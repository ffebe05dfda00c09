/* diff: what another configuration makes of one unit. Pure functions: verify/init_diff.acsl says
 * what is proved. */
#ifndef CLOISTER_SERVICES_INIT_DIFF_H
#define CLOISTER_SERVICES_INIT_DIFF_H

#include <stdbool.h>

/* How a unit of one set is in another. */
enum unit_change {
	UNIT_UNCHANGED = 0,
	UNIT_ADDED = 1,
	UNIT_CHANGED = 2, /* its file, or whether it is enabled; or it could not be used */
	UNIT_REMOVED = 3
};

/* Of the two sets. What is said of both counts where the unit is in both. */
struct diff_facts {
	bool was_there, is_there;
	bool is_same_file;
	bool was_enabled, is_enabled;
	bool was_faulty, is_faulty; /* it can't be used */
};

enum unit_change diff_of(const struct diff_facts *facts);

/* What is done with a unit that init has. */
enum diff_step {
	DIFF_LEAVE = 0,  /* it is as it is to be */
	DIFF_RENEW = 1,  /* it takes the new definition now, */
	DIFF_WAIT = 2,   /* or when its process has ended */
	DIFF_REMOVE = 3, /* it is stopped in order, and then forgotten */
	DIFF_RETURN = 4  /* it was to be forgotten, and stays */
};

/* is_leaving: it was removed before, and its process has not ended; is_current: what its process
 * runs by is the new definition. */
enum diff_step diff_step(
	enum unit_change change, bool is_leaving, bool has_process, bool is_current);

#endif
