/* copy_exclude: what a copy leaves out, by patterns of the shell (glob(7)), as rsync and tar take
 * them. A pattern is compared with the end of a member's name, from a part on:
 *
 *   *.o        every name whose last part ends so, at any depth
 *   build/tmp  the member tmp of every folder build
 *   /cache     that of the source itself: the name is compared as a whole
 *   cache/     a folder, and nothing else
 *
 * No `*`, `?` or `[` stands for a slash. Names are those below the source, which itself is never
 * left out; what is below a folder that is left out is left out with it. */
#ifndef CLOISTER_RUNTIME_CHANNEL_COPY_EXCLUDE_H
#define CLOISTER_RUNTIME_CHANNEL_COPY_EXCLUDE_H

#include <stdbool.h>

#define COPY_EXCLUDES_MAX 64u  /* patterns of one copy */
#define COPY_EXCLUDE_MAX  255u /* bytes of a pattern; the least is 1 */

struct copy_exclude {
	const char *const *patterns;
	unsigned count;
};

/* Whether a member is left out: its name below the source, and whether it is a folder. */
bool copy_excludes(const struct copy_exclude *exclude, const char *name, bool is_folder);

#endif
