/* copier: the process that makes one copy: slc once more, under another name, confined to the tree
 * that the copy is about. Only it reads the fields of a copy, so that a hostile one finds nothing.
 *
 *   descriptor 0   the copy, of a put; answers, of a get
 *   descriptor 1   the copy, of a get; answers, of a put
 *   descriptor 3   here it says how it went, in one row of fields, before it ends
 *   descriptor 4   the target's folder, or the source
 *
 * Its arguments are `put` and the name of what comes, or `get` and the name that goes with it; the
 * request's options as a number; its share of the copy, as `0/0`; and of a get the patterns of what
 * is left out.
 */
#ifndef CLOISTER_SERVICES_SLC_COPIER_H
#define CLOISTER_SERVICES_SLC_COPIER_H

#include "runtime/channel/fields.h"
#include "runtime/kernel/path.h"
#include "services/slc/process.h"
#include "services/slc/request.h"

#define COPIER_NAME      "slc-copier" /* its arguments' first */
#define COPIER_WORDS     5            /* of its arguments, in front of patterns */
#define COPIER_BULK      262144       /* bytes on the way to it, or from it: fewer turns */
#define COPIER_WORDS_MAX 1024u        /* bytes of what it says on descriptor 3 */

/* --- The broker's side ------------------------------------------------------------------------ */

/* A copier to start. It must stay where it is until copier_close. */
struct copier_job {
	struct program program;
	const char *argv[COPIER_WORDS + COPY_EXCLUDES_MAX + 1];
	char options[12], share[24];
	struct request_path path;
	struct path_place target;
	int source;
};

/* Opens what a request, which was checked, names. Faults: those of runtime/kernel/path.h. */
int copier_open(struct copier_job *job, int root, uint32_t type, const uint8_t *fields, size_t size,
	struct fault *fault);
void copier_close(struct copier_job *job);

/* --- The copier itself ------------------------------------------------------------------------ */

int copier_run(int count, char **arguments);

/* --- The front's side ------------------------------------------------------------------------- */

/* What a copier has said. A broken row, or none, is the reason `internal`. */
struct copier_words {
	uint32_t reason;
	char text[SLC_TEXT_MAX + 1u];
	uint64_t members, bytes;
};

void copier_listen(struct copier_words *words, const uint8_t *fields, size_t size);

#endif
