/* unpack: an image's ramdisks as a tree of files, made as the kernel makes it (spec/sandbox.md).
 *
 * The ramdisks are hostile. Whatever their members are called, and through whichever links of
 * theirs their names lead, nothing outside the root is reached; the process that calls this is to
 * be confined all the same (runtime/kernel/confine.h), for it runs a decompressor.
 */
#ifndef CLOISTER_HOST_ENCLAVE_UNPACK_H
#define CLOISTER_HOST_ENCLAVE_UNPACK_H

#include "gen/cpio_head.h"
#include "runtime/eif/reader.h"
#include "runtime/kernel/path_name.h"

#define UNPACK_DEVICES_MAX 64u    /* device nodes that are put in place */
#define UNPACK_LINKS_MAX   65536u /* files of one archive that may have further names */

/* A device node that a ramdisk has. It can't be made here: an empty file stands in its place, over
 * which the host's device can be bound. */
struct unpack_device {
	bool is_block;
	uint32_t major, minor;
	char name[PATH_NAME_MAX + 1u];
};

/* What became of the members. Without pointers, so that two processes can share it. */
struct unpack_report {
	uint64_t members;
	uint64_t skipped; /* could not be made, as the kernel skips them; the first of them: */
	char first_skipped[FAULT_TEXT_MAX];
	uint64_t unowned;      /* belong to us, since their owner has no number here */
	uint64_t devices_left; /* device nodes beyond UNPACK_DEVICES_MAX */
	unsigned device_count;
	struct unpack_device devices[UNPACK_DEVICES_MAX];
};

/* Unpacks all ramdisks of the image beneath `root`, a descriptor of an empty folder. `room`: bytes
 * that may come out of compression. Faults: those of newc_reader.h, "space" (no room left),
 * "limit", "memory", "io". */
int unpack_ramdisks(const struct image *image, int root, uint64_t room,
	struct unpack_report *report, struct fault *fault);

/* --- Hard links, for unpack.c ----------------------------------------------------------------- */

struct unpack_links;

/* Null without memory. */
struct unpack_links *unpack_links_make(void);
void unpack_links_free(struct unpack_links *links);

/* The archive has ended: what comes is another one, with inodes of its own. */
void unpack_links_forget(struct unpack_links *links);

/* The name under which the file was seen first, or null, and then `name` is that. Word "limit" or
 * "memory" (then it returns null, too). */
const char *unpack_links_find(struct unpack_links *links, const struct cpio_head *head,
	const char *name, struct fault *fault);

#endif
