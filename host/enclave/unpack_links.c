/* unpack_links: which files of an archive were seen, by the numbers that tell them apart. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/enclave/unpack.h"

#define BUCKETS 4096u

struct seen {
	struct seen *next;
	uint32_t inode, major, minor, kind;
	char name[];
};

struct unpack_links {
	unsigned count;
	struct seen *buckets[BUCKETS];
};

struct unpack_links *unpack_links_make(void)
{
	return calloc(1, sizeof(struct unpack_links));
}

void unpack_links_forget(struct unpack_links *links)
{
	for (unsigned i = 0; i < BUCKETS; i++)
		while (links->buckets[i] != NULL) {
			struct seen *seen = links->buckets[i];

			links->buckets[i] = seen->next;
			free(seen);
		}
	links->count = 0;
}

void unpack_links_free(struct unpack_links *links)
{
	if (links != NULL)
		unpack_links_forget(links);
	free(links);
}

static struct seen **bucket_of(struct unpack_links *links, const struct cpio_head *head)
{
	uint32_t mixed = head->inode * 2654435761u + head->device_minor + head->device_major;

	return &links->buckets[mixed / 65536u % BUCKETS];
}

const char *unpack_links_find(struct unpack_links *links, const struct cpio_head *head,
	const char *name, struct fault *fault)
{
	struct seen **bucket = bucket_of(links, head), *seen;
	size_t size = strlen(name) + 1;

	for (seen = *bucket; seen != NULL; seen = seen->next)
		if (seen->inode == head->inode && seen->major == head->device_major &&
			seen->minor == head->device_minor && seen->kind == (head->mode & S_IFMT))
			return seen->name;
	if (links->count == UNPACK_LINKS_MAX) {
		(void)fault_set(fault, "limit",
			"a ramdisk has more than %u files with several names", UNPACK_LINKS_MAX);
		return NULL;
	}
	seen = malloc(sizeof *seen + size);
	if (seen == NULL) {
		(void)fault_set(fault, "memory", "no memory for a ramdisk's hard links");
		return NULL;
	}
	seen->inode = head->inode;
	seen->major = head->device_major;
	seen->minor = head->device_minor;
	seen->kind = head->mode & S_IFMT;
	memcpy(seen->name, name, size);
	seen->next = *bucket;
	*bucket = seen;
	links->count++;
	return NULL;
}
