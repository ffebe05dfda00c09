/* copy_outcome: what both ends of a copy tell: how it goes on, and how it has ended. */
#ifndef CLOISTER_RUNTIME_CHANNEL_COPY_OUTCOME_H
#define CLOISTER_RUNTIME_CHANNEL_COPY_OUTCOME_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "fsm/slc_reason.h"
#include "runtime/kernel/fault.h"

/* A file goes in pieces that end at its multiples of COPY_PIECE bytes, so that whole pages are read
 * and written: others take the kernel half as long again. */
#define COPY_PIECE  131072u
#define COPY_SPARE  4096u                          /* for the fields around a piece */
#define COPY_BUFFER (4u * COPY_PIECE + COPY_SPARE) /* at each end; allocated for a copy */

struct copy_outcome {
	uint32_t reason;           /* enum slc_reason; 0: the copy is whole */
	uint64_t members;          /* sent, or in place */
	uint64_t bytes;            /* of files, sent or written */
	uint64_t skipped;          /* by the sender: what is no file, folder or link, or vanished */
	uint64_t unchanged;        /* of the members: files that were there as they are */
	uint64_t attributes;       /* extended ones, of all members */
	uint64_t resumed;          /* bytes of files that were there from a copy that broke off */
	char text[FAULT_TEXT_MAX]; /* why, where there is a reason; it may quote foreign names */
};

struct copy_progress {
	const char *name; /* of the member at hand, below the target; gone after the call */
	uint64_t size;    /* what the sender expects that it has; a guess, and foreign */
	uint64_t done;    /* bytes of it */
	uint64_t members; /* as in the outcome */
	uint64_t bytes;
};

/* How a copy is watched and stopped. All zero: nobody does. */
struct copy_watch {
	/* Called in the copying thread when a member begins, and after each piece of it. */
	void (*progress)(void *data, const struct copy_progress *progress);
	void *data;

	/* Null, or where a reason is put to give the copy up: by another thread, or by a handler of
	 * a signal. It is looked at before each piece, so who sets it then ends the stream too,
	 * in case the copy waits for it. */
	const _Atomic uint32_t *stop;
};

/* 0, or -1 with a fault of the reason that stops the copy. */
int copy_go_on(const struct copy_watch *watch, struct fault *fault);

/* The reason that a fault's word means; a word that is none of the reasons means `io`. */
uint32_t copy_reason(const struct fault *fault);

/* The copy has failed. */
void copy_outcome_fail(struct copy_outcome *outcome, const struct fault *fault);

#endif
