/* extract: the verb that takes an image apart into files. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/eif/verbs.h"
#include "runtime/eif/reader.h"

static const char help[] =
	"usage: eif extract FILE DIRECTORY [--force]\n"
	"\n"
	"Writes kernel, cmdline, metadata.json, ramdisk0, ramdisk1, ... and signature into the\n"
	"directory, which is made if it is missing. Nothing is written if the image is malformed\n"
	"or its CRC is false.\n"
	"\n"
	"  --force   replace files that exist\n";

struct extraction {
	struct image image;
	struct output outputs[EIF_SECTIONS_MAX];
	const char *directory;
	bool made_directory;
	bool force;
	uint32_t named; /* outputs that have their final names */
};

static int make_directory(struct extraction *extraction, struct fault *fault)
{
	struct stat status;

	if (mkdir(extraction->directory, 0777) == 0) {
		extraction->made_directory = true;
		return 0;
	}
	if (errno == EEXIST && stat(extraction->directory, &status) == 0 && S_ISDIR(status.st_mode))
		return 0;
	return fault_set(fault, "output", "can't make the directory %s: %s", extraction->directory,
		strerror(errno));
}

static int open_outputs(struct extraction *extraction, struct fault *fault)
{
	const struct image *image = &extraction->image;
	uint32_t ramdisks = 0;
	char path[PATH_MAX];

	for (uint32_t i = 0; i < image->header.section_count; i++) {
		uint16_t type = image->sections[i].type;
		char number[16] = "";
		int size;

		if (type == EIF_TYPE_RAMDISK)
			(void)snprintf(number, sizeof number, "%u", ramdisks++);
		size = snprintf(path, sizeof path, "%s/%s%s%s", extraction->directory,
			image_type_name(type), number, type == EIF_TYPE_METADATA ? ".json" : "");
		if (size >= (int)sizeof path)
			return fault_set(fault, "output", "the directory's path is too long");
		if (output_open(&extraction->outputs[i], path, extraction->force, fault) < 0)
			return -1;
	}
	return 0;
}

static int copy(struct extraction *extraction, struct fault *fault)
{
	const struct image *image = &extraction->image;
	struct eif_stream stream;
	int status;

	if (eif_stream_open(&stream, NULL, NULL, image->size, fault) < 0)
		return -1;
	status = image_flow(image, &stream, extraction->outputs, fault);
	eif_stream_close(&stream);
	if (status == 0 && stream.crc != image->header.crc32)
		return fault_set(fault, "crc",
			"%s: the CRC in the header is false (byte %d: expected %08x, found %08x); "
			"nothing was extracted",
			image->path, EIF_CRC_OFFSET, stream.crc, image->header.crc32);
	return status;
}

/* All files are complete; now they appear. */
static int name_outputs(struct extraction *extraction, struct fault *fault)
{
	for (; extraction->named < extraction->image.header.section_count; extraction->named++) {
		if (output_commit(&extraction->outputs[extraction->named], fault) < 0)
			return -1;
	}
	return 0;
}

/* Removes what a failed extraction has made. */
static void undo(struct extraction *extraction)
{
	for (uint32_t i = 0; i < EIF_SECTIONS_MAX; i++) {
		output_discard(&extraction->outputs[i]);
		if (i < extraction->named)
			(void)unlink(extraction->outputs[i].name);
	}
	if (extraction->made_directory)
		(void)rmdir(extraction->directory);
}

static int extract(struct extraction *extraction, const char *path, struct fault *fault)
{
	if (image_open(&extraction->image, path, fault) < 0)
		return -1;
	if (make_directory(extraction, fault) < 0 || open_outputs(extraction, fault) < 0 ||
		copy(extraction, fault) < 0 || name_outputs(extraction, fault) < 0) {
		undo(extraction);
		return -1;
	}
	return 0;
}

int verb_extract(int count, char **arguments, struct fault *fault)
{
	static const struct option options[] = {
		{"force", no_argument, NULL, 'f'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	struct extraction *extraction;
	bool force = false;
	int status;
	int code;

	while ((code = getopt_long(count, arguments, "", options, NULL)) != -1) {
		if (code == 'h') {
			fputs(help, stdout);
			return VERB_HELPED;
		}
		if (code == '?')
			return usage_fault(fault, "extract", arguments, optind - 1);
		force = true;
	}
	if (optind + 2 != count)
		return fault_set(fault, "usage", "extract: give an image file and a directory");
	extraction = calloc(1, sizeof *extraction);
	if (extraction == NULL)
		return fault_set(fault, "memory", "no memory");
	for (uint32_t i = 0; i < EIF_SECTIONS_MAX; i++)
		extraction->outputs[i].fd = -1;
	extraction->image.fd = -1;
	extraction->directory = arguments[optind + 1];
	extraction->force = force;
	status = extract(extraction, arguments[optind], fault);
	image_close(&extraction->image);
	free(extraction);
	return status;
}
