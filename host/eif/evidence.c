/* evidence: the verb that prints what was shown of an image's sources, and compares it with a
 * source tree. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/eif/evidence.h"
#include "host/eif/verbs.h"
#include "runtime/eif/metadata.h"

static const char help[] =
	"usage: eif evidence FILE [--tree DIRECTORY] [--json]\n"
	"\n"
	"Prints the evidence that is in the image, and so in PCR0: which proofs, analyses and\n"
	"campaigns its sources have passed, and hashes of these sources. The exit code is not 0\n"
	"when the image is unverified, or was built of other sources.\n"
	"\n"
	"  --tree DIRECTORY   compare with the sources of Cloister there\n"
	"  --json             all of it, as JSON\n";

/* What the metadata says of evidence; nothing where it says nothing. */
static int read_claim(const struct image *image, struct evidence *evidence, struct fault *fault)
{
	uint32_t section = image->contents.metadata;
	uint8_t *bytes;
	json_t *metadata, *claimed;

	if (section == EIF_SECTIONS_MAX)
		return 0;
	if (image_section(image, section, &bytes, fault) < 0)
		return -1;
	metadata = metadata_read(
		(const char *)bytes, (size_t)image->sections[section].size, image->path, fault);
	free(bytes);
	if (metadata == NULL)
		return -1;
	claimed = eif_tree_member(eif_tree_member(metadata, "CustomMetadata"), "cloister");
	if (json_is_object(claimed))
		evidence->claimed = json_incref(claimed);
	json_decref(metadata);
	return 0;
}

static int read_image(const struct image *image, struct evidence *evidence, struct fault *fault)
{
	char *text;
	size_t size;
	int status;

	if (evidence_find(image, &text, &size, fault) < 0)
		return -1;
	status = evidence_read(text, size, evidence, fault);
	free(text);
	return status < 0 ? -1 : read_claim(image, evidence, fault);
}

static int print(const struct evidence *evidence, const struct comparison *comparison, bool json,
	struct fault *fault)
{
	struct emit emit;

	emit_start(&emit, stdout, true);
	emit.terminal = isatty(STDOUT_FILENO);
	if (json) {
		evidence_emit(&emit, evidence, comparison);
		return emit_finish(&emit, fault);
	}
	evidence_print(stdout, evidence, comparison);
	return fflush(stdout) != 0 || ferror(stdout)
		       ? fault_set(fault, "io", "writing the output failed")
		       : 0;
}

static int judge(const char *path, const struct evidence *evidence,
	const struct comparison *comparison, struct fault *fault)
{
	if (!evidence_verified(evidence))
		return fault_set(fault, "unverified",
			"%s: nobody has looked whether its sources pass: build it by `make gate`",
			path);
	if (!evidence_meant(evidence))
		return fault_set(fault, "metadata-digest",
			"%s: the metadata means another evidence than the measured one", path);
	for (size_t i = 0; i < EVIDENCE_TREES && comparison->folder != NULL; i++)
		if (!comparison->same[i])
			return fault_set(fault, "tree", "%s: %s is not what the image was built of",
				comparison->folder, evidence_trees[i]);
	return 0;
}

static int show(const char *path, const char *folder, bool json, struct fault *fault)
{
	struct image image = {.fd = -1};
	struct evidence evidence = {0};
	struct comparison comparison = {.folder = folder};
	int status = -1;

	if (image_open(&image, path, fault) < 0)
		return -1;
	if (read_image(&image, &evidence, fault) == 0 &&
		(folder == NULL || evidence_compare(&evidence, &comparison, fault) == 0) &&
		print(&evidence, &comparison, json, fault) == 0)
		status = judge(path, &evidence, &comparison, fault);
	evidence_free(&evidence);
	image_close(&image);
	return status;
}

int verb_evidence(int count, char **arguments, struct fault *fault)
{
	static const struct option options[] = {
		{"tree", required_argument, NULL, 't'},
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	const char *folder = NULL;
	bool json = false;
	int code;

	while ((code = getopt_long(count, arguments, "", options, NULL)) != -1) {
		if (code == 'h') {
			fputs(help, stdout);
			return VERB_HELPED;
		}
		if (code == '?')
			return usage_fault(fault, "evidence", arguments, optind - 1);
		if (code == 't')
			folder = optarg;
		json = json || code == 'j';
	}
	if (optind + 1 != count)
		return fault_set(fault, "usage", "evidence: give one image file");
	return show(arguments[optind], folder, json, fault);
}
