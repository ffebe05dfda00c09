/* copy_send: the end of a copy that has the files: walks a source and writes its fields
 * (spec/slc.md, Copies) to a stream.
 *
 * Members go parents first, each folder's in the order of their names' bytes, and all that is below
 * a folder before what follows it, so that equal trees make equal streams. Files are read to their
 * end, whatever size they claim: what grows, shrinks or has no size arrives as it was read. Modes,
 * times with nanoseconds, empty folders, symbolic links and hard links between files are kept;
 * owners are not, and extended attributes where that is wished. No symbolic link is followed.
 * FIFOs, sockets and devices in a folder are skipped and counted, and so is what vanishes before it
 * is opened; anything that can't be read ends the copy.
 *
 * It blocks, and writes from one buffer of COPY_BUFFER bytes, or gives the blocks of a copy_stream.
 * The process must ignore SIGPIPE. Where its system calls are confined it needs sysinfo besides
 * those of files, for qsort of the library. */
#ifndef CLOISTER_RUNTIME_CHANNEL_COPY_SEND_H
#define CLOISTER_RUNTIME_CHANNEL_COPY_SEND_H

#include <stdbool.h>

#include "runtime/channel/copy_exclude.h"
#include "runtime/channel/copy_outcome.h"
#include "runtime/channel/copy_share.h"
#include "runtime/channel/copy_stream.h"

struct copy_send_options {
	int source;       /* by copy_open_source; its offset is 0; stays the caller's */
	const char *name; /* of the source in the copy. "": it becomes the target itself; or one
			   * part: it is put in the target under this name */
	int stream;       /* a pipe or a stream socket, blocking; stays the caller's */
	struct copy_stream *shared; /* null; or what is given to, instead of that descriptor */
	bool one_mount;             /* what is mounted below the source ends the copy: "path" */
	bool is_input;              /* the source is what can be read, whatever it is: a new file */

	bool attributes; /* extended ones go with files and folders: copy_attributes.h */

	struct copy_share share;     /* of what there is, what goes through this stream */
	struct copy_exclude exclude; /* what is left out, and not counted as skipped */

	int answers; /* -1; or where the answers to questions come from: a pipe */

	uint32_t members;  /* most */
	uint32_t names;    /* bytes: the names in all folders between the source and a member */
	uint32_t links;    /* files with several names that are kept in mind; beyond, they are sent
			   * as files of their own */
	uint32_t surveyed; /* files that are there already and are kept in mind: 160 bytes each at
			    * most; beyond, they are sent */

	struct copy_watch watch;
};

/* The limits that are usual; the rest is zero. */
extern const struct copy_send_options copy_send_usual;

/* Returns 0, or -1 with outcome->reason. The stream's end is the caller's to make: after 0 it ends
 * the copy (or further sources follow, each with a name); after -1 it must not look like an end, so
 * the channel is reset first. `lost` means that the reader has gone: it knows why. */
int copy_send(const struct copy_send_options *options, struct copy_outcome *outcome);

#endif
