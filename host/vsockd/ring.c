/* ring: see ring.h. */
#include "host/vsockd/ring.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "host/vsockd/vsock_chain.h"
#include "runtime/kernel/log.h"

/* --- The guest's memory: each number is read or written once, whole --------------------------- */

static uint16_t load(const __virtio16 *from)
{
	return __atomic_load_n(from, __ATOMIC_ACQUIRE);
}

static void store(__virtio16 *to, uint16_t value)
{
	__atomic_store_n(to, value, __ATOMIC_RELEASE);
}

/* Between saying what we want and looking whether it has happened before it was said. */
static void fence(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static uint32_t slot(const struct ring *ring, uint16_t count)
{
	return count & (ring->size - 1);
}

/* Behind the entries of a table stands when its writer wants to be told. */
static const __virtio16 *wanted_call(const struct ring *ring)
{
	return &ring->available->ring[ring->size];
}

static __virtio16 *wanted_kick(struct ring *ring)
{
	return (__virtio16 *)(void *)&ring->used->ring[ring->size];
}

static void ring_bell(int descriptor)
{
	const uint64_t one = 1;

	if (descriptor >= 0)
		(void)!write(descriptor, &one, sizeof one);
}

/* --- Setting up ------------------------------------------------------------------------------- */

void ring_open(struct ring *ring)
{
	ring->call = ring->error = ring->kick.fd = -1;
}

void ring_set(int *descriptor, int fd)
{
	if (*descriptor >= 0)
		close(*descriptor);
	*descriptor = fd;
	if (fd >= 0)
		(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

void ring_close(struct ring *ring)
{
	watch_stop(&ring->kick);
	ring_set(&ring->kick.fd, -1);
	ring_set(&ring->call, -1);
	ring_set(&ring->error, -1);
}

/* The address is a multiple of 16, 2 or 4; where it comes to must be one too. */
static void *find(const struct ring *ring, uint64_t address, uint32_t size, uintptr_t multiple)
{
	void *bytes = memory_user(ring->memory, address, size);

	return (uintptr_t)bytes % multiple == 0 ? bytes : NULL;
}

void ring_find(struct ring *ring)
{
	const struct vhost_vring_addr *place = &ring->place;

	ring->is_found = false;
	if (ring->size == 0)
		return;
	ring->descriptors = find(ring, place->descriptors, vhost_descriptors_size(ring->size), 16);
	ring->available = find(ring, place->available, vhost_available_size(ring->size), 2);
	ring->used = find(ring, place->used, vhost_used_size(ring->size), 4);
	if (ring->descriptors == NULL || ring->available == NULL || ring->used == NULL)
		return;
	ring->is_found = true;
	ring->given = ring->told = load(&ring->used->idx);
}

void ring_begin(struct ring *ring, uint16_t next)
{
	ring->next = ring->seen = next;
	ring->is_broken = false;
}

bool ring_runs(const struct ring *ring)
{
	return ring->is_enabled && !ring->is_broken && ring->is_found && ring->kick.loop != NULL;
}

/* --- Taking ----------------------------------------------------------------------------------- */

enum ring_result ring_give_up(struct ring *ring, const char *why)
{
	LOG(LOG_WARNING, "the guest has forged a ring", log_string("reason", why),
		log_boolean("to_guest", ring->is_written));
	ring->is_broken = true;
	ring_bell(ring->error);
	return RING_BROKEN;
}

/* A descriptor's bytes, if they are of our kind, become a part of the chain. */
static bool add_part(
	const struct ring *ring, struct chain *chain, const struct vsock_descriptor *descriptor)
{
	bool is_written = (descriptor->flags & VSOCK_DESCRIPTOR_WRITE) != 0;
	void *bytes;

	if (is_written != ring->is_written || descriptor->len == 0)
		return true;
	bytes = memory_guest(ring->memory, descriptor->address, descriptor->len);
	if (bytes == NULL || chain->count == RING_PARTS_MAX)
		return false;
	chain->parts[chain->count++] = (struct iovec){bytes, descriptor->len};
	chain->size += descriptor->len;
	return true;
}

static enum ring_result walk(struct ring *ring, struct chain *chain)
{
	struct vsock_chain walked;
	enum vsock_chain_status status = vsock_chain_begin(&walked, ring->size, chain->head);

	chain->count = 0;
	chain->size = 0;
	while (status == VSOCK_CHAIN_MORE) {
		uint8_t bytes[VSOCK_DESCRIPTOR_SIZE];
		struct vsock_descriptor descriptor;

		memcpy(bytes, &ring->descriptors[walked.next], sizeof bytes);
		vsock_descriptor_decode(bytes, &descriptor);
		status = vsock_chain_step(&walked, &descriptor);
		if (status > VSOCK_CHAIN_END)
			break;
		if (!add_part(ring, chain, &descriptor))
			return ring_give_up(
				ring, "a chain has bytes outside of memory, or too many parts");
	}
	return status == VSOCK_CHAIN_END ? RING_TAKEN : ring_give_up(ring, "a chain is malformed");
}

enum ring_result ring_take(struct ring *ring, struct chain *chain)
{
	if (!ring_runs(ring))
		return RING_EMPTY;
	if (ring->next == ring->seen) {
		uint16_t available = load(&ring->available->idx);

		if (vsock_chain_waiting(ring->size, available, ring->next) > ring->size)
			return ring_give_up(ring, "it holds more chains than it has room for");
		ring->seen = available;
	}
	if (ring->next == ring->seen)
		return RING_EMPTY;
	chain->head = load(&ring->available->ring[slot(ring, ring->next)]);
	ring->next++;
	return walk(ring, chain);
}

void ring_put_back(struct ring *ring, unsigned count)
{
	ring->next = (uint16_t)(ring->next - count);
}

/* --- Giving back ------------------------------------------------------------------------------ */

void ring_give(struct ring *ring, uint16_t head, uint32_t written)
{
	ring->used->ring[slot(ring, ring->given)] = (struct vring_used_elem){head, written};
	ring->given++;
}

/* Whether the guest has asked to be told of what was given back since it last was. */
static bool wants_call(const struct ring *ring)
{
	uint16_t event;

	if (!ring->has_events)
		return (load(&ring->available->flags) & VRING_AVAIL_F_NO_INTERRUPT) == 0;
	event = load(wanted_call(ring));
	return (uint16_t)(ring->given - event - 1) < (uint16_t)(ring->given - ring->told);
}

void ring_tell(struct ring *ring)
{
	if (ring->given == ring->told)
		return;
	store(&ring->used->idx, ring->given);
	fence();
	if (wants_call(ring))
		ring_bell(ring->call);
	ring->told = ring->given;
}

/* --- Being told ------------------------------------------------------------------------------- */

bool ring_ask(struct ring *ring)
{
	if (!ring_runs(ring))
		return false;
	if (ring->has_events)
		store(wanted_kick(ring), ring->next);
	else
		store(&ring->used->flags, 0);
	fence();
	return load(&ring->available->idx) != ring->next;
}

void ring_mute(struct ring *ring)
{
	if (!ring->has_events && ring_runs(ring))
		store(&ring->used->flags, VRING_USED_F_NO_NOTIFY);
}
