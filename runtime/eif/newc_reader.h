/* newc_reader: the members of a ramdisk, read as the kernel reads them (spec/sandbox.md): cpio
 * archives back to back, plain or each in a gzip member, with zeros between them. Nothing is
 * seeked, and memory does not depend on what is read.
 *
 * Words of faults: archive (no archive, a damaged one, or one that is cut short), compression (of a
 * kind that is not read here), limit (more comes out than may), memory, io.
 */
#ifndef CLOISTER_RUNTIME_EIF_NEWC_READER_H
#define CLOISTER_RUNTIME_EIF_NEWC_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

#include "gen/cpio_head.h"
#include "runtime/kernel/fault.h"

#define NEWC_READER_BLOCK 65536u

struct newc_member {
	struct cpio_head head;
	char name[CPIO_HEAD_NAME_MAX]; /* with a NUL at head.name_size - 1, and maybe before */
};

/* Bytes that were read, and not used yet. */
struct newc_buffer {
	uint8_t bytes[NEWC_READER_BLOCK];
	size_t at, size;
};

struct newc_reader {
	int fd;
	uint64_t offset, end; /* of what is still to be read of the file */
	uint64_t place;       /* of the next byte behind the first ramdisk's first one */
	uint64_t inner;       /* the same, within what a gzip member holds */
	uint64_t room;        /* bytes that may still come out of gzip members */
	bool inflating, inflated;
	z_stream stream;
	struct newc_buffer raw, plain;

	uint64_t left;    /* bytes of the running member's data */
	uint32_t padding; /* zeros behind them */
	uint32_t sum, check;
	bool summed;
};

/* A ramdisk is file[offset..offset + size). `room`: how many bytes may come out of compression, in
 * all ramdisks together. The descriptor stays its owner's. */
void newc_open(struct newc_reader *reader, int fd, uint64_t offset, uint64_t size, uint64_t room);

/* Goes on with the next ramdisk of the image, where the one before has ended: to the kernel they
 * are one piece of memory, in which a plain archive must stand at a multiple of 4. */
void newc_continue(struct newc_reader *reader, uint64_t offset, uint64_t size);
void newc_close(struct newc_reader *reader);

/* Reads the next member's header and name; what is left of the data of the one before is passed
 * over. Returns 1, 0 at the end, or -1. Trailers are members too. */
int newc_next(struct newc_reader *reader, struct newc_member *member, struct fault *fault);

/* Reads data of the member: *done bytes, 0 at its end. */
int newc_data(
	struct newc_reader *reader, void *bytes, size_t size, size_t *done, struct fault *fault);

#endif
