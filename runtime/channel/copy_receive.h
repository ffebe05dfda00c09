/* copy_receive: the end of a copy that gets the files: reads fields (spec/slc.md, Copies) from a
 * stream, and does beneath a target what the machine copy_job says.
 *
 * Nothing of the sender is trusted: names are resolved beneath the target and through no symbolic
 * link, links lead to members of this copy only, sizes are counted and never believed. What is
 * read is either placed or refused; whatever fails, no temporary is left, and the file that was in
 * its place is as it was. Members that are in place by then stay.
 *
 * A file is written beside its target, compared with the sender's digest, given its mode and time,
 * and renamed over it, in this order; so nobody who looks sees a part of it. Whether that also
 * holds after a loss of power is up to the file system, unless `sync` is set: then each file is on
 * the disk before it is renamed, and all names are before copy_receive returns.
 * Folders are made with mode 0700 and get their own modes and times when all members are in place.
 *
 * It blocks, and reads into one buffer of COPY_BUFFER bytes, or takes the blocks of a copy_stream.
 * Where its system calls are confined it needs syncfs besides those of files, if `sync` is set. */
#ifndef CLOISTER_RUNTIME_CHANNEL_COPY_RECEIVE_H
#define CLOISTER_RUNTIME_CHANNEL_COPY_RECEIVE_H

#include <stdbool.h>

#include "runtime/channel/copy_outcome.h"
#include "runtime/channel/copy_share.h"
#include "runtime/channel/copy_stream.h"
#include "runtime/kernel/path.h"

struct copy_receive_options {
	int stream;                 /* a pipe or a stream socket, blocking; stays the caller's */
	struct copy_stream *shared; /* null; or what is taken from, instead of that descriptor */
	struct path_place target;   /* by copy_open_target; stays the caller's */
	int output;       /* -1; or what the one file is written to, instead of a target */
	bool one_mount;   /* what is mounted below the target is out of bounds: "path" */
	bool keep_set_id; /* keep the set-user-id and set-group-id bits of modes */
	bool sync;
	bool keeps;              /* a file that breaks off is kept, to be resumed: copy_part.h */
	struct copy_share share; /* which may be empty; only the first stream's folders get modes
				  * and times, so its end has to come last */
	bool attributes; /* extended ones may come with files and folders: copy_attributes.h */
	bool compares;   /* files that are there are known by their digests, not by their times */
	int answers;     /* where questions are answered; -1: they are not allowed */

	uint32_t members; /* most */
	uint64_t bytes;   /* most, of all files together */
	uint32_t folders; /* bytes of memory for folders, which take their name and 24 more each */
	uint32_t links;   /* files that later members may be hard links to: 48 bytes each at most */

	struct copy_watch watch;
};

/* The limits that are usual; the rest is zero. */
extern const struct copy_receive_options copy_receive_usual;

/* Returns 0, or -1 with outcome->reason. The stream's end is the end of the copy; so where the
 * channel was reset or lost, watch.stop gets the reason before the stream ends. After -1 there may
 * be more in the stream, which nobody needs to read. */
int copy_receive(const struct copy_receive_options *options, struct copy_outcome *outcome);

#endif
