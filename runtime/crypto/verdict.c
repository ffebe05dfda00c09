/* verdict: see verdict.h. */
#include "runtime/crypto/verdict.h"

/* --- Fields ----------------------------------------------------------------------------------- */

static bool part_ok(const struct verdict_part *part, uint64_t least)
{
	return !part->is_there || (least <= part->size && part->size <= VERDICT_PART_MAX);
}

/* The first register is always there: without it nobody could tell what runs. */
static bool pcrs_ok(const struct verdict_facts *facts)
{
	/*@ loop invariant 0 <= i <= VERDICT_PCRS;
	    loop invariant \forall integer k; 0 <= k < i ==> pcr_fits(facts->pcr_sizes[k]);
	    loop assigns i;
	    loop variant VERDICT_PCRS - i; */
	for (uint32_t i = 0; i < VERDICT_PCRS; i++) {
		uint64_t size = facts->pcr_sizes[i];

		if (size != 0 && size != 32 && size != 48 && size != 64)
			return false;
	}
	return facts->pcr_sizes[0] != 0;
}

static bool sizes_ok(const struct verdict_facts *facts)
{
	/*@ loop invariant 0 <= i <= facts->count;
	    loop invariant \forall integer k; 0 <= k < i ==> certificate_fits(facts, k);
	    loop assigns i;
	    loop variant facts->count - i; */
	for (uint32_t i = 0; i < facts->count; i++)
		if (facts->chain[i].size < 1 || facts->chain[i].size > VERDICT_CERTIFICATE_MAX)
			return false;
	return true;
}

static bool fields_ok(const struct verdict_facts *facts)
{
	if (!facts->has_empty_header || !facts->is_sha384 || facts->timestamp == 0)
		return false;
	if (facts->module_size < 1 || facts->module_size > VERDICT_MODULE_MAX)
		return false;
	if (!part_ok(&facts->public_key, 1) || !part_ok(&facts->user_data, 0) ||
		!part_ok(&facts->nonce, 0))
		return false;
	return pcrs_ok(facts) && sizes_ok(facts);
}

/* --- The chain -------------------------------------------------------------------------------- */

/* A path length counts the certificates of authorities between this one and the signer's. */
static bool authority_ok(const struct verdict_certificate *certificate, uint32_t below)
{
	if (!certificate->is_sound || !certificate->is_issued || !certificate->is_ca ||
		!certificate->may_sign_certificates)
		return false;
	return certificate->path_length == VERDICT_NO_PATH_LENGTH ||
	       certificate->path_length >= (int64_t)below;
}

static bool signer_ok(const struct verdict_certificate *certificate)
{
	return certificate->is_sound && certificate->is_issued && certificate->may_sign &&
	       !certificate->is_ca && certificate->path_length == VERDICT_NO_PATH_LENGTH;
}

static bool chain_ok(const struct verdict_facts *facts)
{
	uint32_t last = facts->count - 1;

	/*@ loop invariant 0 <= i <= last;
	    loop invariant \forall integer k; 0 <= k < i ==> authority(facts, k);
	    loop assigns i;
	    loop variant last - i; */
	for (uint32_t i = 0; i < last; i++) {
		if (!authority_ok(&facts->chain[i], last - 1 - i)) {
			/*@ assert !authority(facts, i); */
			return false;
		}
	}
	return signer_ok(&facts->chain[last]);
}

/* --- Time ------------------------------------------------------------------------------------- */

static bool begun(const struct verdict_facts *facts, int64_t at)
{
	/*@ loop invariant 0 <= i <= facts->count;
	    loop invariant \forall integer k; 0 <= k < i ==> facts->chain[k].from <= at;
	    loop assigns i;
	    loop variant facts->count - i; */
	for (uint32_t i = 0; i < facts->count; i++)
		if (facts->chain[i].from > at)
			return false;
	return true;
}

static bool lasting(const struct verdict_facts *facts, int64_t at)
{
	/*@ loop invariant 0 <= i <= facts->count;
	    loop invariant \forall integer k; 0 <= k < i ==> at <= facts->chain[k].until;
	    loop assigns i;
	    loop variant facts->count - i; */
	for (uint32_t i = 0; i < facts->count; i++)
		if (facts->chain[i].until < at)
			return false;
	return true;
}

static int64_t seconds_of(uint64_t milliseconds)
{
	return (int64_t)(milliseconds / 1000u);
}

static bool past(const struct verdict_facts *facts, int64_t at)
{
	int64_t made = seconds_of(facts->timestamp);

	return made <= at || made - at <= VERDICT_SKEW;
}

static bool fresh(const struct verdict_facts *facts, const struct verdict_wish *wish)
{
	int64_t made = seconds_of(facts->timestamp);

	return !wish->has_age || made >= wish->at || wish->at - made <= wish->age;
}

/* --- The wish --------------------------------------------------------------------------------- */

static bool pcrs_wanted(const struct verdict_facts *facts, const struct verdict_wish *wish)
{
	/*@ loop invariant 0 <= i <= VERDICT_PCRS;
	    loop invariant \forall integer k; 0 <= k < i ==> pcr_is_right(facts, wish, k);
	    loop assigns i;
	    loop variant VERDICT_PCRS - i; */
	for (uint32_t i = 0; i < VERDICT_PCRS; i++) {
		if (wish->wants_pcr[i] && !facts->has_pcr[i]) {
			/*@ assert !pcr_is_right(facts, wish, i); */
			return false;
		}
	}
	return true;
}

/* What the document says of itself. */
static enum verdict verdict_of_form(const struct verdict_facts *facts)
{
	if (!facts->is_read || facts->count < 1 || facts->count > VERDICT_CHAIN_MAX)
		return VERDICT_MALFORMED;
	if (facts->algorithm == VERDICT_NO_SIGNATURE || facts->has_zero_certificate)
		return VERDICT_UNSIGNED;
	if (facts->algorithm != VERDICT_ES384)
		return VERDICT_ALGORITHM;
	if (facts->count < 2)
		return VERDICT_SELF_SIGNED;
	return fields_ok(facts) ? VERDICT_ACCEPTED : VERDICT_FIELDS;
}

/* Who says so. */
static enum verdict verdict_of_origin(const struct verdict_facts *facts, int64_t at)
{
	if (!facts->is_signed)
		return VERDICT_SIGNATURE;
	if (!facts->is_anchored)
		return VERDICT_ROOT;
	if (!chain_ok(facts))
		return VERDICT_CHAIN;
	if (facts->is_debug)
		return VERDICT_DEBUG;
	if (!begun(facts, at))
		return VERDICT_EARLY;
	return lasting(facts, at) ? VERDICT_ACCEPTED : VERDICT_EXPIRED;
}

/* Whether it is what was wanted. */
static enum verdict verdict_of_wish(
	const struct verdict_facts *facts, const struct verdict_wish *wish)
{
	if (!past(facts, wish->at))
		return VERDICT_FUTURE;
	if (!fresh(facts, wish))
		return VERDICT_STALE;
	if (wish->wants_nonce && !facts->has_nonce)
		return VERDICT_NONCE;
	return pcrs_wanted(facts, wish) ? VERDICT_ACCEPTED : VERDICT_PCR;
}

enum verdict verdict_of(const struct verdict_facts *facts, const struct verdict_wish *wish)
{
	enum verdict verdict = verdict_of_form(facts);

	if (verdict == VERDICT_ACCEPTED)
		verdict = verdict_of_origin(facts, wish->at);
	if (verdict == VERDICT_ACCEPTED)
		verdict = verdict_of_wish(facts, wish);
	return verdict;
}
