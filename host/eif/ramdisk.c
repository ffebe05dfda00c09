/* ramdisk: the verb that packs directories and tar archives into one canonical ramdisk. */
#include <getopt.h>
#include <string.h>

#include "host/eif/cpio.h"
#include "host/eif/verbs.h"

static const char help[] =
	"usage: eif ramdisk --output FILE [--prefix PATH] SOURCE...\n"
	"\n"
	"Packs directories and tar archives, plain or compressed, into one ramdisk: a cpio\n"
	"archive in canonical form, the same bytes for the same contents. Of equal paths the\n"
	"last counts.\n"
	"\n"
	"  --output FILE   where the ramdisk goes; an existing file is replaced\n"
	"  --prefix PATH   put this in front of all paths\n"
	"\n"
	"Files of a directory belong to 0:0. All times are SOURCE_DATE_EPOCH, or 0.\n";

struct request {
	const char *output;
	const char *prefix;
	char **sources;
	int source_count;
};

static int parse(int count, char **arguments, struct request *request, struct fault *fault)
{
	static const struct option options[] = {
		{"output", required_argument, NULL, 'o'},
		{"prefix", required_argument, NULL, 'p'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int code;

	while ((code = getopt_long(count, arguments, "", options, NULL)) != -1) {
		switch (code) {
		case 'h':
			fputs(help, stdout);
			return VERB_HELPED;
		case 'o':
			request->output = optarg;
			break;
		case 'p':
			request->prefix = optarg;
			break;
		default:
			return usage_fault(fault, "ramdisk", arguments, optind - 1);
		}
	}
	if (request->output == NULL)
		return fault_set(fault, "usage", "ramdisk: --output is missing");
	if (optind == count)
		return fault_set(fault, "usage", "ramdisk: give a directory or a tar archive");
	request->sources = arguments + optind;
	request->source_count = count - optind;
	return 0;
}

static int collect(const struct request *request, struct members *members, struct fault *fault)
{
	if (members_open(members, request->prefix, request->output, fault) < 0)
		return -1;
	for (int i = 0; i < request->source_count; i++) {
		if (members_add(members, request->sources[i], fault) < 0)
			return -1;
	}
	return members_finish(members, fault);
}

/* Writes the archive as one section of no image, so that the same path packs both. */
static int write_ramdisk(
	struct members *members, uint32_t mtime, struct output *output, struct fault *fault)
{
	struct eif_stream stream;
	int status;

	if (eif_stream_open(&stream, NULL, output, cpio_size(members), fault) < 0)
		return -1;
	eif_stream_begin(&stream, 0, EIF_TYPE_RAMDISK, false);
	status = cpio_write(members, mtime, &stream, fault);
	if (status == 0)
		status = eif_stream_end(&stream, fault);
	eif_stream_close(&stream);
	return status == 0 ? output_commit(output, fault) : -1;
}

int verb_ramdisk(int count, char **arguments, struct fault *fault)
{
	struct request request = {0};
	struct output output = {.fd = -1};
	struct members members;
	uint32_t mtime;
	int status = parse(count, arguments, &request, fault);

	if (status != 0)
		return status;
	if (cpio_mtime(&mtime, fault) < 0)
		return -1;
	status = collect(&request, &members, fault);
	if (status == 0)
		status = output_open(&output, request.output, true, fault);
	if (status == 0)
		status = write_ramdisk(&members, mtime, &output, fault);
	output_discard(&output);
	if (status == 0)
		members_warn(&members, "eif");
	members_close(&members);
	return status;
}
