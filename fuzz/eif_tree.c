/* eif_tree: any bytes as JSON. What is read and printed again is JSON in jansson's eyes too, reads
 * back, and prints the same: but for numbers, which AWS's rules may round once more. */
#include "fuzz/input.h"
#include "runtime/eif/tree.h"

/* The value's text, NUL at the end, or NULL if it is no JSON. The caller frees it. */
static char *read_and_print(const char *text, size_t size, size_t *length)
{
	struct fault fault = {{0}, {0}};
	json_t *tree = eif_tree_read(text, size, "fuzz", &fault);
	char *printed = NULL;
	struct emit emit;
	FILE *file;

	if (tree == NULL) {
		FUZZ_REQUIRE(strcmp(fault.word, "json") == 0);
		return NULL;
	}
	file = open_memstream(&printed, length);
	FUZZ_REQUIRE(file != NULL);
	emit_start(&emit, file, false);
	eif_tree_emit(&emit, NULL, tree);
	FUZZ_REQUIRE(!ferror(file) && fclose(file) == 0);
	json_decref(tree);
	return printed;
}

static void check_jansson(const char *text, size_t size)
{
	json_error_t error;
	json_t *tree = json_loadb(
		text, size, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &error);

	FUZZ_REQUIRE(tree != NULL);
	json_decref(tree);
}

/* Takes out the numbers, which stand outside of strings. Returns what is left. */
static size_t without_numbers(char *text, size_t size)
{
	size_t used = 0;
	int quoted = 0;

	for (size_t i = 0; i < size; i++) {
		if (text[i] == '"')
			quoted = !quoted;
		else if (quoted && text[i] == '\\')
			text[used++] = text[i++];
		else if (!quoted && strchr("0123456789+-.eE", text[i]) != NULL)
			continue;
		text[used++] = text[i];
	}
	return used;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t first_size = 0, second_size = 0;
	char *first = read_and_print((const char *)data, size, &first_size), *second;

	if (first == NULL)
		return 0;
	check_jansson(first, first_size);
	second = read_and_print(first, first_size, &second_size);
	if (second != NULL) { /* the largest double may not read back */
		first_size = without_numbers(first, first_size);
		second_size = without_numbers(second, second_size);
		FUZZ_REQUIRE(first_size == second_size);
		FUZZ_REQUIRE(memcmp(first, second, first_size) == 0);
	}
	free(second);
	free(first);
	return 0;
}
