/* nsm_reply: any bytes as the answer to any request. What is taken lies inside the bytes and the
 * limits; what is refused has one of the NSM's words, and bytes that follow a good reply, or are
 * cut off one, make it bad. */
#include "runtime/crypto/nsm_reply.h"

#include "fuzz/input.h"

static void check(enum nsm_operation operation, const uint8_t *data, size_t size,
	const struct nsm_reply *reply)
{
	const struct nsm_description *description = &reply->description;

	if (operation == NSM_LOCK_PCR || operation == NSM_LOCK_PCRS) {
		FUZZ_REQUIRE(size == 1 + strlen(nsm_operation_names[operation]));
		return;
	}
	FUZZ_REQUIRE(memchr(description->module_id, '\0', sizeof description->module_id) != NULL);
	FUZZ_REQUIRE(memchr(description->digest, '\0', sizeof description->digest) != NULL);
	if (operation == NSM_DESCRIBE_NSM) {
		FUZZ_REQUIRE(reply->bytes == NULL);
		return;
	}
	FUZZ_REQUIRE(reply->bytes > data && reply->size > 0);
	FUZZ_REQUIRE(reply->bytes + reply->size <= data + size);
	if (operation == NSM_DESCRIBE_PCR || operation == NSM_EXTEND_PCR)
		FUZZ_REQUIRE(reply->size <= NSM_PCR_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t seed = fuzz_seed(&data, &size);
	enum nsm_operation operation = (enum nsm_operation)(seed % NSM_OPERATIONS);
	struct nsm_reply reply;
	struct fault fault;

	if (nsm_reply_read(operation, data, size, &reply, &fault) != 0) {
		FUZZ_REQUIRE(fault.word[0] == 'I' || fault.word[0] == 'R' || fault.word[0] == 'B');
		return 0;
	}
	check(operation, data, size, &reply);
	FUZZ_REQUIRE(nsm_reply_read(operation, data, size - 1, &reply, &fault) != 0);
	return 0;
}
