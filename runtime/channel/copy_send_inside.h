/* copy_send_inside: what copy_send.c and copy_output.c share. Not for users of copy_send.h. */
#ifndef CLOISTER_RUNTIME_CHANNEL_COPY_SEND_INSIDE_H
#define CLOISTER_RUNTIME_CHANNEL_COPY_SEND_INSIDE_H

#include "runtime/channel/copy_attributes.h"
#include "runtime/channel/copy_digest.h"
#include "runtime/channel/copy_member.h"
#include "runtime/channel/copy_names.h"
#include "runtime/channel/copy_send.h"
#include "runtime/channel/copy_survey.h"
#include "runtime/channel/copy_walk.h"

struct sender {
	const struct copy_send_options *options;
	struct copy_outcome *outcome;
	struct copy_walk walk;
	struct copy_names names;
	struct copy_digest digest;
	struct copy_member member;         /* the one at hand */
	uint64_t done;                     /* bytes of it */
	struct copy_attributes attributes; /* of it */
	bool is_sparse;                    /* it may have holes; behind data_end is the next one */
	uint64_t data_end;
	struct copy_survey survey;
	struct field_reader answers;
	uint8_t answer[COPY_ANSWER_MAX];
	struct field_writer output;
	uint8_t buffer[COPY_BUFFER];
};

void copy_send_progress(const struct sender *sender);

/* Makes the member at hand one of this kind, whose name is the walk's. */
void copy_send_describe(struct sender *sender, uint32_t kind, const struct stat *status);

/* --- copy_ask.c: what the other end has already --- */

/* Asks about the member at hand, if it is a file with no other name; then about the last ones. */
int copy_ask(struct sender *sender, const struct stat *status, struct fault *fault);
int copy_ask_end(struct sender *sender, struct fault *fault);

/* Whether the file that fd is opened on stays, or goes on from what is there: in the member at
 * hand. Where it goes on, the digest has what is before, and fd is behind it. */
int copy_ask_settle(struct sender *sender, int fd, const struct stat *status, struct fault *fault);

/* --- copy_output.c: fields wait in the buffer, or in a block of the shared stream, until that is
 * full --- */

/* The first one makes room. */
int copy_output_flush(struct sender *sender, struct fault *fault);
int copy_output_member(struct sender *sender, struct fault *fault);   /* all that describes it */
int copy_output_question(struct sender *sender, struct fault *fault); /* the same, as one */
int copy_output_field(struct sender *sender, uint32_t tag, struct fault *fault); /* an empty one */
int copy_output_number(struct sender *sender, uint32_t tag, uint32_t number, struct fault *fault);

/* All bytes of `fd` up to its end, behind those that are there, and the digest of all. */
int copy_output_file(struct sender *sender, int fd, struct fault *fault);

/* --- copy_hole.c --- */

/* Puts the hole that the file at hand has where it was read to, if it has one. */
int copy_hole_pass(struct sender *sender, int fd, struct fault *fault);

#endif
