/* vhost_memory: the guest's memory as its front-end shares it: which tables of regions are taken,
 * and where an address lies. Pure functions: verify/vhost_memory.acsl says what is proved: an
 * address is found exactly if all its bytes lie in one region. */
#ifndef CLOISTER_HOST_VSOCKD_VHOST_MEMORY_H
#define CLOISTER_HOST_VSOCKD_VHOST_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#define VHOST_REGIONS_MAX 8u

/* Each region is a file that came with the table; map it from 0 to offset + size, so that the
 * region begins `offset` bytes into the mapping: no alignment can be wrong then. */
struct vhost_region {
	uint64_t guest;  /* its first address as the guest has it */
	uint64_t size;   /* bytes */
	uint64_t user;   /* its first address as the front-end has it: that of rings */
	uint64_t offset; /* where it begins in the file */
	uint64_t file;   /* the size of the file, from fstat: not on the wire */
};

struct vhost_memory {
	uint32_t count; /* 0: no table yet */
	struct vhost_region regions[VHOST_REGIONS_MAX];
};

/* The four numbers of a region, in the order of the wire; `file` is set to 0. */
void vhost_region_decode(const uint8_t bytes[32], struct vhost_region *region);

enum vhost_memory_reason {
	VHOST_MEMORY_OK = 0,
	VHOST_MEMORY_COUNT = 1,  /* no region, or more than VHOST_REGIONS_MAX */
	VHOST_MEMORY_SIZE = 2,   /* a region that is empty, or whose end does not fit 64 bits */
	VHOST_MEMORY_FILE = 3,   /* a region that does not lie in its file */
	VHOST_MEMORY_OVERLAP = 4 /* two regions with an address in common, of guest or user */
};

enum vhost_memory_reason vhost_memory_check(const struct vhost_memory *memory);

/* Where bytes lie: `offset` bytes into the mapping of region `region` (region.offset included). */
struct vhost_place {
	uint32_t region;
	uint64_t offset;
};

/* Of a memory that was checked: true if the first of `length` bytes at the guest's (the user's)
 * `address` and all behind it are in one region; *place is set then. An address is looked up even
 * if length is 0. */
bool vhost_memory_guest(const struct vhost_memory *memory, uint64_t address, uint64_t length,
	struct vhost_place *place);
bool vhost_memory_user(const struct vhost_memory *memory, uint64_t address, uint64_t length,
	struct vhost_place *place);

#endif
