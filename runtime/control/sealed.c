/* sealed: see sealed.h. */
#include "runtime/control/sealed.h"

#include <string.h>

#include "runtime/channel/wire.h"

int sealed_head_make(struct sealed_head *head, const uint8_t share[HPKE_KEY_SIZE],
	const uint8_t *document, size_t size, struct fault *fault)
{
	if (size > SEALED_DOCUMENT_MAX)
		return fault_set(fault, "limit", "the attestation document has more than %u bytes",
			SEALED_DOCUMENT_MAX);
	memcpy(head->bytes, SEALED_MAGIC, SEALED_FRONT_MAGIC_SIZE);
	memcpy(head->bytes + SEALED_SHARE_AT, share, HPKE_KEY_SIZE);
	wire_put_number(head->bytes + SEALED_SHARE_AT + HPKE_KEY_SIZE, (uint32_t)size);
	if (size > 0)
		memcpy(head->bytes + SEALED_DOCUMENT_AT, document, size);
	head->size = SEALED_DOCUMENT_AT + size;
	return 0;
}

struct hpke_bytes sealed_also(const struct sealed_head *head, const struct hpke *hpke)
{
	return hpke->number == 0 ? (struct hpke_bytes){.bytes = head->bytes, .size = head->size}
				 : (struct hpke_bytes){.bytes = head->bytes, .size = 0};
}
