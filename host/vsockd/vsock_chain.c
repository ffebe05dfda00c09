/* vsock_chain: see vsock_chain.h. */
#include "host/vsockd/vsock_chain.h"

#include "host/vsockd/little_endian.h"

void vsock_descriptor_decode(
	const uint8_t bytes[VSOCK_DESCRIPTOR_SIZE], struct vsock_descriptor *descriptor)
{
	descriptor->address = little_get64(bytes);
	descriptor->len = little_get32(bytes + 8);
	descriptor->flags = little_get16(bytes + 12);
	descriptor->next = little_get16(bytes + 14);
}

enum vsock_chain_status vsock_chain_begin(struct vsock_chain *chain, uint32_t size, uint32_t head)
{
	chain->size = size;
	chain->count = 0u;
	chain->next = head;
	chain->readable = 0u;
	chain->writable = 0u;
	return head < size ? VSOCK_CHAIN_MORE : VSOCK_CHAIN_INDEX;
}

/* Why the descriptor can't belong to the chain, or MORE or END. */
static enum vsock_chain_status judge(
	const struct vsock_chain *chain, const struct vsock_descriptor *descriptor)
{
	if (chain->count >= chain->size)
		return VSOCK_CHAIN_LOOP;
	if (descriptor->flags >= VSOCK_DESCRIPTOR_INDIRECT)
		return VSOCK_CHAIN_FLAGS;
	if (descriptor->flags < VSOCK_DESCRIPTOR_WRITE && chain->writable > 0u)
		return VSOCK_CHAIN_ORDER;
	if (descriptor->len > VSOCK_CHAIN_BYTES_MAX - chain->readable - chain->writable)
		return VSOCK_CHAIN_TOO_LONG;
	if (descriptor->flags % 2u == 0u)
		return VSOCK_CHAIN_END;
	return descriptor->next < chain->size ? VSOCK_CHAIN_MORE : VSOCK_CHAIN_INDEX;
}

enum vsock_chain_status vsock_chain_step(
	struct vsock_chain *chain, const struct vsock_descriptor *descriptor)
{
	enum vsock_chain_status status = judge(chain, descriptor);

	if (status != VSOCK_CHAIN_MORE && status != VSOCK_CHAIN_END)
		return status;
	chain->count += 1u;
	if (descriptor->flags < VSOCK_DESCRIPTOR_WRITE)
		chain->readable += descriptor->len;
	else
		chain->writable += descriptor->len;
	if (status == VSOCK_CHAIN_MORE)
		chain->next = descriptor->next;
	return status;
}

uint32_t vsock_chain_waiting(uint32_t size, uint16_t available, uint16_t seen)
{
	uint32_t distance = (65536u + available - seen) % 65536u;

	return distance <= size ? distance : size + 1u;
}
