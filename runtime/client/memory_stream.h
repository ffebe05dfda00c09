/* memory_stream: a stream (runtime/net/stream.h) without a transport: what its user writes waits in
 * memory for its owner, who carries it away, and what the owner brings waits for the user. So a
 * session runs on whatever moves its bytes: another library's connection, a test, a file.
 */
#ifndef CLOISTER_RUNTIME_CLIENT_MEMORY_STREAM_H
#define CLOISTER_RUNTIME_CLIENT_MEMORY_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/channel/queue.h"
#include "runtime/kernel/loop.h"
#include "runtime/net/stream.h"

#define MEMORY_STREAM_SIZE 65536u /* bytes that wait, each way */

struct memory_stream {
	struct stream stream;

	/* To read. */
	bool is_finished; /* the user has ended its direction, behind what waits */
	bool is_closed;

	/* Its own. */
	struct loop *loop;
	struct timer soon;
	unsigned wanted;
	bool has_ended; /* the owner has: nothing comes any more */
	struct queue input, output;
	uint8_t bytes[2][MEMORY_STREAM_SIZE];
};

/* The struct need not be zeroed, and stays in place until the stream is closed. */
void memory_stream_open(struct memory_stream *memory, struct loop *loop);

/* The owner's. Returns how many bytes fitted in. */
size_t memory_stream_put(struct memory_stream *memory, const void *bytes, size_t size);
void memory_stream_end(struct memory_stream *memory);

/* The first bytes that wait for the owner, and that they were carried away. */
size_t memory_stream_front(const struct memory_stream *memory, const uint8_t **bytes);
void memory_stream_drop(struct memory_stream *memory, size_t size);

#endif
