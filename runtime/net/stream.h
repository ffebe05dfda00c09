/* stream: bytes both ways, each way with an end of its own, whatever carries them.
 *
 * A socket is the lowest stream (socket_stream.h). A layer, as TLS, is a stream whose operations
 * use the one below; since it may have to write so that its user can read, or hold bytes that the
 * socket below knows nothing of, readiness is asked of the stream and never of a descriptor.
 *
 * The struct is the first member of the layer's own struct, which its owner keeps. A stream belongs
 * to one loop and its thread. Nothing here blocks.
 */
#ifndef CLOISTER_RUNTIME_NET_STREAM_H
#define CLOISTER_RUNTIME_NET_STREAM_H

#include <stddef.h>
#include <sys/uio.h>

#include "runtime/kernel/fault.h"

enum stream_result {
	STREAM_DONE = 0, /* read and write: at least one byte was moved */
	STREAM_AGAIN,    /* nothing can be moved now: want tells when to try again */
	STREAM_END,      /* read: the peer has finished its direction */
	STREAM_FAILED    /* the fault is set; nothing but close makes sense now */
};

#define STREAM_READ  1u
#define STREAM_WRITE 2u

struct stream;

/* What a layer implements; described at the functions below. */
struct stream_operations {
	enum stream_result (*read)(
		struct stream *stream, void *bytes, size_t size, size_t *done, struct fault *fault);
	enum stream_result (*write)(struct stream *stream, const struct iovec *parts,
		unsigned count, size_t *done, struct fault *fault);
	enum stream_result (*finish)(struct stream *stream, struct fault *fault);
	void (*want)(struct stream *stream, unsigned events);
	void (*close)(struct stream *stream);
	int (*descriptor)(const struct stream *stream);
};

struct stream {
	const struct stream_operations *operations;
	/* The user's, set after the stream was opened. `ready` is called from the loop, in each
	 * turn in which what was wanted may succeed; a try can still come to STREAM_AGAIN. It may
	 * call everything here, close included, and free the struct after that. */
	void (*ready)(struct stream *stream, unsigned events);
	void *user;
};

/* Reads at most `size` bytes, 1 or more. Faults here and below: "reset", "timeout", "io". */
static inline enum stream_result stream_read(
	struct stream *stream, void *bytes, size_t size, size_t *done, struct fault *fault)
{
	return stream->operations->read(stream, bytes, size, done, fault);
}

/* Writes the parts one after the other, or as much of them as fits now: *done bytes. At least one
 * part is not empty, and `count` is at most IOV_MAX. */
static inline enum stream_result stream_write(struct stream *stream, const struct iovec *parts,
	unsigned count, size_t *done, struct fault *fault)
{
	return stream->operations->write(stream, parts, count, done, fault);
}

/* Ends our direction: the peer reads STREAM_END behind what was written. What comes from the peer
 * can still be read. STREAM_AGAIN: call it again when the stream is ready for STREAM_WRITE. */
static inline enum stream_result stream_finish(struct stream *stream, struct fault *fault)
{
	return stream->operations->finish(stream, fault);
}

/* Sets what `ready` is called for: STREAM_READ, STREAM_WRITE, both, or 0 for nothing. It stays so
 * until it is set again. Also the end and a failure are something to read, or to fail to write;
 * who wants nothing is told nothing. */
static inline void stream_want(struct stream *stream, unsigned events)
{
	stream->operations->want(stream, events);
}

/* Ends both directions and gives up what the stream owns, the layers below included. A closed one
 * may be closed again. */
static inline void stream_close(struct stream *stream)
{
	stream->operations->close(stream);
}

/* The descriptor whose bytes are the stream's own, for splice; -1 where there is none, as under
 * a layer that changes bytes. It stays the stream's. */
static inline int stream_descriptor(const struct stream *stream)
{
	return stream->operations->descriptor(stream);
}

#endif
