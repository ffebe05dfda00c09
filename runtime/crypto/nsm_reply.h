/* nsm_reply: what the NSM answers, decoded (spec/nsm.md). Members are found by their keys, in any
 * order and in maps of either length form; unknown ones are skipped. */
#ifndef CLOISTER_RUNTIME_CRYPTO_NSM_REPLY_H
#define CLOISTER_RUNTIME_CRYPTO_NSM_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/kernel/fault.h"

#define NSM_PCRS        32u /* registers that the API knows */
#define NSM_PCR_MAX     64u /* bytes of a value; 48 today */
#define NSM_MODULE_MAX  256u
#define NSM_DIGEST_MAX  16u
#define NSM_DIGEST_SIZE 48u /* of SHA384, the one digest there is */

enum nsm_operation {
	NSM_DESCRIBE_NSM,
	NSM_DESCRIBE_PCR,
	NSM_EXTEND_PCR,
	NSM_LOCK_PCR,
	NSM_LOCK_PCRS,
	NSM_ATTESTATION,
	NSM_GET_RANDOM,
	NSM_OPERATIONS
};

/* The names that requests and replies have. */
extern const char *const nsm_operation_names[NSM_OPERATIONS];

struct nsm_pcr {
	bool is_locked;
	size_t size;
	uint8_t value[NSM_PCR_MAX];
};

struct nsm_description {
	uint16_t major, minor, patch;
	char module_id[NSM_MODULE_MAX + 1u];
	char digest[NSM_DIGEST_MAX + 1u];
	uint16_t pcrs;         /* how many there are */
	bool locked[NSM_PCRS]; /* those of them that are */
};

/* What an operation does not give is zero. */
struct nsm_reply {
	bool is_locked;       /* DescribePCR */
	const uint8_t *bytes; /* data, document or random, in the reply's memory */
	size_t size;
	struct nsm_description description; /* DescribeNSM */
};

/* Words: one of the NSM's where it has refused, else "InvalidResponse". */
int nsm_reply_read(enum nsm_operation operation, const void *bytes, size_t size,
	struct nsm_reply *reply, struct fault *fault);

#endif
