/* judge: an image file, measured and checked before it is run. */
#ifndef CLOISTER_HOST_ENCLAVE_JUDGE_H
#define CLOISTER_HOST_ENCLAVE_JUDGE_H

#include <jansson.h>

#include "runtime/eif/reader.h"

struct judged {
	struct image image;
	json_t *measurements; /* as nitro-cli prints them: HashAlgorithm, PCR0, ... */
	json_t *metadata; /* ImageName, ImageVersion, Metadata; no members in a version without */
};

/* Opens and checks: the layout, the CRC, the signature where there is one. Faults: "input", the
 * words of spec/eif.md, "crc", "signature", "memory", "crypto". */
int judge_open(struct judged *judged, const char *path, struct fault *fault);
void judge_close(struct judged *judged); /* after a failure of judge_open, too */

#endif
