/* proof: see proof.h. */
#include "runtime/client/proof.h"

#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/channel/binding.h"

#define EXIT_EXEC      125
#define EXIT_MALFORMED 65

/* A file that is there and is no policy. */
static int refuse_policy(struct failure *failure)
{
	const char *word = failure->fault.word;

	if (strcmp(word, "not_found") != 0 && strcmp(word, "input") != 0) {
		failure->exec_code = EXIT_EXEC;
		failure->other_code = EXIT_MALFORMED;
	}
	return -1;
}

static int read_policy(struct connection *connection, const struct connection_settings *settings,
	struct failure *failure)
{
	struct fault *fault = &failure->fault;

	if (settings->root != NULL || settings->accepts_unsigned || settings->accepts_debug)
		return fault_set(fault, "usage",
			"--policy says what a document must be like, and nothing else may: "
			"leave --root and --accept-* out");
	connection->policy = malloc(sizeof *connection->policy);
	if (connection->policy == NULL)
		return fault_set(fault, "memory", "there is no memory for a policy");
	if (policy_file(connection->policy, settings->policy, fault) != 0)
		return refuse_policy(failure);
	return policy_wish(connection->policy, &connection->wish, fault);
}

static bool make_nonce(struct slc *slc, uint8_t *nonce)
{
	struct connection *connection = slc_owner(slc);
	struct attestation_wish *wish = &connection->wish;

	if (RAND_bytes(nonce, SLC_AUTH_NONCE_SIZE) != 1)
		return false;
	memcpy(wish->nonce, nonce, SLC_AUTH_NONCE_SIZE);
	wish->nonce_size = SLC_AUTH_NONCE_SIZE;
	wish->wish.wants_nonce = true;
	return true;
}

/* Whether the document names this connection, and the key that the peer has here. */
static int find_binding(struct connection *connection, const struct document *document,
	struct entry_facts *facts, struct fault *fault)
{
	const struct document_part *mark = &document->pcrs[DOCUMENT_ENTERED];
	struct connection_seen *seen = &connection->seen;
	uint8_t binding[BINDING_SIZE], key[TLS_KEY_MAX];
	size_t size;

	if (binding_of(&connection->tls, binding, fault) != 0 ||
		tls_stream_key(&connection->tls, key, &size, fault) != 0)
		return -1;
	facts->has_session = binding_read(document->user_data.bytes, document->user_data.size,
		binding, &seen->number, seen->head);
	seen->has_log = facts->has_session;
	seen->is_entered = document_is_entered(document);
	if (seen->is_entered && mark->size == sizeof seen->mark)
		(void)memcpy(seen->mark, mark->bytes, sizeof seen->mark);
	facts->has_key = document_part_is(&document->public_key, key, size);
	return 0;
}

static void answer(struct connection *connection, enum entry entry, bool is_signed, const char *why)
{
	struct slc *slc = connection->slc;

	switch (entry) {
	case ENTRY_UNATTESTED:
		connection_alarm(connection,
			is_signed ? "NOT ATTESTED: the enclave is in debug mode, open to its host"
				  : "NOT ATTESTED: nobody has signed the enclave's document");
		slc_judged(slc, SLC_REASON_NONE, NULL);
		return;
	case ENTRY_ATTESTED:
		connection->is_attested = true;
		slc_judged(slc, SLC_REASON_NONE, NULL);
		return;
	case ENTRY_NONCE:
		slc_judged(slc, SLC_REASON_BINDING, "the document is not over our nonce");
		return;
	case ENTRY_SESSION:
		slc_judged(slc, SLC_REASON_BINDING,
			"the document is that of another connection: somebody is in between");
		return;
	case ENTRY_KEY:
		slc_judged(slc, SLC_REASON_BINDING,
			"the document names another key than the one that answers here");
		return;
	case ENTRY_DOCUMENT:
		slc_judged(slc, SLC_REASON_DOCUMENT, why);
		return;
	}
}

/* What was judged stays, for who wants to know. */
static int keep(
	struct connection *connection, const uint8_t *bytes, size_t size, struct fault *fault)
{
	free(connection->document);
	connection->document_size = size;
	connection->document = malloc(size + 1);
	if (connection->document == NULL)
		return fault_set(fault, "memory", "there is no memory for a document");
	(void)memcpy(connection->document, bytes, size);
	return 0;
}

static void judge(struct slc *slc, const uint8_t *bytes, size_t size)
{
	struct connection *connection = slc_owner(slc);
	struct attestation *attestation = &connection->attestation;
	const struct policy *policy = connection->policy;
	struct entry_facts facts = {.accepts_unsigned = connection->accepts_unsigned,
		.accepts_debug = connection->accepts_debug,
		.has_policy = policy != NULL};
	char why[SLC_TEXT_MAX];
	struct fault fault;

	if (keep(connection, bytes, size, &fault) != 0 ||
		binding_digest(bytes, size, connection->digest, &fault) != 0) {
		slc_judged(slc, SLC_REASON_INTERNAL, fault.text);
		return;
	}
	connection->wish.wish.at = (int64_t)time(NULL);
	bytes = connection->document;
	if ((policy == NULL ? attestation_judge(attestation, &connection->wish, bytes, size, &fault)
			    : policy_judge(attestation, policy, &connection->wish, bytes, size,
				      &connection->image, &fault)) != 0) {
		slc_judged(slc, SLC_REASON_INTERNAL, fault.text);
		return;
	}
	facts.verdict = attestation->verdict;
	facts.is_read = attestation->facts.is_read;
	facts.has_nonce = attestation->facts.has_nonce;
	if (facts.is_read &&
		find_binding(connection, &attestation->document, &facts, &fault) != 0) {
		slc_judged(slc, SLC_REASON_INTERNAL, fault.text);
		return;
	}
	(void)snprintf(why, sizeof why, "the enclave's document is refused (%s): %.400s",
		attestation->why.word, attestation->why.text);
	answer(connection, entry_of(&facts), facts.verdict != VERDICT_UNSIGNED, why);
}

/* Only for an enclave that is believed: the machine asks for no key before. */
static bool sign(struct slc *slc, struct slc_signed *made)
{
	struct connection *connection = slc_owner(slc);
	const struct key_public *public = key_public(connection->key);
	uint8_t bytes[BINDING_SIGNED_SIZE];
	struct fault fault;

	if (binding_signed(&connection->tls, connection->digest, bytes, &fault) != 0 ||
		key_sign(connection->key, bytes, sizeof bytes, made->signature, &fault) != 0) {
		connection->signing = fault;
		return false;
	}
	made->signature_size = KEY_SIGNATURE_SIZE;
	made->key_size = public->size;
	(void)memcpy(made->key, public->spki, public->size);
	return true;
}

int proof_open(struct connection *connection, const struct connection_settings *settings,
	struct failure *failure)
{
	struct attestation_wish *wish = &connection->wish;

	connection->proofs = (struct slc_proofs){.nonce = make_nonce, .judge = judge};
	if (settings->key != NULL) {
		if (key_open(&connection->key, settings->key, &failure->fault) != 0)
			return -1;
		connection->proofs.sign = sign;
	}
	if (settings->policy != NULL)
		return read_policy(connection, settings, failure);
	connection->accepts_unsigned = settings->accepts_unsigned;
	connection->accepts_debug = settings->accepts_debug;
	return settings->root == NULL
		       ? attestation_root_aws(&wish->root, &failure->fault)
		       : attestation_root_file(&wish->root, settings->root, &failure->fault);
}
