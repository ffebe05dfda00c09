/* vhost_memory: tables of regions that nearly touch, at both ends of 64 bits, and addresses around
 * them, against the same said in 128 bits. */
#include "host/vsockd/vhost_memory.h"

#include "fuzz/input.h"

__extension__ typedef unsigned __int128 wide;

/* Small numbers, and some just below 2^64. */
static uint64_t number(const uint8_t **data, size_t *size)
{
	uint8_t byte = fuzz_byte(data, size);

	return byte < 224 ? byte % 32u : UINT64_MAX - byte % 32u;
}

static void read_region(struct vhost_region *region, const uint8_t **data, size_t *size)
{
	uint8_t bytes[32] = {0};
	uint64_t numbers[4];

	for (int i = 0; i < 4; i++) {
		numbers[i] = number(data, size);
		for (int k = 0; k < 8; k++)
			bytes[8 * i + k] = (uint8_t)(numbers[i] >> (8 * k));
	}
	vhost_region_decode(bytes, region);
	FUZZ_REQUIRE(region->guest == numbers[0] && region->size == numbers[1]);
	FUZZ_REQUIRE(region->user == numbers[2] && region->offset == numbers[3]);
	FUZZ_REQUIRE(region->file == 0);
	region->file = number(data, size);
}

static int touch(uint64_t a, uint64_t b, uint64_t a_size, uint64_t b_size)
{
	return (wide)a < (wide)b + b_size && (wide)b < (wide)a + a_size;
}

static int is_right(const struct vhost_memory *memory)
{
	if (memory->count < 1 || memory->count > VHOST_REGIONS_MAX)
		return 0;
	for (uint32_t i = 0; i < memory->count; i++) {
		const struct vhost_region *r = &memory->regions[i];

		if (r->size == 0 || (wide)r->guest + r->size > UINT64_MAX ||
			(wide)r->user + r->size > UINT64_MAX || (wide)r->offset + r->size > r->file)
			return 0;
		for (uint32_t j = 0; j < i; j++) {
			const struct vhost_region *s = &memory->regions[j];

			if (touch(r->guest, s->guest, r->size, s->size) ||
				touch(r->user, s->user, r->size, s->size))
				return 0;
		}
	}
	return 1;
}

/* -1 where no region holds it. */
static int home_of(const struct vhost_memory *memory, int user, uint64_t address, uint64_t length)
{
	for (uint32_t i = 0; i < memory->count; i++) {
		const struct vhost_region *r = &memory->regions[i];
		uint64_t first = user ? r->user : r->guest;

		if (address >= first && address < first + r->size &&
			(wide)address + length <= (wide)first + r->size)
			return (int)i;
	}
	return -1;
}

static void look_up(const struct vhost_memory *memory, int user, uint64_t address, uint64_t length)
{
	struct vhost_place place = {99, 99};
	int home = home_of(memory, user, address, length);
	bool found = user ? vhost_memory_user(memory, address, length, &place)
			  : vhost_memory_guest(memory, address, length, &place);

	FUZZ_REQUIRE(found == (home >= 0));
	if (found) {
		const struct vhost_region *r = &memory->regions[home];

		FUZZ_REQUIRE(place.region == (uint32_t)home);
		FUZZ_REQUIRE(place.offset - r->offset == address - (user ? r->user : r->guest));
		FUZZ_REQUIRE((wide)place.offset + length <= r->file);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vhost_memory memory;
	uint64_t address;

	memset(&memory, 0, sizeof memory);
	memory.count = fuzz_byte(&data, &size) % 11u;
	for (uint32_t i = 0; i < memory.count && i < VHOST_REGIONS_MAX; i++)
		read_region(&memory.regions[i], &data, &size);
	FUZZ_REQUIRE((vhost_memory_check(&memory) == VHOST_MEMORY_OK) == is_right(&memory));
	if (!is_right(&memory))
		return 0;
	while (size > 0) {
		address = number(&data, &size);
		for (uint64_t length = 0; length < 64; length++)
			for (int user = 0; user <= 1; user++) {
				look_up(&memory, user, address, length);
				look_up(&memory, user, address, UINT64_MAX - length);
			}
	}
	return 0;
}
