/* description: what an image is and whether it is whole, printed as `nitro-cli describe-eif`. */
#ifndef CLOISTER_RUNTIME_EIF_DESCRIPTION_H
#define CLOISTER_RUNTIME_EIF_DESCRIPTION_H

#include "runtime/eif/emit.h"
#include "runtime/eif/measure.h"
#include "runtime/kernel/fault.h"

/* Prints to standard output; with `sections`, each section's place and digest too. A check that is
 * false is shown, and a fault afterwards: "crc", "signature". Others: those of reader.h, of
 * metadata, signature and certificate, "memory", "io". */
int describe_image(const char *path, bool sections, struct fault *fault);

/* Prints the member Measurements, with PCR8 if `signer` is not NULL. */
void emit_measurements(
	struct emit *emit, const struct measurements *measurements, const uint8_t *signer);

#endif
