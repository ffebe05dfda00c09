/* stream: the way of all bytes of an image, from where they come to the CRC, the hashes and a file.
 *
 * The caller fills blocks in place. A full block goes to the hash threads first; the CRC and the
 * copy to the file are done meanwhile on the caller's thread, from the same memory.
 */
#ifndef CLOISTER_RUNTIME_EIF_STREAM_H
#define CLOISTER_RUNTIME_EIF_STREAM_H

#include "runtime/eif/measure.h"
#include "runtime/eif/output.h"
#include "runtime/eif/progress.h"

struct eif_stream {
	struct measure *measure; /* or NULL: nothing is hashed */
	struct output *output;   /* or NULL: nothing is written; may change between sections */
	struct progress progress;
	struct block *block;  /* being filled, or NULL */
	struct block section; /* what the next block says about its section */
	struct block own;     /* the only block when there is no ring */
	uint32_t crc;         /* CRC-32 of all bytes so far, as in zlib */
};

/* `measure` and `output` are borrowed. `total` is for the progress bar, 0 for none. */
int eif_stream_open(struct eif_stream *stream, struct measure *measure, struct output *output,
	uint64_t total, struct fault *fault);
void eif_stream_close(struct eif_stream *stream);

/* Bytes outside of any section's data: counted in the CRC and written, not hashed. */
int eif_stream_raw(struct eif_stream *stream, const void *bytes, size_t size, struct fault *fault);

/* A section's data is what comes between these two. */
void eif_stream_begin(
	struct eif_stream *stream, uint32_t section, uint16_t type, bool first_ramdisk);
int eif_stream_end(struct eif_stream *stream, struct fault *fault);

/* Returns where the next bytes go, and in `room` how many fit: one at least. */
uint8_t *eif_stream_room(struct eif_stream *stream, size_t *room);

/* Takes the first `used` bytes of the room. */
int eif_stream_advance(struct eif_stream *stream, size_t used, struct fault *fault);

/* Copies bytes, or zero bytes, into the section. */
int eif_stream_write(
	struct eif_stream *stream, const void *bytes, size_t size, struct fault *fault);
int eif_stream_zeros(struct eif_stream *stream, size_t size, struct fault *fault);

/* Copies exactly `size` bytes of a file from its current offset. `name` is for the fault's text. */
int eif_stream_file(
	struct eif_stream *stream, int fd, uint64_t size, const char *name, struct fault *fault);

#endif
