/* evidence_read: finds the evidence in an image's ramdisks, and sees to it that it has its form. */
#include <stdlib.h>
#include <string.h>

#include "host/eif/evidence.h"
#include "runtime/eif/newc_reader.h"
#include "runtime/eif/tree.h"

#define EVIDENCE_PLACE "rootfs/etc/cloister/evidence.json"
#define UNPACKED_MAX   (UINT64_C(16) << 30) /* bytes that may come out of compressed ramdisks */

/* Members that must be there: objects of texts. */
static const char *const texts[] = {"summary", "tools", "trees"};

static bool all_texts(const json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, key,
		value) if (!json_is_string(value) ||
			   strlen(json_string_value(value)) !=
				   json_string_length(value)) return false;
	return json_is_object(object) && json_object_get(object, "#") == NULL;
}

static bool has_form(const json_t *tree)
{
	size_t size = 0;
	const char *format = eif_tree_text(tree, "format", &size);

	if (format == NULL || strcmp(format, "1") != 0 ||
		!json_is_boolean(eif_tree_member(tree, "verified")))
		return false;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (!all_texts(eif_tree_member(tree, texts[i])))
			return false;
	return true;
}

int evidence_read(const char *text, size_t size, struct evidence *evidence, struct fault *fault)
{
	*evidence = (struct evidence){0};
	if (size > EVIDENCE_MAX)
		return fault_set(
			fault, "evidence", "the evidence has more than %u bytes", EVIDENCE_MAX);
	if (evidence_digest(text, size, evidence->digest, fault) < 0)
		return -1;
	evidence->tree = eif_tree_read(text, size, "the evidence", fault);
	if (evidence->tree == NULL)
		return -1;
	if (has_form(evidence->tree))
		return 0;
	evidence_free(evidence);
	return fault_set(fault, "evidence",
		"the evidence is not of format 1: it was made by another version of Cloister");
}

void evidence_free(struct evidence *evidence)
{
	json_decref(evidence->tree);
	json_decref(evidence->claimed);
	*evidence = (struct evidence){0};
}

static int take_text(
	struct newc_reader *reader, uint32_t size, char **text, size_t *used, struct fault *fault)
{
	size_t done;

	if (*text != NULL)
		return fault_set(fault, "evidence", "two members are " EVIDENCE_PLACE);
	if (size > EVIDENCE_MAX)
		return fault_set(
			fault, "evidence", "the evidence has more than %u bytes", EVIDENCE_MAX);
	*text = malloc(size + 1u);
	if (*text == NULL)
		return fault_set(fault, "memory", "no memory for the evidence");
	*used = 0;
	do {
		if (newc_data(reader, *text + *used, size - *used, &done, fault) < 0)
			return -1;
		*used += done;
	} while (done > 0 && *used < size);
	return 0;
}

/* A name as init looks at it: from the root on. */
static bool is_place(const char *name)
{
	while (*name == '/' || (name[0] == '.' && name[1] == '/'))
		name++;
	return strcmp(name, EVIDENCE_PLACE) == 0;
}

static int search(const struct image *image, struct newc_reader *reader, char **text, size_t *size,
	struct fault *fault)
{
	static struct newc_member member;
	int found;

	for (uint32_t i = 0; i < image->header.section_count; i++) {
		if (image->sections[i].type != EIF_TYPE_RAMDISK)
			continue;
		newc_continue(reader, image->header.section_offsets[i] + EIF_SECTION_HEADER_SIZE,
			image->sections[i].size);
		while ((found = newc_next(reader, &member, fault)) > 0)
			if (is_place(member.name) &&
				take_text(reader, member.head.size, text, size, fault) < 0)
				return -1;
		if (found < 0)
			return -1;
	}
	if (*text == NULL)
		return fault_set(fault, "no-evidence",
			"%s: no ramdisk has " EVIDENCE_PLACE
			": this image was not built by `make eif`",
			image->path);
	return 0;
}

int evidence_find(const struct image *image, char **text, size_t *size, struct fault *fault)
{
	struct newc_reader *reader = malloc(sizeof *reader);
	int status;

	*text = NULL;
	if (reader == NULL)
		return fault_set(fault, "memory", "no memory to read ramdisks");
	newc_open(reader, image->fd, 0, 0, UNPACKED_MAX);
	status = search(image, reader, text, size, fault);
	newc_close(reader);
	free(reader);
	if (status < 0) {
		free(*text);
		*text = NULL;
	}
	return status;
}
