/* bank: see bank.h. */
#include "host/nsmsim/bank.h"

#include <openssl/evp.h>
#include <string.h>

#include "runtime/kernel/machine.h"

MACHINE_EVENTS(pcr_life)

static const char *const invalid_index = "InvalidIndex";

void bank_open(struct bank *bank)
{
	memset(bank, 0, sizeof *bank);
	for (uint32_t i = 0; i < NSM_PCRS; i++)
		pcr_life_init(&bank->lives[i]);
}

/* new = SHA384(old, bytes). */
static bool extend(uint8_t *value, const void *bytes, size_t size)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool is_done = context != NULL && EVP_DigestInit_ex(context, EVP_sha384(), NULL) == 1 &&
		       EVP_DigestUpdate(context, value, NSM_DIGEST_SIZE) == 1 &&
		       EVP_DigestUpdate(context, bytes, size) == 1 &&
		       EVP_DigestFinal_ex(context, value, NULL) == 1;

	EVP_MD_CTX_free(context);
	return is_done;
}

/* What a request becomes: the effects say what is done, and what is answered. */
static const char *ask(struct bank *bank, uint32_t index, enum pcr_life_event event,
	const void *bytes, size_t size)
{
	uint32_t effects = pcr_life_drive(&bank->lives[index], index, event, 0);

	if ((effects & PCR_LIFE_DO_EXTEND) != 0 && !extend(bank->values[index], bytes, size))
		return "InternalError";
	return (effects & PCR_LIFE_DO_GRANT) != 0 ? NULL : "ReadOnlyIndex";
}

const char *bank_extend(struct bank *bank, uint64_t index, const void *bytes, size_t size)
{
	if (index >= NSM_PCRS)
		return invalid_index;
	return ask(bank, (uint32_t)index, PCR_LIFE_EXTEND, bytes, size);
}

const char *bank_lock(struct bank *bank, uint64_t index)
{
	if (index >= NSM_PCRS)
		return invalid_index;
	return ask(bank, (uint32_t)index, PCR_LIFE_LOCK, NULL, 0);
}

const char *bank_lock_range(struct bank *bank, uint64_t range)
{
	const char *refusal = NULL;

	if (range > NSM_PCRS)
		return invalid_index;
	for (uint32_t i = 0; i < range && refusal == NULL; i++)
		refusal = ask(bank, i, PCR_LIFE_LOCK_RANGE, NULL, 0);
	return refusal;
}

void bank_lock_boot(struct bank *bank)
{
	(void)bank_lock_range(bank, BANK_BOOT_PCRS);
}

const char *bank_find(const struct bank *bank, uint64_t index, const uint8_t **value)
{
	if (index >= NSM_PCRS)
		return invalid_index;
	*value = bank->values[index];
	return NULL;
}

bool bank_is_locked(struct bank *bank, uint32_t index)
{
	return (pcr_life_drive(&bank->lives[index], index, PCR_LIFE_LIST, 0) & PCR_LIFE_DO_LIST) !=
	       0;
}
