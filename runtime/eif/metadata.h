/* metadata: the metadata section of an image, as AWS's tools write it, and as describe prints
 * it. */
#ifndef CLOISTER_RUNTIME_EIF_METADATA_H
#define CLOISTER_RUNTIME_EIF_METADATA_H

#include "runtime/eif/tree.h"

#define METADATA_CUSTOM_MAX 4096 /* bytes of a custom metadata file, as in AWS's tools */

/* What a build says about itself. All borrowed; NULL: find a default. */
struct metadata {
	const char *name;
	const char *version;
	const char *build_time;
	const char *build_tool;
	const char *build_tool_version;
	const char *system;
	const char *system_version;
	const char *kernel;        /* path, whose last part is the default name */
	const char *kernel_config; /* path, or NULL */
	const char *custom;        /* path, or NULL */
};

/* Makes the section's text, which the caller frees. Words: "input", "json", "metadata", "usage". */
int metadata_make(const struct metadata *metadata, char **text, size_t *size, struct fault *fault);

/* Reads a section and sees to it that all that describe prints is there. The caller owns the
 * result (json_decref). Word "metadata" or "json". */
json_t *metadata_read(const char *text, size_t size, const char *path, struct fault *fault);

/* Prints ImageName, ImageVersion and Metadata as members of the open object. */
void metadata_emit(struct emit *emit, const json_t *metadata);

#endif
