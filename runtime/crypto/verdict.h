/* verdict: whether an attestation document is accepted, as a pure decision over what was found out
 * about it (spec/attestation.md). It reads nothing and calls nothing, so that it can be proved:
 * verify/verdict.acsl says that `accepted` implies that every check held, and which check each
 * refusal is about. What finds the facts is attestation.c; a fact that it did not find out is zero,
 * and zero refuses. */
#ifndef CLOISTER_RUNTIME_CRYPTO_VERDICT_H
#define CLOISTER_RUNTIME_CRYPTO_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#define VERDICT_PCRS            32u
#define VERDICT_BUNDLE_MAX      16u                       /* certificates of a bundle */
#define VERDICT_CHAIN_MAX       (VERDICT_BUNDLE_MAX + 1u) /* with that of the signer */
#define VERDICT_MODULE_MAX      256u
#define VERDICT_CERTIFICATE_MAX 1024u
#define VERDICT_PART_MAX        1024u /* user data, nonce, key: what others may put into them */
#define VERDICT_ES384           (-35) /* COSE's number for ECDSA with SHA-384 */
#define VERDICT_NO_SIGNATURE    (-1)  /* what QEMU's NSM says instead */
#define VERDICT_SKEW            300   /* seconds that a document's clock may be ahead of ours */
#define VERDICT_NO_PATH_LENGTH  (-1)

enum verdict {
	VERDICT_ACCEPTED,
	VERDICT_MALFORMED,
	VERDICT_UNSIGNED,
	VERDICT_ALGORITHM,
	VERDICT_SELF_SIGNED,
	VERDICT_FIELDS,
	VERDICT_SIGNATURE,
	VERDICT_ROOT,
	VERDICT_CHAIN,
	VERDICT_DEBUG,
	VERDICT_EARLY,
	VERDICT_EXPIRED,
	VERDICT_FUTURE,
	VERDICT_STALE,
	VERDICT_NONCE,
	VERDICT_PCR
};
#define VERDICTS (VERDICT_PCR + 1u)

/* A part that a document may leave out. */
struct verdict_part {
	bool is_there;
	uint64_t size;
};

struct verdict_certificate {
	uint64_t size;  /* bytes of its DER */
	bool is_sound;  /* X.509 version 3, whole, on P-384, by ECDSA with SHA-384, and nothing
	                  critical in it is unknown */
	bool is_issued; /* named and signed by the one before it; the first one by itself */
	bool is_ca;
	bool may_sign_certificates;
	bool may_sign;       /* digitalSignature */
	int64_t path_length; /* or VERDICT_NO_PATH_LENGTH */
	int64_t from, until; /* seconds since 1970; both ends are in */
};

/* What is so about a document. */
struct verdict_facts {
	bool is_read; /* its bytes are CBOR of the right shape */
	int64_t algorithm;
	bool has_zero_certificate;
	bool has_empty_header; /* the unprotected one */
	uint64_t module_size;
	bool is_sha384;                   /* its digest's name */
	uint64_t timestamp;               /* milliseconds since 1970 */
	uint64_t pcr_sizes[VERDICT_PCRS]; /* 0: the register is not in it */
	struct verdict_part public_key, user_data, nonce;
	uint32_t count; /* of certificates: the bundle's, root first, and then the signer's */
	struct verdict_certificate chain[VERDICT_CHAIN_MAX];
	bool is_signed;   /* by the signer's key */
	bool is_anchored; /* the first certificate is the root that was wanted, bit by bit */
	bool is_debug;    /* PCR0 is zero */
	bool has_nonce;   /* the one that was wanted */
	bool has_pcr[VERDICT_PCRS]; /* the value that was wanted */
};

/* What is wanted of it. */
struct verdict_wish {
	int64_t at; /* the time to judge at: seconds since 1970, not negative */
	bool has_age;
	int64_t age; /* seconds between the document's time and that one, at most */
	bool wants_nonce;
	bool wants_pcr[VERDICT_PCRS];
};

/* The first check of the page's list that fails. */
enum verdict verdict_of(const struct verdict_facts *facts, const struct verdict_wish *wish);

/* The verdict in one word, for scripts; and what it means, for people. */
const char *verdict_word(enum verdict verdict);
const char *verdict_text(enum verdict verdict);

#endif
