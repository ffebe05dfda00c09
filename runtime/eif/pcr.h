/* pcr: the values of PCRs that are not of an image's layout: of any file, of a certificate. */
#ifndef CLOISTER_RUNTIME_EIF_PCR_H
#define CLOISTER_RUNTIME_EIF_PCR_H

#include "runtime/eif/measure.h"

#define PCR_CERTIFICATE_MAX 1048576u /* bytes of a certificate's file */

/* A file's SHA-384, extended from zero. Faults: "input", "io", "crypto". */
int pcr_of_file(const char *path, uint8_t pcr[MEASURE_SIZE], struct fault *fault);

/* PCR8 of images that are signed with the first certificate of a PEM file. Faults: "input",
 * "certificate", "io", "memory", "crypto". */
int pcr_of_certificate(const char *path, uint8_t pcr[MEASURE_SIZE], struct fault *fault);

#endif
