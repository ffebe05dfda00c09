/* memory: see memory.h. */
#include "host/vsockd/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/kernel/log.h"

static const char *const reasons[] = {
	[VHOST_MEMORY_COUNT] = "it has no region, or too many",
	[VHOST_MEMORY_SIZE] = "a region is empty, or too long",
	[VHOST_MEMORY_FILE] = "a region is longer than its file",
	[VHOST_MEMORY_OVERLAP] = "two regions overlap",
};

/* A file that is cut short ends us by SIGBUS at the next touch. Who made it can seal it against
 * that; where that was left to others, we do. */
static void seal(int fd)
{
	int seals = fcntl(fd, F_GET_SEALS);

	if (seals >= 0 && (seals & F_SEAL_SHRINK) != 0)
		return;
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) != 0)
		LOG(LOG_WARNING, "the guest's memory is in a file that can be cut short",
			log_string("hint", "give the machine a memory-backend-memfd"));
}

static int measure(struct vhost_memory *table, const int *descriptors, struct fault *fault)
{
	enum vhost_memory_reason reason;

	for (uint32_t i = 0; i < table->count; i++) {
		struct stat stat;

		if (fstat(descriptors[i], &stat) != 0)
			return fault_io(fault, errno, "a file of the guest's memory");
		table->regions[i].file = stat.st_size > 0 ? (uint64_t)stat.st_size : 0;
	}
	reason = vhost_memory_check(table);
	if (reason == VHOST_MEMORY_OK)
		return 0;
	return fault_set(fault, "protocol", "the front-end's table of memory is refused: %s",
		reasons[reason]);
}

/* From the file's begin on, since pages may be huge, and a region need not begin one. */
static size_t map_size(const struct vhost_region *region)
{
	return (size_t)(region->offset + region->size);
}

static int map(struct memory *memory, uint32_t i, int fd, struct fault *fault)
{
	const size_t size = map_size(&memory->table.regions[i]);
	void *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (bytes == MAP_FAILED)
		return fault_set(fault, "limit",
			"%zu bytes of the guest's memory can't be mapped: %s", size,
			strerror(errno));
	seal(fd);
	(void)madvise(bytes, size, MADV_DONTDUMP);
	memory->maps[i] = bytes;
	return 0;
}

static int map_all(struct memory *memory, const int *descriptors, struct fault *fault)
{
	for (uint32_t i = 0; i < memory->table.count; i++)
		if (map(memory, i, descriptors[i], fault) != 0)
			return -1;
	return 0;
}

int memory_set(struct memory *memory, const struct vhost_memory *table,
	const int descriptors[VHOST_REGIONS_MAX], struct fault *fault)
{
	struct vhost_memory measured = *table;
	int status = measure(&measured, descriptors, fault);

	if (status == 0) {
		memory_close(memory);
		memory->table = measured;
		status = map_all(memory, descriptors, fault);
		if (status != 0)
			memory_close(memory);
	}
	for (uint32_t i = 0; i < table->count; i++)
		close(descriptors[i]);
	return status;
}

void memory_close(struct memory *memory)
{
	for (uint32_t i = 0; i < memory->table.count; i++) {
		if (memory->maps[i] != NULL)
			(void)munmap(memory->maps[i], map_size(&memory->table.regions[i]));
		memory->maps[i] = NULL;
	}
	memory->table.count = 0;
}

void *memory_guest(const struct memory *memory, uint64_t address, uint64_t size)
{
	struct vhost_place place;

	if (!vhost_memory_guest(&memory->table, address, size, &place))
		return NULL;
	return memory->maps[place.region] + place.offset;
}

void *memory_user(const struct memory *memory, uint64_t address, uint64_t size)
{
	struct vhost_place place;

	if (!vhost_memory_user(&memory->table, address, size, &place))
		return NULL;
	return memory->maps[place.region] + place.offset;
}
