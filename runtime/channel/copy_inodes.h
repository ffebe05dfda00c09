/* copy_inodes: which files a copy has met, by what they are and not by what they are called. It
 * grows with what is put in, up to a limit. */
#ifndef CLOISTER_RUNTIME_CHANNEL_COPY_INODES_H
#define CLOISTER_RUNTIME_CHANNEL_COPY_INODES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct copy_inode {
	dev_t device;
	ino_t number;
	uint32_t value; /* the owner's */
	bool is_used;
};

struct copy_inodes {
	struct copy_inode *places; /* a hash table with open addressing, at most half full */
	uint32_t size;             /* of it: 0, or a power of two */
	uint32_t used;
	uint32_t limit;
};

/* limit: most files, up to 2^30. */
void copy_inodes_init(struct copy_inodes *inodes, uint32_t limit);
void copy_inodes_free(struct copy_inodes *inodes);

/* The entry of this file, or null. It stays in place until the next one is added. */
const struct copy_inode *copy_inodes_find(
	const struct copy_inodes *inodes, const struct stat *status);

/* Adds a file, or gives it another value. False: the limit is reached, or there is no memory. */
bool copy_inodes_add(struct copy_inodes *inodes, const struct stat *status, uint32_t value);

#endif
