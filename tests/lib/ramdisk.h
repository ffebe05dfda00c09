/* ramdisk: archives made for tests, good ones and others. */
#ifndef CLOISTER_TESTS_LIB_RAMDISK_H
#define CLOISTER_TESTS_LIB_RAMDISK_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/eif/newc.h"

#define RAMDISK_MAX 4194304u /* bytes of one */

struct ramdisk {
	uint8_t bytes[RAMDISK_MAX];
	size_t size;
	uint32_t inodes; /* numbers that were given away */
};

struct ramdisk *ramdisk_new(void); /* an empty one, to be freed by free */

/* Adds bytes as they are. */
void ramdisk_raw(struct ramdisk *ramdisk, const void *bytes, size_t size);

/* Adds a member with the header's fields, but for the sizes of name and data. */
void ramdisk_member(struct ramdisk *ramdisk, const struct newc_header *header, const char *name,
	const void *data, size_t size);

/* Adds a member of its own inode, owned by 0:0. */
void ramdisk_add(struct ramdisk *ramdisk, uint32_t mode, const char *name, const char *data);
void ramdisk_end(struct ramdisk *ramdisk); /* a trailer */

/* Puts what there is from byte `from` on into one gzip member. */
void ramdisk_gzip(struct ramdisk *ramdisk, size_t from);

/* A descriptor of a file without a name that holds it. */
int ramdisk_file(const struct ramdisk *ramdisk);

#endif
