/* copy_names: under which name a file with several names was sent first. */
#ifndef CLOISTER_RUNTIME_CHANNEL_COPY_NAMES_H
#define CLOISTER_RUNTIME_CHANNEL_COPY_NAMES_H

#include "runtime/channel/copy_inodes.h"

struct copy_names {
	struct copy_inodes inodes; /* their value is where the name begins */
	char *text;                /* names, each with a NUL */
	uint32_t size, used;
};

/* limit: most files; their names take up to 128 bytes each on average. */
void copy_names_open(struct copy_names *names, uint32_t limit);
void copy_names_close(struct copy_names *names);

/* The name under which this file was sent, or null. It stays until a name is kept. */
const char *copy_names_find(const struct copy_names *names, const struct stat *status);

/* Keeps the name in mind if the file has others, and if there is room. */
void copy_names_keep(struct copy_names *names, const struct stat *status, const char *name);

#endif
