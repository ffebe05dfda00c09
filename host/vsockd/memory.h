/* memory: the guest's memory, as far as the front-end shares it: mapped by the files that it sends,
 * and found again by the guest's addresses and by the front-end's, as vhost_memory judges.
 *
 * What is found is the guest's to change at any time: copy it once, then judge the copy. Pointers
 * hold until the next memory_set. */
#ifndef CLOISTER_HOST_VSOCKD_MEMORY_H
#define CLOISTER_HOST_VSOCKD_MEMORY_H

#include <stddef.h>

#include "host/vsockd/vhost_memory.h"
#include "runtime/kernel/fault.h"

struct memory {
	struct vhost_memory table;
	uint8_t *maps[VHOST_REGIONS_MAX]; /* each from the begin of its file on */
};

/* Maps a new table instead of the old one; `file` of its regions is found out here. The
 * descriptors, one for each region, are closed, whatever comes of it. Faults: "protocol" (the table
 * is wrong), "limit" (it can't be mapped). */
int memory_set(struct memory *memory, const struct vhost_memory *table,
	const int descriptors[VHOST_REGIONS_MAX], struct fault *fault);

void memory_close(struct memory *memory);

/* Where bytes at one of the guest's addresses are; null: not all of them are in one region. */
void *memory_guest(const struct memory *memory, uint64_t address, uint64_t size);

/* The same for an address of the front-end. */
void *memory_user(const struct memory *memory, uint64_t address, uint64_t size);

#endif
