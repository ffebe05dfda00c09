/* reason: the words and sentences for why an image is refused. */
#ifndef CLOISTER_HOST_EIF_REASON_H
#define CLOISTER_HOST_EIF_REASON_H

#include "host/eif/layout.h"
#include "runtime/kernel/fault.h"

/* Sets the fault for a reason other than EIF_OK. Returns -1. */
int reason_fault(struct fault *fault, const char *path, enum eif_reason reason,
	const struct eif_place *place);

#endif
