/* vsock_chain: a queue of any size with any descriptors in it, walked from any head: the walk ends,
 * stays in the queue, and takes what the rules written down a second time allow. */
#include "host/vsockd/vsock_chain.h"

#include "fuzz/input.h"

struct walked {
	uint64_t readable, writable;
	uint32_t count;
};

static int is_allowed(const struct vsock_descriptor *d, const struct walked *walked, uint32_t size)
{
	int writes = (d->flags & VSOCK_DESCRIPTOR_WRITE) != 0;

	return walked->count < size && (d->flags & ~3) == 0 && (writes || walked->writable == 0) &&
	       walked->readable + walked->writable + d->len <= VSOCK_CHAIN_BYTES_MAX &&
	       ((d->flags & VSOCK_DESCRIPTOR_NEXT) == 0 || d->next < size);
}

/* Descriptors behind the input's end are all 0. */
static void read_descriptor(
	const uint8_t *data, size_t size, uint32_t index, struct vsock_descriptor *descriptor)
{
	uint8_t bytes[VSOCK_DESCRIPTOR_SIZE] = {0};
	size_t at = (size_t)index * sizeof bytes;

	if (at < size)
		memcpy(bytes, data + at, size - at < sizeof bytes ? size - at : sizeof bytes);
	vsock_descriptor_decode(bytes, descriptor);
	FUZZ_REQUIRE(descriptor->len % 256u == bytes[8] && descriptor->flags % 256u == bytes[12]);
	FUZZ_REQUIRE(descriptor->next == bytes[14] + 256u * bytes[15]);
}

static void walk(const uint8_t *data, size_t size, uint32_t queue, uint32_t head)
{
	struct vsock_chain chain;
	struct walked walked = {0, 0, 0};
	struct vsock_descriptor descriptor;
	enum vsock_chain_status status = vsock_chain_begin(&chain, queue, head);

	FUZZ_REQUIRE((status == VSOCK_CHAIN_MORE) == (head < queue));
	while (status == VSOCK_CHAIN_MORE) {
		FUZZ_REQUIRE(chain.next < queue && chain.count <= queue);
		read_descriptor(data, size, chain.next, &descriptor);
		status = vsock_chain_step(&chain, &descriptor);
		FUZZ_REQUIRE(
			(status <= VSOCK_CHAIN_END) == is_allowed(&descriptor, &walked, queue));
		if (status > VSOCK_CHAIN_END)
			break;
		walked.count++;
		if (descriptor.flags & VSOCK_DESCRIPTOR_WRITE)
			walked.writable += descriptor.len;
		else
			walked.readable += descriptor.len;
		FUZZ_REQUIRE((status == VSOCK_CHAIN_MORE) ==
			     ((descriptor.flags & VSOCK_DESCRIPTOR_NEXT) != 0));
	}
	FUZZ_REQUIRE(chain.readable == walked.readable && chain.writable == walked.writable);
	FUZZ_REQUIRE(chain.count == walked.count && chain.size == queue);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t seed = fuzz_seed(&data, &size);
	uint32_t queue = (seed % 256u) % 17u, head = seed / 256u % 32u;
	uint16_t seen = (uint16_t)(seed / 65536u), available = seen;
	uint32_t waiting;

	walk(data, size, queue, head);
	available = (uint16_t)(available + head);
	waiting = vsock_chain_waiting(queue, available, seen);
	FUZZ_REQUIRE(waiting == (head <= queue ? head : queue + 1u));
	return 0;
}
