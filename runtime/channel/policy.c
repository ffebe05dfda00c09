/* policy: see policy.h. */
#include "runtime/channel/policy.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- Reading ---------------------------------------------------------------------------------- */

/* A value is 96 hexadecimal digits. Register 0 of zeros is that of debug mode, which is never
 * accepted: a policy that names it is a mistake. */
static int read_pcr(struct policy_image *image, unsigned number, struct conf *conf,
	const struct conf_entry *table, struct fault *fault)
{
	static const uint8_t zero[POLICY_PCR_SIZE];
	const char *digits = NULL;
	char name[16];
	size_t size = 0;

	(void)snprintf(name, sizeof name, "pcr%u", number);
	if (conf_string(conf, table, name, &digits, fault) != 0)
		return -1;
	if (digits == NULL)
		return 0;
	if (strlen(digits) != 2u * POLICY_PCR_SIZE ||
		OPENSSL_hexstr2buf_ex(image->pcrs[number], POLICY_PCR_SIZE, &size, digits, '\0') !=
			1) {
		ERR_clear_error();
		return conf_refuse(conf, conf_find(conf, table, name), fault, "range",
			"%s: '%.100s' is not %u hexadecimal digits", name, digits,
			2u * POLICY_PCR_SIZE);
	}
	if (number == 0 && memcmp(image->pcrs[0], zero, sizeof zero) == 0)
		return conf_refuse(conf, conf_find(conf, table, name), fault, "range",
			"%s: zeros are what an enclave in debug mode has: it is never accepted",
			name);
	image->wants[number] = true;
	return 0;
}

static int read_image(struct policy *policy, struct conf *conf, const struct conf_entry *table,
	struct fault *fault)
{
	struct policy_image *image = &policy->images[policy->count];
	const char *name = "";

	*image = (struct policy_image){.name = ""};
	if (conf_require(conf, table, "name", fault) != 0 ||
		conf_string(conf, table, "name", &name, fault) != 0 ||
		conf_require(conf, table, "pcr0", fault) != 0)
		return -1;
	if (*name == '\0' || strlen(name) >= POLICY_NAME_MAX)
		return conf_refuse(conf, conf_find(conf, table, "name"), fault, "name",
			"name: it has 1 to %u bytes", POLICY_NAME_MAX - 1u);
	for (uint32_t i = 0; i < policy->count; i++)
		if (strcmp(policy->images[i].name, name) == 0)
			return conf_refuse(conf, conf_find(conf, table, "name"), fault, "duplicate",
				"name: '%.80s' is another image's", name);
	(void)memcpy(image->name, name, strlen(name) + 1);
	for (unsigned i = 0; i < POLICY_PCRS; i++)
		if (read_pcr(image, i, conf, table, fault) != 0)
			return -1;
	return 0;
}

/* A path that does not begin with a slash is beside the policy. */
static int read_root(
	struct policy *policy, struct conf *conf, const char *file, struct fault *fault)
{
	const char *root = NULL, *slash = strrchr(file, '/');
	int folder = slash == NULL ? 0 : (int)(slash - file) + 1;

	if (conf_string(conf, conf_root(conf), "root", &root, fault) != 0)
		return -1;
	if (root == NULL)
		return 0;
	if (*root == '\0' ||
		snprintf(policy->root, sizeof policy->root, "%.*s%s", *root == '/' ? 0 : folder,
			file, root) >= (int)sizeof policy->root)
		return conf_refuse(conf, conf_find(conf, conf_root(conf), "root"), fault, "range",
			"root: it is empty, or too long");
	return 0;
}

static int take(struct policy *policy, struct conf *conf, const char *file, struct fault *fault)
{
	struct conf_entry *root = conf_root(conf), *table = NULL;

	*policy = (struct policy){.age = -1};
	if (conf_integer(conf, root, "max_age", 0, POLICY_AGE_MAX, &policy->age, fault) != 0 ||
		read_root(policy, conf, file, fault) != 0 ||
		conf_require(conf, root, "image", fault) != 0 ||
		conf_tables(conf, root, "image", &table, fault) != 0)
		return -1;
	policy->has_age = policy->age >= 0;
	for (; table != NULL; table = conf_next(conf, table)) {
		if (policy->count == POLICY_IMAGES_MAX)
			return conf_refuse(conf, table, fault, "limit",
				"there are more than %u images", POLICY_IMAGES_MAX);
		if (read_image(policy, conf, table, fault) != 0)
			return -1;
		policy->count++;
	}
	return conf_unknown(conf, fault);
}

int policy_read(struct policy *policy, struct conf *conf, const char *file, const void *text,
	size_t size, struct fault *fault)
{
	return conf_parse(conf, file, text, size, fault) == 0 ? take(policy, conf, file, fault)
							      : -1;
}

int policy_file(struct policy *policy, const char *path, struct fault *fault)
{
	struct conf *conf = malloc(sizeof *conf);
	int status = -1;

	if (conf == NULL)
		return fault_set(fault, "memory", "no memory to read %s", path);
	if (conf_parse_file(conf, path, fault) == 0)
		status = take(policy, conf, path, fault);
	free(conf);
	return status;
}

/* --- Judging ---------------------------------------------------------------------------------- */

int policy_wish(const struct policy *policy, struct attestation_wish *wish, struct fault *fault)
{
	if (policy->has_age) {
		wish->wish.has_age = true;
		wish->wish.age = policy->age;
	}
	return policy->root[0] == '\0' ? attestation_root_aws(&wish->root, fault)
				       : attestation_root_file(&wish->root, policy->root, fault);
}

/* The verdict on the same document, if the registers of this image are wanted besides. */
static enum verdict verdict_for(const struct attestation *attestation,
	const struct policy_image *image, const struct attestation_wish *wish)
{
	struct verdict_facts facts = attestation->facts;
	struct verdict_wish wanted = wish->wish;

	for (unsigned i = 0; i < POLICY_PCRS; i++) {
		if (!image->wants[i])
			continue;
		facts.has_pcr[i] = document_part_is(&attestation->document.pcrs[i], image->pcrs[i],
					   POLICY_PCR_SIZE) &&
				   (!wanted.wants_pcr[i] || attestation->facts.has_pcr[i]);
		wanted.wants_pcr[i] = true;
	}
	return verdict_of(&facts, &wanted);
}

int policy_judge(struct attestation *attestation, const struct policy *policy,
	const struct attestation_wish *wish, const void *bytes, size_t size,
	const struct policy_image **image, struct fault *fault)
{
	*image = NULL;
	if (attestation_judge(attestation, wish, bytes, size, fault) != 0)
		return -1;
	if (attestation->verdict != VERDICT_ACCEPTED)
		return 0;
	for (uint32_t i = 0; i < policy->count; i++) {
		if (verdict_for(attestation, &policy->images[i], wish) == VERDICT_ACCEPTED) {
			*image = &policy->images[i];
			return 0;
		}
	}
	attestation->verdict = VERDICT_PCR;
	(void)fault_set(&attestation->why, verdict_word(VERDICT_PCR),
		"%s: it is none of the %u images of the policy", verdict_text(VERDICT_PCR),
		policy->count);
	return 0;
}
