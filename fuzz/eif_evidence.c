/* eif_evidence: any bytes as the evidence of an image. What is accepted is printed as lines without
 * control characters, and as JSON in jansson's eyes, with the same verdict. */
#include "fuzz/input.h"
#include "host/eif/evidence.h"

static char *printed(const struct evidence *evidence, const struct comparison *comparison,
	bool as_json, size_t *size)
{
	char *text = NULL;
	FILE *file = open_memstream(&text, size);
	struct emit emit;

	FUZZ_REQUIRE(file != NULL);
	emit_start(&emit, file, false);
	if (as_json)
		evidence_emit(&emit, evidence, comparison);
	else
		evidence_print(file, evidence, comparison);
	FUZZ_REQUIRE(!ferror(file) && fclose(file) == 0);
	return text;
}

static void check_lines(const char *text, size_t size, bool verified)
{
	FUZZ_REQUIRE((strncmp(text, "verified: ", 10) == 0) == verified);
	for (size_t i = 0; i < size; i++)
		FUZZ_REQUIRE(text[i] == '\n' || (text[i] >= ' ' && text[i] <= '~'));
}

static void check_json(const char *text, size_t size, bool verified)
{
	json_error_t error;
	json_t *tree = json_loadb(text, size, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &error);
	const json_t *measured = json_object_get(tree, "Measured");

	if (tree == NULL)
		return; /* the largest double may not read back */
	FUZZ_REQUIRE(json_is_true(json_object_get(tree, "Verified")) == verified);
	FUZZ_REQUIRE(json_is_true(json_object_get(measured, "verified")) == verified);
	FUZZ_REQUIRE(json_is_object(json_object_get(measured, "summary")));
	json_decref(tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t seed = fuzz_seed(&data, &size);
	struct comparison comparison = {.folder = seed % 2 == 1 ? "folder" : NULL};
	struct fault fault = {{0}, {0}};
	struct evidence evidence;
	size_t length = 0;
	char *text;

	if (evidence_read((const char *)data, size, &evidence, &fault) < 0) {
		FUZZ_REQUIRE(
			strcmp(fault.word, "json") == 0 || strcmp(fault.word, "evidence") == 0);
		return 0;
	}
	if (seed % 4 >= 2)
		evidence.claimed = json_incref(evidence.tree);
	for (size_t i = 0; i < EVIDENCE_TREES; i++)
		comparison.same[i] = (seed >> (i + 2)) % 2 == 1;
	text = printed(&evidence, &comparison, false, &length);
	check_lines(text, length, evidence_verified(&evidence));
	free(text);
	text = printed(&evidence, &comparison, true, &length);
	check_json(text, length, evidence_verified(&evidence));
	free(text);
	evidence_free(&evidence);
	return 0;
}
