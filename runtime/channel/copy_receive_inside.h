/* copy_receive_inside: what copy_receive.c, copy_effect.c and copy_place.c share. Not for users of
 * copy_receive.h. */
#ifndef CLOISTER_RUNTIME_CHANNEL_COPY_RECEIVE_INSIDE_H
#define CLOISTER_RUNTIME_CHANNEL_COPY_RECEIVE_INSIDE_H

#include "gen/copy_job.h"
#include "runtime/channel/copy_attributes.h"
#include "runtime/channel/copy_digest.h"
#include "runtime/channel/copy_folders.h"
#include "runtime/channel/copy_inodes.h"
#include "runtime/channel/copy_member.h"
#include "runtime/channel/copy_receive.h"

struct receiver {
	const struct copy_receive_options *options;
	struct copy_outcome *outcome;
	struct copy_job machine;
	struct fault fault; /* why the copy failed, where it was not the machine that knew */
	bool is_over;       /* the machine has reported */

	struct field_reader reader;
	struct copy_member member;         /* the one at hand, or the next one */
	struct copy_attributes attributes; /* of the member */
	struct field piece;                /* bytes of its file, at hand; null: a hole */
	const uint8_t *expected;           /* its digest, at hand */

	struct path_tree tree;      /* members are beneath it; fd -1 until the target is a folder */
	struct path_tree looked_at; /* the same, opened to answer questions */
	bool has_target;            /* the target itself has come as a member */
	struct path_place place;
	char temporary[PATH_TEMPORARY_MAX];
	int file;
	uint64_t done; /* bytes of it */

	struct copy_digest digest;
	struct copy_folders folders;
	struct copy_inodes files; /* that are in place */
	uint32_t repeated;        /* members that another stream counts */

	struct field_writer answers; /* to what was asked since they were told */
	uint8_t answer[COPY_JOB_ASKED_MAX * COPY_ANSWER_MAX];

	uint8_t value[COPY_ATTRIBUTE_MAX]; /* COPY_VALUE_MAX of it where no attributes may come */
	size_t begin, end; /* of what the buffer holds, a piece that is too small yet */
	uint8_t buffer[COPY_BUFFER];
};

/* What becomes of one effect: the next event for the machine. */
struct answer {
	enum copy_job_event event;
	uint32_t n;
};

#define COPY_NO_ANSWER ((enum copy_job_event)0)

/* --- copy_receive.c --- */
void copy_receive_progress(const struct receiver *receiver);

/* --- copy_place.c: 0, or -1 with receiver->fault --- */

/* Opens the place of the member at hand. */
int copy_place_enter(struct receiver *receiver);

/* Puts the member there: a folder, a symbolic link or a hard link. */
int copy_place_make(struct receiver *receiver);

/* Gives what fd is opened on the member's extended attributes, where they are asked for. */
int copy_place_attributes(struct receiver *receiver, int fd);

/* The mode that the member gets. */
mode_t copy_place_mode(const struct receiver *receiver);

/* --- copy_print.c: where options->output is one; 0, or -1 with receiver->fault --- */

int copy_print_begin(struct receiver *receiver); /* the file at hand */
int copy_print(struct receiver *receiver, const uint8_t *bytes, size_t size);
int copy_print_refuse(struct receiver *receiver); /* -1: the member at hand is no such file */

/* --- copy_look.c: 0, or -1 with receiver->fault --- */

int copy_look(struct receiver *receiver); /* answers what is asked about the file at hand */
int copy_tell(struct receiver *receiver); /* writes the answers */

/* The file at hand is there, and stays: gets its mode and time. */
int copy_look_stay(struct receiver *receiver);

/* The new temporary becomes what was kept of the file at hand. */
int copy_look_resume(struct receiver *receiver);

/* --- copy_effect.c --- */

/* Does what the machine asks for. A step asks for one piece of work at most. */
struct answer copy_effect_do(struct receiver *receiver, uint32_t effects);

#endif
