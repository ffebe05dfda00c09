/* nsmsim_request: any bytes as a request to the simulated NSM. What is taken lies inside the bytes
 * and the limits, and what is accepted is refused with one byte less. */
#include "host/nsmsim/request.h"

#include "fuzz/input.h"

static void check_part(const struct request_part *part, const uint8_t *data, size_t size)
{
	if (part->bytes == NULL)
		return;
	FUZZ_REQUIRE(part->bytes > data && part->bytes + part->size <= data + size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request request;
	const char *refusal = request_read(&request, data, size);

	if (refusal != NULL) {
		FUZZ_REQUIRE(strcmp(refusal, "InvalidOperation") == 0 ||
			     strcmp(refusal, "InvalidArgument") == 0);
		return 0;
	}
	FUZZ_REQUIRE(request.operation < NSM_OPERATIONS);
	check_part(&request.data, data, size);
	check_part(&request.user_data, data, size);
	check_part(&request.nonce, data, size);
	check_part(&request.public_key, data, size);
	FUZZ_REQUIRE(request.user_data.size <= REQUEST_PART_MAX);
	FUZZ_REQUIRE(request.nonce.size <= REQUEST_PART_MAX);
	FUZZ_REQUIRE(request.public_key.size <= REQUEST_PART_MAX);
	FUZZ_REQUIRE(request.operation == NSM_EXTEND_PCR || request.data.bytes == NULL);
	FUZZ_REQUIRE(request_read(&request, data, size - 1) != NULL);
	return 0;
}
