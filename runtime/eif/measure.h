/* measure: the PCR values of an image, and the SHA-384 of each section, while its data flows by.
 *
 * PCRn = SHA384(48 zero bytes, SHA384(stream_n)), over section data only, in the file's order:
 * stream 0 is kernel, command line and all ramdisks; stream 1 the same without the ramdisks after
 * the first; stream 2 those ramdisks (spec/eif.md). Stream 0 and stream 2 are hashed by one thread
 * each, both from the same blocks; stream 1 is a copied state of stream 0.
 */
#ifndef CLOISTER_RUNTIME_EIF_MEASURE_H
#define CLOISTER_RUNTIME_EIF_MEASURE_H

#include <openssl/evp.h>

#include "runtime/eif/layout.h"
#include "runtime/eif/ring.h"

#define MEASURE_SIZE     48 /* bytes of a SHA-384 value */
#define MEASURE_HEX_SIZE 97 /* as lower-case digits with the NUL */

struct measurements {
	uint8_t pcrs[3][MEASURE_SIZE];
	uint8_t sections[EIF_SECTIONS_MAX][MEASURE_SIZE]; /* only if asked for */
};

struct measure {
	struct ring ring;
	pthread_t threads[RING_CONSUMERS_MAX];
	unsigned running;
	bool with_sections;
	bool image_failed;       /* libcrypto refused; written by the image thread */
	bool application_failed; /* the same, of the application thread */
	bool boot_apart;         /* `boot` no longer equals `image` */
	bool application_begun;
	bool borrowed; /* the running section is all of `application` so far */
	EVP_MD_CTX *image;
	EVP_MD_CTX *boot;
	EVP_MD_CTX *application;
	EVP_MD_CTX *section;
	EVP_MD_CTX *scratch;
	uint8_t section_digests[EIF_SECTIONS_MAX][MEASURE_SIZE];
};

/* Starts both threads; blocks then go in by way of ring_claim and ring_publish on measure->ring. */
int measure_start(struct measure *measure, bool with_sections, struct fault *fault);

/* Ends both threads and gives the values. Word "crypto" if libcrypto refused to hash. */
int measure_finish(struct measure *measure, struct measurements *measurements, struct fault *fault);

/* Ends both threads, if they run, and frees everything. Also after measure_finish. */
void measure_free(struct measure *measure);

/* SHA384(48 zero bytes, digest): how a PCR is extended from zero. */
int measure_extend(
	const uint8_t digest[MEASURE_SIZE], uint8_t pcr[MEASURE_SIZE], struct fault *fault);

/* Writes a value as lower-case hexadecimal digits. */
void measure_hex(const uint8_t value[MEASURE_SIZE], char text[MEASURE_HEX_SIZE]);

#endif
