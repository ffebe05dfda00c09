/* policy: which enclaves a client talks to: its policy file (spec/policy.md), in the configuration
 * language, and the judgement of a document under it, on top of attestation.h. Several images may
 * be accepted at once, so that one can take the place of another.
 *
 * Words of faults: those of conf.h, "name". */
#ifndef CLOISTER_RUNTIME_CHANNEL_POLICY_H
#define CLOISTER_RUNTIME_CHANNEL_POLICY_H

#include "runtime/crypto/attestation.h"
#include "runtime/kernel/conf.h"

#define POLICY_IMAGES_MAX 32u
#define POLICY_PCRS       16u /* registers 0 to 15 may be named */
#define POLICY_PCR_SIZE   48u /* bytes of a value */
#define POLICY_NAME_MAX   128u
#define POLICY_ROOT_MAX   4096u
#define POLICY_AGE_MAX    INT64_C(31622400) /* seconds */

struct policy_image {
	char name[POLICY_NAME_MAX];
	bool wants[POLICY_PCRS]; /* 0 always */
	uint8_t pcrs[POLICY_PCRS][POLICY_PCR_SIZE];
};

struct policy {
	bool has_age;
	int64_t age;                /* seconds */
	char root[POLICY_ROOT_MAX]; /* a file in PEM form; "": AWS's root */
	uint32_t count;
	struct policy_image images[POLICY_IMAGES_MAX];
};

/* Reads text[0..size) of the file `file`; `conf` is used on the way. A root that does not begin
 * with a slash is beside `file`. */
int policy_read(struct policy *policy, struct conf *conf, const char *file, const void *text,
	size_t size, struct fault *fault);
int policy_file(struct policy *policy, const char *path, struct fault *fault);

/* Adds what the policy wants of every document to a wish: root and age. What the wish has already
 * (--root, --max-age) is replaced. Faults: those of attestation_root_*. */
int policy_wish(const struct policy *policy, struct attestation_wish *wish, struct fault *fault);

/* Like attestation_judge with a wish that policy_wish has seen; and accepted only if the document
 * is that of one of the images, to which *image then points. Else *image is null; where it is the
 * images alone that the document fails on, the verdict is VERDICT_PCR. */
int policy_judge(struct attestation *attestation, const struct policy *policy,
	const struct attestation_wish *wish, const void *bytes, size_t size,
	const struct policy_image **image, struct fault *fault);

#endif
