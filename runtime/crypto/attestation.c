/* attestation: see attestation.h. */
#include "runtime/crypto/attestation.h"

#include <string.h>

#include "runtime/crypto/chain.h"
#include "runtime/crypto/sign1.h"

/* --- Facts that need no cryptography ---------------------------------------------------------- */

static struct verdict_part fact_of(const struct document_part *part)
{
	return (struct verdict_part){.is_there = part->bytes != NULL, .size = part->size};
}

static void note_document(struct verdict_facts *facts, const struct document *document)
{
	facts->is_read = true;
	facts->algorithm = document->algorithm;
	facts->has_zero_certificate = document_part_is_zero(&document->certificate);
	facts->has_empty_header = document->has_empty_header;
	facts->module_size = document->module_id.size;
	facts->is_sha384 = document_part_is(&document->digest, "SHA384", 6);
	facts->timestamp = document->timestamp;
	facts->public_key = fact_of(&document->public_key);
	facts->user_data = fact_of(&document->user_data);
	facts->nonce = fact_of(&document->nonce);
	facts->is_debug = document_part_is_zero(&document->pcrs[0]);
	facts->count = document->bundle_count + 1;
	for (uint32_t i = 0; i < VERDICT_PCRS; i++)
		facts->pcr_sizes[i] = document->pcrs[i].size;
}

static void note_wish(struct verdict_facts *facts, const struct document *document,
	const struct attestation_wish *wish)
{
	facts->is_anchored = document->bundle_count > 0 && document_part_is(&document->bundle[0],
								   wish->root.der, wish->root.size);
	facts->has_nonce = document_part_is(&document->nonce, wish->nonce, wish->nonce_size);
	for (uint32_t i = 0; i < VERDICT_PCRS; i++)
		facts->has_pcr[i] =
			document_part_is(&document->pcrs[i], wish->pcrs[i], wish->pcr_sizes[i]);
}

/* --- Those that do ---------------------------------------------------------------------------- */

static int note_signature(struct verdict_facts *facts, const struct document *document,
	X509 *signer, struct fault *fault)
{
	const struct sign1 sign1 = {.protected = document->protected.bytes,
		.protected_size = document->protected.size,
		.payload = document->payload.bytes,
		.payload_size = document->payload.size,
		.signature = document->signature.bytes,
		.signature_size = document->signature.size};

	if (signer == NULL)
		return 0;
	return sign1_verify(&sign1, X509_get0_pubkey(signer), &facts->is_signed, fault);
}

static void note_issuers(struct verdict_facts *facts, X509 **chain)
{
	for (uint32_t i = 0; i < facts->count; i++) {
		X509 *issuer = chain[i == 0 ? 0 : i - 1];

		facts->chain[i].is_issued =
			chain[i] != NULL && issuer != NULL && chain_is_issued(chain[i], issuer);
	}
}

/* Who has not signed the document has nothing to show: then no more is found out about the chain
 * than its sizes, and what is unknown refuses. */
static int note_chain(
	struct verdict_facts *facts, const struct document *document, struct fault *fault)
{
	const uint32_t last = facts->count - 1;
	X509 *chain[VERDICT_CHAIN_MAX] = {NULL};
	int status;

	chain[last] = chain_read(&document->certificate, &facts->chain[last]);
	status = note_signature(facts, document, chain[last], fault);
	for (uint32_t i = 0; i < last; i++) {
		facts->chain[i].size = document->bundle[i].size;
		if (facts->is_signed)
			chain[i] = chain_read(&document->bundle[i], &facts->chain[i]);
	}
	if (facts->is_signed)
		note_issuers(facts, chain);
	for (uint32_t i = 0; i < facts->count; i++)
		X509_free(chain[i]);
	return status;
}

/* --- The whole -------------------------------------------------------------------------------- */

int attestation_judge(struct attestation *attestation, const struct attestation_wish *wish,
	const void *bytes, size_t size, struct fault *fault)
{
	struct verdict_facts *facts = &attestation->facts;
	struct document *document = &attestation->document;
	struct fault form;

	*facts = (struct verdict_facts){.is_read = false};
	if (document_read(document, bytes, size, &form) == 0) {
		note_document(facts, document);
		note_wish(facts, document, wish);
		if (note_chain(facts, document, fault) != 0)
			return -1;
	}
	attestation->verdict = verdict_of(facts, &wish->wish);
	(void)fault_set(&attestation->why, verdict_word(attestation->verdict), "%s%s%s",
		verdict_text(attestation->verdict), facts->is_read ? "" : ": ",
		facts->is_read ? "" : form.text);
	return 0;
}
