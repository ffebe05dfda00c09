/* sealed: see sealed.h. */
#include "runtime/control/sealed.h"

#include <string.h>

void sealed_put_size(uint8_t bytes[4], size_t size)
{
	for (unsigned i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(size >> (24u - 8u * i));
}

size_t sealed_get_size(const uint8_t bytes[4])
{
	size_t size = 0;

	for (unsigned i = 0; i < 4; i++)
		size = size << 8u | bytes[i];
	return size;
}

int sealed_head_make(struct sealed_head *head, const uint8_t share[HPKE_KEY_SIZE],
	const uint8_t *document, size_t size, struct fault *fault)
{
	if (size > SEALED_DOCUMENT_MAX)
		return fault_set(fault, "limit", "the attestation document has more than %u bytes",
			SEALED_DOCUMENT_MAX);
	memcpy(head->bytes, SEALED_MAGIC, SEALED_MAGIC_SIZE);
	memcpy(head->bytes + SEALED_SHARE_AT, share, HPKE_KEY_SIZE);
	sealed_put_size(head->bytes + SEALED_SHARE_AT + HPKE_KEY_SIZE, size);
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
