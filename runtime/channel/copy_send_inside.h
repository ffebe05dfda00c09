/* copy_send_inside: what copy_send.c and copy_output.c share. Not for users of copy_send.h. */
#ifndef CLOISTER_RUNTIME_CHANNEL_COPY_SEND_INSIDE_H
#define CLOISTER_RUNTIME_CHANNEL_COPY_SEND_INSIDE_H

#include "runtime/channel/copy_digest.h"
#include "runtime/channel/copy_member.h"
#include "runtime/channel/copy_names.h"
#include "runtime/channel/copy_send.h"
#include "runtime/channel/copy_walk.h"

struct sender {
	const struct copy_send_options *options;
	struct copy_outcome *outcome;
	struct copy_walk walk;
	struct copy_names names;
	struct copy_digest digest;
	struct copy_member member; /* the one at hand */
	uint64_t done;             /* bytes of it */
	struct field_writer output;
	uint8_t buffer[COPY_BUFFER];
};

void copy_send_progress(const struct sender *sender);

/* --- copy_output.c: fields wait in the buffer, or in a block of the shared stream, until that is
 * full --- */

/* The first one makes room. */
int copy_output_flush(struct sender *sender, struct fault *fault);
int copy_output_member(struct sender *sender, struct fault *fault); /* its description */

/* All bytes of `fd` up to its end, and their digest. */
int copy_output_file(struct sender *sender, int fd, struct fault *fault);

#endif
