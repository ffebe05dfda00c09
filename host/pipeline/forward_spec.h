/* forward_spec: what follows -L: where to listen, and where to lead to. */
#ifndef CLOISTER_HOST_PIPELINE_FORWARD_SPEC_H
#define CLOISTER_HOST_PIPELINE_FORWARD_SPEC_H

#include "runtime/net/address.h"

#define FORWARD_SPEC_MAX (2u * ADDRESS_TEXT_MAX)

/* LISTEN:TARGET, parted at the first colon where both sides are one:
 *   LISTEN   PORT (of 127.0.0.1), HOST:PORT, or any address
 *   TARGET   HOST:PORT, or any address
 * Fault: "usage". */
int forward_spec_parse(
	const char *text, struct address *listen, struct address *target, struct fault *fault);

/* The two alone. Faults: those of address_parse. */
int forward_spec_listen(const char *text, struct address *listen, struct fault *fault);
int forward_spec_target(const char *text, struct address *target, struct fault *fault);

#endif
