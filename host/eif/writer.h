/* writer: makes an image of version 4 out of a kernel, a command line, metadata and ramdisks. */
#ifndef CLOISTER_HOST_EIF_WRITER_H
#define CLOISTER_HOST_EIF_WRITER_H

#include "host/eif/members.h"
#include "runtime/eif/measure.h"

#define WRITER_RAMDISKS_MAX (EIF_SECTIONS_MAX - 3)

struct image_plan {
	const char *kernel; /* path of a regular file */
	const char *cmdline;
	const char *metadata; /* the section's bytes */
	size_t metadata_size;
	const char *ramdisks[WRITER_RAMDISKS_MAX]; /* a regular file is taken as it is, a directory
						      is packed */
	size_t ramdisk_count;
	uint16_t flags;
	const char *output;
	uint32_t mtime;      /* of all members of packed directories */
	const char *program; /* in front of warnings */
};

/* Writes the image and gives its measurements. Either the output is complete, or it is not there
 * (or as it was). */
int writer_build(
	const struct image_plan *plan, struct measurements *measurements, struct fault *fault);

#endif
