/* copy_share: which members of a copy go through which stream, where several share it
 * (spec/slc.md, Streams). Folders go through each, for what is in them has to find them; a file
 * with one name goes by that name; all else, as what later members may be links to, goes through
 * the first. So each member goes through one stream and through no other, as long as nobody
 * changes how many names a file has, or of what kind a member is, while it is copied: each stream
 * looks at its own time, and then such a member may go through two or through none. (To go by the
 * inode would be no better: a file that is replaced has another one.) verify/copy_share.acsl says
 * what is proved. */
#ifndef CLOISTER_RUNTIME_CHANNEL_COPY_SHARE_H
#define CLOISTER_RUNTIME_CHANNEL_COPY_SHARE_H

#include <stdbool.h>
#include <stdint.h>

#define COPY_STREAMS_MAX 8u

struct copy_share {
	uint32_t index, count; /* index < count; count 0: the copy has one stream */
};

/* Whether it is one of the further streams: what it puts in folders is its own, and the folders are
 * not. */
static inline bool copy_share_is_further(const struct copy_share *share)
{
	return share->index > 0;
}

/* Whether a member is this stream's; is_alone: a file with one name. */
bool copy_share_has(
	const struct copy_share *share, const char *name, bool is_folder, bool is_alone);

#endif
