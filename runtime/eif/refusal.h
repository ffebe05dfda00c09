/* refusal: the words and sentences for why an image is refused. */
#ifndef CLOISTER_RUNTIME_EIF_REFUSAL_H
#define CLOISTER_RUNTIME_EIF_REFUSAL_H

#include "runtime/eif/layout.h"
#include "runtime/kernel/fault.h"

/* Sets the fault for a reason other than EIF_OK. Returns -1. */
int reason_fault(struct fault *fault, const char *path, enum eif_reason reason,
	const struct eif_place *place);

#endif
