/* where: the address that a command line means, or the environment, or the operator's file. */
#ifndef CLOISTER_HOST_PIPELINE_WHERE_H
#define CLOISTER_HOST_PIPELINE_WHERE_H

#include "host/pipeline/profile.h"

/* Whether the command line or the environment say where to, so that the file does not choose. */
bool where_is_given(const struct options *options);

/* With the stand-ins of CLOISTER_VSOCK_DIR. Faults: "usage" (there is none, or several), "address",
 * those of enclave.h. */
int where_address(const struct options *options, const struct profile *profile,
	struct address *address, struct failure *failure);

#endif
