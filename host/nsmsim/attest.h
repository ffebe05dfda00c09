/* attest: makes the documents of a simulated NSM (spec/attestation.md), with payload maps of
 * indefinite length as hardware sends them. */
#ifndef CLOISTER_HOST_NSMSIM_ATTEST_H
#define CLOISTER_HOST_NSMSIM_ATTEST_H

#include "host/nsmsim/module.h"
#include "host/nsmsim/request.h"

/* -1: it does not fit, or libcrypto refuses. */
int attest_make(struct module *module, const struct request *request, uint8_t *document,
	size_t room, size_t *size);

#endif
