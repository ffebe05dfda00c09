/* evidence: what an image says was shown of its sources (spec/evidence.md): a file of its ramdisks,
 * so that PCR0 covers it. It is foreign: who built the image wrote it.
 *
 * Words of faults: no-evidence, evidence (it is not of the form of the page), and those of the
 * readers of images, ramdisks and JSON.
 */
#ifndef CLOISTER_HOST_EIF_EVIDENCE_H
#define CLOISTER_HOST_EIF_EVIDENCE_H

#include <jansson.h>

#include "runtime/eif/emit.h"
#include "runtime/eif/reader.h"

#define EVIDENCE_MAX      1048576u /* bytes of its text */
#define EVIDENCE_HEX_SIZE 65u      /* of a SHA-256 value as lower-case digits, with the NUL */
#define EVIDENCE_TREES    9u

struct evidence {
	json_t *tree;    /* as eif_tree_read makes it; all members that the page names are there */
	json_t *claimed; /* what the metadata says, which is not measured; NULL: nothing */
	char digest[EVIDENCE_HEX_SIZE]; /* of the text */
};

/* What a source tree is to the evidence. */
struct comparison {
	const char *folder; /* NULL: there is none to compare with */
	bool same[EVIDENCE_TREES];
};

/* What is hashed of a source tree: folders, and one file. */
extern const char *const evidence_trees[EVIDENCE_TREES];

/* Reads the text. On success the caller owns the evidence. */
int evidence_read(const char *text, size_t size, struct evidence *evidence, struct fault *fault);
void evidence_free(struct evidence *evidence);

/* Looks for it in the image's ramdisks, as init unpacks them. The caller frees *text. */
int evidence_find(const struct image *image, char **text, size_t *size, struct fault *fault);

/* For people, and as JSON. */
void evidence_print(
	FILE *file, const struct evidence *evidence, const struct comparison *comparison);
void evidence_emit(
	struct emit *emit, const struct evidence *evidence, const struct comparison *comparison);

/* True if the evidence says that all has passed. */
bool evidence_verified(const struct evidence *evidence);

/* True if the metadata, where it speaks of evidence, means this one. */
bool evidence_meant(const struct evidence *evidence);

/* Hashes each tree of the folder, and says which are those of the evidence. Words: input, io. */
int evidence_compare(
	const struct evidence *evidence, struct comparison *comparison, struct fault *fault);

/* SHA-256 as digits. Word "crypto". */
int evidence_digest(
	const void *bytes, size_t size, char text[EVIDENCE_HEX_SIZE], struct fault *fault);

#endif
