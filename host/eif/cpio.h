/* cpio: a list of members as a ramdisk, in the canonical form of spec/ramdisk.md. */
#ifndef CLOISTER_HOST_EIF_CPIO_H
#define CLOISTER_HOST_EIF_CPIO_H

#include "host/eif/members.h"
#include "runtime/eif/stream.h"

/* The bytes that cpio_write will write: known before the first is. After members_finish. */
uint64_t cpio_size(const struct members *members);

/* Writes the archive. All times are `mtime`. Word "changed" when a file is not as long as it
 * was. */
int cpio_write(
	struct members *members, uint32_t mtime, struct eif_stream *stream, struct fault *fault);

/* The time that all members get: SOURCE_DATE_EPOCH, at most 32 bits of it, or 0. */
int cpio_mtime(uint32_t *mtime, struct fault *fault);

#endif
