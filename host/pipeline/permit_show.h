/* permit_show: what `pipeline permit` prints. */
#ifndef CLOISTER_HOST_PIPELINE_PERMIT_SHOW_H
#define CLOISTER_HOST_PIPELINE_PERMIT_SHOW_H

#include "host/pipeline/options.h"
#include "runtime/channel/authorized.h"

/* All keys of a file. Faults: those of output.h. */
int permit_show_file(
	const struct authorized *authorized, const struct options *options, struct fault *fault);

/* One answer; `key` is null where there is none. A refusal is printed in JSON alone: for people its
 * fault is printed. */
int permit_show_answer(enum permit permit, const struct authorized_key *key,
	const struct options *options, struct fault *fault);

#endif
