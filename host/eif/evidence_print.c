/* evidence_print: the evidence of an image for people, and as JSON. */
#include <string.h>

#include "host/eif/evidence.h"
#include "runtime/eif/tree.h"

bool evidence_verified(const struct evidence *evidence)
{
	return json_is_true(eif_tree_member(evidence->tree, "verified"));
}

static const char *claim(const struct evidence *evidence, const char *name)
{
	size_t size = 0;

	return eif_tree_text(evidence->claimed, name, &size);
}

bool evidence_meant(const struct evidence *evidence)
{
	const char *digest = claim(evidence, "evidence");

	return digest == NULL || strcmp(digest, evidence->digest) == 0;
}

/* Keys and texts of what eif_tree_read made begin with one byte more. */
static void print_rows(FILE *file, const json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, key, value)
	{
		size_t width = strlen(key + 1);

		fputs("  ", file);
		print_escaped(file, key + 1);
		fprintf(file, "%*s", width < 12 ? (int)(12 - width) : 1, "");
		print_escaped(file, json_string_value(value) + 1);
		fputc('\n', file);
	}
}

static void print_comparison(FILE *file, const struct comparison *comparison)
{
	bool same = true;

	for (size_t i = 0; i < EVIDENCE_TREES; i++)
		same = same && comparison->same[i];
	fputs(same ? "built of the sources in " : "not built of the sources in ", file);
	print_escaped(file, comparison->folder);
	fputs(same ? "" : ":", file);
	for (size_t i = 0; i < EVIDENCE_TREES; i++)
		if (!comparison->same[i])
			fprintf(file, " %s", evidence_trees[i]);
	fputc('\n', file);
}

void evidence_print(
	FILE *file, const struct evidence *evidence, const struct comparison *comparison)
{
	const char *commit = claim(evidence, "commit");

	fprintf(file, "%s\n",
		evidence_verified(evidence) ? "verified: all has passed"
					    : "UNVERIFIED: nobody has looked whether it passes");
	print_rows(file, eif_tree_member(evidence->tree, "summary"));
	fputs("with the tools\n", file);
	print_rows(file, eif_tree_member(evidence->tree, "tools"));
	fprintf(file, "measured as sha256 %s\n", evidence->digest);
	if (!evidence_meant(evidence))
		fputs("the metadata means another evidence than the measured one\n", file);
	if (commit != NULL) {
		fputs("not measured: commit ", file);
		print_escaped(file, commit);
		fputc('\n', file);
	}
	if (comparison->folder != NULL)
		print_comparison(file, comparison);
}

void evidence_emit(
	struct emit *emit, const struct evidence *evidence, const struct comparison *comparison)
{
	emit_begin(emit, NULL, '{');
	emit_bool(emit, "Verified", evidence_verified(evidence));
	emit_string(emit, "SHA256", evidence->digest);
	eif_tree_emit(emit, "Measured", evidence->tree);
	if (evidence->claimed != NULL)
		eif_tree_emit(emit, "NotMeasured", evidence->claimed);
	if (comparison->folder != NULL) {
		emit_begin(emit, "SameTrees", '{');
		for (size_t i = 0; i < EVIDENCE_TREES; i++)
			emit_bool(emit, evidence_trees[i], comparison->same[i]);
		emit_end(emit, '}');
	}
	emit_end(emit, '}');
}
