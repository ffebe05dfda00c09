/* image: what the hypervisor measures of an image before an enclave starts. */
#ifndef CLOISTER_HOST_NSMSIM_IMAGE_H
#define CLOISTER_HOST_NSMSIM_IMAGE_H

#include "host/nsmsim/bank.h"
#include "runtime/kernel/fault.h"

/* Reads an image by streaming, checks it as the hypervisor does, and sets the registers 0, 1, 2
 * and, where it is signed, 8. Faults: those of runtime/eif/reader.h and signature.h, "crc",
 * "signature", "memory". */
int image_measure(struct bank *bank, const char *path, struct fault *fault);

#endif
