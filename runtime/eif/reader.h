/* reader: an image file, judged before its data is read, and streamed section by section. */
#ifndef CLOISTER_RUNTIME_EIF_READER_H
#define CLOISTER_RUNTIME_EIF_READER_H

#include "runtime/eif/layout.h"
#include "runtime/eif/stream.h"

struct image {
	int fd;
	const char *path; /* borrowed */
	uint64_t size;
	struct eif_header header;
	struct eif_section sections[EIF_SECTIONS_MAX];
	struct eif_contents contents;
};

/* Opens a file and judges its header and its sections' headers. Words: "input" when it can't be
 * read, else the reason's word of spec/eif.md. On success the caller owns the image. */
int image_open(struct image *image, const char *path, struct fault *fault);
void image_close(struct image *image);

/* Streams the file, except for the header's CRC field, so that stream->crc is the file's CRC in the
 * end. With `outputs`, section i goes to outputs[i]. Word "cmdline-nul" for a NUL in the command
 * line. */
int image_flow(const struct image *image, struct eif_stream *stream, struct output *outputs,
	struct fault *fault);

/* Reads a section's data whole, which is for those that have a limit. The caller frees `*bytes`,
 * where a NUL follows the data. */
int image_section(
	const struct image *image, uint32_t section, uint8_t **bytes, struct fault *fault);

/* The one-word name of a section's type. */
const char *image_type_name(uint16_t type);

#endif
