/* cloister_verify: documents, judged and read by libcloister. See runtime/channel/cloister.h. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/client/cloister_inside.h"
#include "runtime/client/proof.h"

static int wish_nonce(
	struct attestation_wish *wish, const void *nonce, size_t size, struct fault *fault)
{
	if (nonce == NULL)
		return 0;
	if (size > sizeof wish->nonce)
		return fault_set(
			fault, "usage", "a nonce has at most %zu bytes", sizeof wish->nonce);
	(void)memcpy(wish->nonce, nonce, size);
	wish->nonce_size = size;
	wish->wish.wants_nonce = true;
	return 0;
}

static int judge(struct connection *connection, const void *bytes, size_t size, struct fault *fault)
{
	struct attestation *attestation = &connection->attestation;

	connection->wish.wish.at = (int64_t)time(NULL);
	if ((connection->policy == NULL
			    ? attestation_judge(attestation, &connection->wish, bytes, size, fault)
			    : policy_judge(attestation, connection->policy, &connection->wish,
				      bytes, size, &connection->image, fault)) != 0)
		return -1;
	if (attestation->verdict == VERDICT_ACCEPTED)
		return 0;
	*fault = attestation->why;
	return -1;
}

/* What a session would believe, without one. */
int cloister_verify(const struct cloister_options *options, const void *document, size_t size,
	const void *nonce, size_t nonce_size, struct cloister_error *error)
{
	struct connection *connection = calloc(1, sizeof *connection);
	struct connection_settings settings;
	struct failure failure;
	int status = -1;

	if (connection == NULL) {
		fault_set(&failure.fault, "memory", "there is no memory to judge a document");
		return client_fail(error, &failure.fault);
	}
	connection->fd = -1;
	if (client_settings(options, false, &settings, &failure) == 0 &&
		proof_open(connection, &settings, &failure) == 0 &&
		wish_nonce(&connection->wish, nonce, nonce_size, &failure.fault) == 0)
		status = judge(connection, document, size, &failure.fault);
	connection_drop(connection);
	free(connection);
	return status == 0 ? 0 : client_fail(error, &failure.fault);
}

size_t cloister_pcr(const void *bytes, size_t size, unsigned number, uint8_t value[64])
{
	struct document document;
	struct fault fault;

	if (number >= VERDICT_PCRS || document_read(&document, bytes, size, &fault) != 0 ||
		document.pcrs[number].bytes == NULL || document.pcrs[number].size > 64)
		return 0;
	(void)memcpy(value, document.pcrs[number].bytes, document.pcrs[number].size);
	return document.pcrs[number].size;
}
