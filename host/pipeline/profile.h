/* profile: what the operator's own file says where the command line and the environment don't:
 * pipeline.conf (spec/pipeline-conf.md), in $XDG_CONFIG_HOME/cloister or ~/.config/cloister, with
 * named enclaves and policies, in the configuration language. */
#ifndef CLOISTER_HOST_PIPELINE_PROFILE_H
#define CLOISTER_HOST_PIPELINE_PROFILE_H

#include <limits.h>

#include "host/pipeline/options.h"

struct conf;

struct profile {
	/* Of the enclave that is meant, or else of all; null and 0: nothing is said. The texts are
	 * the profile's. */
	const char *address, *key, *policy, *root;
	uint32_t seconds;
	uint32_t streams; /* of a copy */
	bool accepts_unsigned, accepts_debug;

	const char *enclave; /* the enclave that is meant; null: none */

	/* Its own. */
	struct conf *conf;
	char folder[4096]; /* where the file is, with a slash at its end; "" here */
	char *texts[8];    /* that were put together */
	unsigned count;
};

/* Reads the file: that of --config or, where it is there, the operator's. `name`: the enclave that
 * was asked for; null: the file's own choice, if `may_choose`. A file that anybody else may write
 * to is refused. Faults: those of conf.h, "permission", "usage", "memory"; also after one the
 * profile is to be closed. */
int profile_open(struct profile *profile, const struct options *options, const char *name,
	bool may_choose, struct failure *failure);
void profile_close(struct profile *profile);

/* The file of a policy that --policy names: one of [policies], or else the name itself. */
const char *profile_policy(struct profile *profile, const char *name);

#endif
