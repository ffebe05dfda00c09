/* bank: the 32 registers of a simulated NSM: a value each, and the machine that says what may
 * become of it (spec/pcr_life.md). */
#ifndef CLOISTER_HOST_NSMSIM_BANK_H
#define CLOISTER_HOST_NSMSIM_BANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gen/pcr_life.h"
#include "runtime/crypto/nsm_reply.h"

#define BANK_BOOT_PCRS 16u /* those that are locked from the start */

struct bank {
	struct pcr_life lives[NSM_PCRS];
	uint8_t values[NSM_PCRS][NSM_DIGEST_SIZE];
};

/* All zero; the first 16 are locked once they have their values. */
void bank_open(struct bank *bank);
void bank_lock_boot(struct bank *bank);

/* Each returns null, or the NSM's word for why not. */
const char *bank_extend(struct bank *bank, uint64_t index, const void *bytes, size_t size);
const char *bank_lock(struct bank *bank, uint64_t index);
const char *bank_lock_range(struct bank *bank, uint64_t range);
const char *bank_find(const struct bank *bank, uint64_t index, const uint8_t **value);

bool bank_is_locked(struct bank *bank, uint32_t index);

#endif
