/* size: how much memory an enclave gets. */
#ifndef CLOISTER_HOST_ENCLAVE_SIZE_H
#define CLOISTER_HOST_ENCLAVE_SIZE_H

#include "host/enclave/settings.h"
#include "runtime/eif/size.h"

/* Gives an enclave the advised memory where its settings leave it open; else warns on stderr when
 * it is less than what nitro-cli demands or what is advised. Fault, as nitro-cli: "too_small". */
int size_choose(struct settings *settings, const struct image *image, struct fault *fault);

#endif
