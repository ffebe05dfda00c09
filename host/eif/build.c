/* build: the verb that makes an image, with the flags of AWS's eif_build. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/eif/cpio.h"
#include "host/eif/verbs.h"
#include "host/eif/writer.h"
#include "runtime/eif/metadata.h"

static const char help[] =
	"usage: eif build --kernel FILE --cmdline TEXT --ramdisk PATH --output FILE [...]\n"
	"\n"
	"Builds an enclave image of version 4 and prints its measurements.\n"
	"\n"
	"  --kernel FILE               bzImage or Image\n"
	"  --kernel_config FILE        the kernel's .config; its third line names OS and version\n"
	"  --cmdline TEXT              the kernel's command line\n"
	"  --ramdisk PATH              a file, or a directory that is packed; repeatable\n"
	"  --output FILE               where the image goes; an existing file is replaced\n"
	"  --arch x86_64|aarch64       default x86_64\n"
	"  --name TEXT                 default: the kernel's file name\n"
	"  --version TEXT              of the image, default 1.0\n"
	"  --metadata FILE             a JSON object of at most 4096 bytes\n"
	"  --build-time TEXT           default SOURCE_DATE_EPOCH, or 1970-01-01T00:00:00+00:00\n"
	"  --build-tool TEXT           default cloister-eif\n"
	"  --build-tool-version TEXT   default this program's version\n"
	"  --img-os TEXT               instead of what the kernel's .config says\n"
	"  --img-kernel TEXT           instead of what the kernel's .config says\n"
	"  --json                      accepted; the output is always JSON\n"
	"\n"
	"The same inputs give the same bytes. None of the metadata is measured.\n";

enum option_code {
	OPTION_KERNEL = 256,
	OPTION_KERNEL_CONFIG,
	OPTION_CMDLINE,
	OPTION_RAMDISK,
	OPTION_OUTPUT,
	OPTION_ARCH,
	OPTION_NAME,
	OPTION_VERSION,
	OPTION_METADATA,
	OPTION_BUILD_TIME,
	OPTION_BUILD_TOOL,
	OPTION_BUILD_TOOL_VERSION,
	OPTION_IMG_OS,
	OPTION_IMG_KERNEL,
	OPTION_JSON,
	OPTION_HELP
};

static const struct option options[] = {
	{"kernel", required_argument, NULL, OPTION_KERNEL},
	{"kernel_config", required_argument, NULL, OPTION_KERNEL_CONFIG},
	{"kernel-config", required_argument, NULL, OPTION_KERNEL_CONFIG},
	{"cmdline", required_argument, NULL, OPTION_CMDLINE},
	{"ramdisk", required_argument, NULL, OPTION_RAMDISK},
	{"output", required_argument, NULL, OPTION_OUTPUT},
	{"arch", required_argument, NULL, OPTION_ARCH},
	{"name", required_argument, NULL, OPTION_NAME},
	{"version", required_argument, NULL, OPTION_VERSION},
	{"metadata", required_argument, NULL, OPTION_METADATA},
	{"build-time", required_argument, NULL, OPTION_BUILD_TIME},
	{"build-tool", required_argument, NULL, OPTION_BUILD_TOOL},
	{"build-tool-version", required_argument, NULL, OPTION_BUILD_TOOL_VERSION},
	{"img-os", required_argument, NULL, OPTION_IMG_OS},
	{"img-kernel", required_argument, NULL, OPTION_IMG_KERNEL},
	{"json", no_argument, NULL, OPTION_JSON},
	{"help", no_argument, NULL, OPTION_HELP},
	{0},
};

static int take_arch(struct image_plan *plan, const char *arch, struct fault *fault)
{
	plan->flags = 0;
	if (strcmp(arch, "aarch64") == 0)
		plan->flags = EIF_FLAG_AARCH64;
	else if (strcmp(arch, "x86_64") != 0)
		return fault_set(
			fault, "usage", "build: --arch is x86_64 or aarch64, not %.40s", arch);
	return 0;
}

static int take_ramdisk(struct image_plan *plan, const char *path, struct fault *fault)
{
	if (plan->ramdisk_count == WRITER_RAMDISKS_MAX)
		return fault_set(
			fault, "usage", "build: more than %d ramdisks", WRITER_RAMDISKS_MAX);
	plan->ramdisks[plan->ramdisk_count++] = path;
	return 0;
}

/* The field that an option's value goes to as it is, or NULL. */
static const char **field_of(int code, struct image_plan *plan, struct metadata *metadata)
{
	switch (code) {
	case OPTION_KERNEL:
		return &plan->kernel;
	case OPTION_CMDLINE:
		return &plan->cmdline;
	case OPTION_OUTPUT:
		return &plan->output;
	case OPTION_KERNEL_CONFIG:
		return &metadata->kernel_config;
	case OPTION_NAME:
		return &metadata->name;
	case OPTION_VERSION:
		return &metadata->version;
	case OPTION_METADATA:
		return &metadata->custom;
	case OPTION_BUILD_TIME:
		return &metadata->build_time;
	case OPTION_BUILD_TOOL:
		return &metadata->build_tool;
	case OPTION_BUILD_TOOL_VERSION:
		return &metadata->build_tool_version;
	case OPTION_IMG_OS:
		return &metadata->system;
	case OPTION_IMG_KERNEL:
		return &metadata->system_version;
	default:
		return NULL;
	}
}

static int check_complete(const struct image_plan *plan, struct fault *fault)
{
	const char *missing = NULL;

	if (plan->kernel == NULL)
		missing = "--kernel";
	else if (plan->cmdline == NULL)
		missing = "--cmdline";
	else if (plan->ramdisk_count == 0)
		missing = "--ramdisk";
	else if (plan->output == NULL)
		missing = "--output";
	if (missing != NULL)
		return fault_set(fault, "usage", "build: %s is missing", missing);
	return 0;
}

static int parse(int count, char **arguments, struct image_plan *plan, struct metadata *metadata,
	struct fault *fault)
{
	int code;

	while ((code = getopt_long(count, arguments, "", options, NULL)) != -1) {
		const char **field = field_of(code, plan, metadata);

		if (code == OPTION_HELP) {
			fputs(help, stdout);
			return VERB_HELPED;
		}
		if (field != NULL)
			*field = optarg;
		else if ((code == OPTION_RAMDISK && take_ramdisk(plan, optarg, fault) < 0) ||
			 (code == OPTION_ARCH && take_arch(plan, optarg, fault) < 0))
			return -1;
		else if (code == '?')
			return usage_fault(fault, "build", arguments, optind - 1);
	}
	if (optind < count)
		return fault_set(fault, "usage", "build: what is %.80s?", arguments[optind]);
	metadata->kernel = plan->kernel;
	return check_complete(plan, fault);
}

int verb_build(int count, char **arguments, struct fault *fault)
{
	struct image_plan plan = {.program = "eif"};
	struct metadata metadata = {0};
	struct measurements measurements;
	struct emit emit;
	char *text = NULL;
	int status = parse(count, arguments, &plan, &metadata, fault);

	if (status != 0)
		return status;
	if (cpio_mtime(&plan.mtime, fault) < 0 ||
		metadata_make(&metadata, &text, &plan.metadata_size, fault) < 0)
		return -1;
	plan.metadata = text;
	status = writer_build(&plan, &measurements, fault);
	free(text);
	if (status < 0)
		return -1;
	emit_start(&emit, stdout, true);
	emit_begin(&emit, NULL, '{');
	emit_measurements(&emit, &measurements, NULL);
	emit_end(&emit, '}');
	return emit_finish(&emit, fault);
}
