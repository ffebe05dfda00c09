/* vhost_memory: see vhost_memory.h. */
#include "host/vsockd/vhost_memory.h"

#include "host/vsockd/little_endian.h"

void vhost_region_decode(const uint8_t bytes[32], struct vhost_region *region)
{
	region->guest = little_get64(bytes);
	region->size = little_get64(bytes + 8);
	region->user = little_get64(bytes + 16);
	region->offset = little_get64(bytes + 24);
	region->file = 0u;
}

/* Whether `size` bytes from `first` on end within 64 bits. */
static bool fits(uint64_t first, uint64_t size)
{
	return size <= UINT64_MAX - first;
}

static enum vhost_memory_reason check_region(const struct vhost_region *region)
{
	if (region->size == 0u || !fits(region->guest, region->size) ||
		!fits(region->user, region->size))
		return VHOST_MEMORY_SIZE;
	if (region->offset > region->file || region->size > region->file - region->offset)
		return VHOST_MEMORY_FILE;
	return VHOST_MEMORY_OK;
}

/* Of two regions that are right by themselves. */
static bool apart(const struct vhost_region *a, const struct vhost_region *b)
{
	return (a->guest + a->size <= b->guest || b->guest + b->size <= a->guest) &&
	       (a->user + a->size <= b->user || b->user + b->size <= a->user);
}

/* Whether region `i` has nothing in common with those before it. */
static bool stands_apart(const struct vhost_memory *memory, uint32_t i)
{
	/*@ loop invariant 0 <= j <= i;
	    loop invariant \forall integer k; 0 <= k < j ==>
	        regions_apart(&memory->regions[k], &memory->regions[i]);
	    loop assigns j;
	    loop variant i - j; */
	for (uint32_t j = 0; j < i; j++)
		if (!apart(&memory->regions[j], &memory->regions[i]))
			return false;
	return true;
}

enum vhost_memory_reason vhost_memory_check(const struct vhost_memory *memory)
{
	enum vhost_memory_reason reason;

	if (memory->count == 0u || memory->count > VHOST_REGIONS_MAX)
		return VHOST_MEMORY_COUNT;
	/*@ loop invariant 0 <= i <= memory->count;
	    loop invariant first_right(memory, i);
	    loop assigns i, reason;
	    loop variant memory->count - i; */
	for (uint32_t i = 0; i < memory->count; i++) {
		reason = check_region(&memory->regions[i]);
		if (reason != VHOST_MEMORY_OK)
			return reason;
		if (!stands_apart(memory, i))
			return VHOST_MEMORY_OVERLAP;
	}
	return VHOST_MEMORY_OK;
}

/* Whether the bytes lie in the `size` bytes from `first` on. */
static bool within(uint64_t first, uint64_t size, uint64_t address, uint64_t length)
{
	return address >= first && address - first < size && length <= size - (address - first);
}

bool vhost_memory_guest(const struct vhost_memory *memory, uint64_t address, uint64_t length,
	struct vhost_place *place)
{
	/*@ loop invariant 0 <= i <= memory->count;
	    loop invariant \forall integer k; 0 <= k < i ==>
	        !guest_in(memory, k, address, length);
	    loop assigns i;
	    loop variant memory->count - i; */
	for (uint32_t i = 0; i < memory->count; i++) {
		const struct vhost_region *region = &memory->regions[i];

		if (!within(region->guest, region->size, address, length))
			continue;
		place->region = i;
		place->offset = region->offset + (address - region->guest);
		return true;
	}
	return false;
}

bool vhost_memory_user(const struct vhost_memory *memory, uint64_t address, uint64_t length,
	struct vhost_place *place)
{
	/*@ loop invariant 0 <= i <= memory->count;
	    loop invariant \forall integer k; 0 <= k < i ==>
	        !user_in(memory, k, address, length);
	    loop assigns i;
	    loop variant memory->count - i; */
	for (uint32_t i = 0; i < memory->count; i++) {
		const struct vhost_region *region = &memory->regions[i];

		if (!within(region->user, region->size, address, length))
			continue;
		place->region = i;
		place->offset = region->offset + (address - region->user);
		return true;
	}
	return false;
}
