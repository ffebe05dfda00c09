/* tree: see tree.h. */
#include "runtime/eif/tree.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/eif/number.h"

/* The text with its tags, in the making. */
struct tagged {
	FILE *file;
	const char *next;
	const char *end;
	unsigned depth;
};

static bool is_number_byte(char byte)
{
	return (byte >= '0' && byte <= '9') || byte == '-' || byte == '+' || byte == '.' ||
	       byte == 'e' || byte == 'E';
}

/* Copies a string, from its opening quote to its closing one or to the end of the text. */
static void tag_string(struct tagged *tagged)
{
	fputs("\"$", tagged->file);
	for (tagged->next++; tagged->next < tagged->end; tagged->next++) {
		fputc(*tagged->next, tagged->file);
		if (*tagged->next == '"')
			break;
		if (*tagged->next == '\\' && tagged->next + 1 < tagged->end)
			fputc(*++tagged->next, tagged->file);
	}
	if (tagged->next < tagged->end)
		tagged->next++;
}

static int tag_number(struct tagged *tagged, const char *what, struct fault *fault)
{
	const char *begin = tagged->next;
	char normal[NUMBER_SIZE];

	while (tagged->next < tagged->end && is_number_byte(*tagged->next))
		tagged->next++;
	if (number_normalise(begin, (size_t)(tagged->next - begin), normal) < 0)
		return fault_set(fault, "json", "%s: no JSON number, or out of range: %.*s", what,
			(int)(tagged->next - begin < 40 ? tagged->next - begin : 40), begin);
	fprintf(tagged->file, "{\"#\":\"%s\"}", normal);
	return 0;
}

static int tag_byte(struct tagged *tagged, const char *what, struct fault *fault)
{
	char byte = *tagged->next++;

	if (byte == '[' || byte == '{')
		tagged->depth++;
	if ((byte == ']' || byte == '}') && tagged->depth > 0)
		tagged->depth--;
	if (tagged->depth > TREE_DEPTH_MAX)
		return fault_set(fault, "json", "%s: JSON values are nested deeper than %d", what,
			TREE_DEPTH_MAX);
	fputc(byte, tagged->file);
	return 0;
}

static int tag(struct tagged *tagged, const char *what, struct fault *fault)
{
	while (tagged->next < tagged->end) {
		char byte = *tagged->next;

		if (byte == '"') {
			tag_string(tagged);
		} else if (byte == '-' || (byte >= '0' && byte <= '9')) {
			if (tag_number(tagged, what, fault) < 0)
				return -1;
		} else if (tag_byte(tagged, what, fault) < 0) {
			return -1;
		}
	}
	return 0;
}

json_t *eif_tree_read(const char *text, size_t size, const char *what, struct fault *fault)
{
	struct tagged tagged = {.next = text, .end = text + size};
	char *bytes = NULL;
	size_t length = 0;
	json_t *tree = NULL;
	json_error_t error;
	int status;

	tagged.file = open_memstream(&bytes, &length);
	if (tagged.file == NULL) {
		(void)fault_set(fault, "memory", "no memory to read %s", what);
		return NULL;
	}
	status = tag(&tagged, what, fault);
	if (fclose(tagged.file) != 0 && status == 0)
		status = fault_set(fault, "memory", "no memory to read %s", what);
	if (status == 0) {
		tree = json_loadb(bytes, length, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
		if (tree == NULL)
			(void)fault_set(
				fault, "json", "%s: no valid JSON at line %d", what, error.line);
	}
	free(bytes);
	return tree;
}

json_t *eif_tree_member(const json_t *object, const char *name)
{
	char key[64];

	(void)snprintf(key, sizeof key, "$%s", name);
	return json_object_get(object, key);
}

const char *eif_tree_text(const json_t *object, const char *name, size_t *size)
{
	const json_t *value = eif_tree_member(object, name);

	if (!json_is_string(value))
		return NULL;
	*size = json_string_length(value) - 1;
	return json_string_value(value) + 1;
}

static int compare_keys(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

void eif_tree_emit_members(struct emit *emit, json_t *object)
{
	size_t count = json_object_size(object);
	const char **keys = calloc(count + 1, sizeof *keys);
	size_t used = 0;

	if (keys == NULL)
		return;
	for (void *i = json_object_iter(object); i != NULL; i = json_object_iter_next(object, i))
		keys[used++] = json_object_iter_key(i);
	qsort(keys, used, sizeof *keys, compare_keys);
	for (size_t i = 0; i < used; i++)
		eif_tree_emit(emit, keys[i] + 1, json_object_get(object, keys[i]));
	free(keys);
}

void eif_tree_emit(struct emit *emit, const char *key, json_t *value)
{
	const json_t *number = json_object_get(value, "#");

	if (number != NULL) {
		emit_literal(emit, key, json_string_value(number));
	} else if (json_is_string(value)) {
		emit_bytes(emit, key, json_string_value(value) + 1, json_string_length(value) - 1);
	} else if (json_is_object(value)) {
		emit_begin(emit, key, '{');
		eif_tree_emit_members(emit, value);
		emit_end(emit, '}');
	} else if (json_is_array(value)) {
		emit_begin(emit, key, '[');
		for (size_t i = 0; i < json_array_size(value); i++)
			eif_tree_emit(emit, NULL, json_array_get(value, i));
		emit_end(emit, ']');
	} else if (json_is_boolean(value)) {
		emit_bool(emit, key, json_is_true(value));
	} else {
		emit_literal(emit, key, "null");
	}
}
