/* attestation: judges an attestation document: finds out with OpenSSL what verdict.h wants to know,
 * and asks it. spec/attestation.md says what is checked. */
#ifndef CLOISTER_RUNTIME_CRYPTO_ATTESTATION_H
#define CLOISTER_RUNTIME_CRYPTO_ATTESTATION_H

#include "runtime/crypto/document.h"
#include "runtime/crypto/verdict.h"

#define ATTESTATION_PCR_MAX 64u

/* The one certificate that is trusted: DER. */
struct attestation_root {
	uint8_t der[VERDICT_CERTIFICATE_MAX];
	size_t size;
};

/* AWS's. Fault: "crypto" (it is not the certificate that it should be). */
int attestation_root_aws(struct attestation_root *root, struct fault *fault);

/* The first certificate of a file in PEM form. Faults: "input", "certificate". */
int attestation_root_file(struct attestation_root *root, const char *path, struct fault *fault);

/* What is wanted of a document; zeroed, with root and wish.at set, it wants the least there is. */
struct attestation_wish {
	struct attestation_root root;
	struct verdict_wish wish;
	uint8_t nonce[VERDICT_PART_MAX]; /* with wish.wants_nonce */
	size_t nonce_size;
	uint8_t pcrs[VERDICT_PCRS][ATTESTATION_PCR_MAX]; /* with wish.wants_pcr */
	size_t pcr_sizes[VERDICT_PCRS];
};

struct attestation {
	struct document document; /* points into the bytes that were judged */
	struct verdict_facts facts;
	enum verdict verdict;
	struct fault why; /* word: the verdict's; text: with details where there are some */
};

/* Judges bytes[0..size), which must outlive the attestation. Its answer is the verdict; -1: there
 * was no answer. Fault: "memory". */
int attestation_judge(struct attestation *attestation, const struct attestation_wish *wish,
	const void *bytes, size_t size, struct fault *fault);

#endif
