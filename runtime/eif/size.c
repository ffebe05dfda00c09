/* size: see size.h. */
#include "runtime/eif/size.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/eif/emit.h"

#define MIB        1048576u
#define MAGIC_SIZE 6u

/* The least number of MiB that holds so many bytes so many times: `times` divides a MiB. */
static uint64_t mib_of(uint64_t bytes, uint64_t times)
{
	return bytes / (MIB / times) + (bytes % (MIB / times) != 0);
}

/* Whether a section begins as one of the compressed kinds that kernels unpack. */
static bool is_compressed(const struct image *image, uint32_t section)
{
	static const struct {
		const char *bytes;
		size_t size;
	} magics[] = {{"\x1f\x8b", 2},
		{"\xfd"
		 "7zXZ",
			6},
		{"\x28\xb5\x2f\xfd", 4}, {"\x02\x21\x4c\x18", 4}, {"BZh", 3}, {"\x5d\x00\x00", 3},
		{"\x89LZO", 4}};
	char begin[MAGIC_SIZE] = {0};
	uint64_t place = image->header.section_offsets[section] + EIF_SECTION_HEADER_SIZE;

	if (image->sections[section].size < MAGIC_SIZE ||
		pread(image->fd, begin, MAGIC_SIZE, (off_t)place) != (ssize_t)MAGIC_SIZE)
		return false;
	for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
		if (memcmp(begin, magics[i].bytes, magics[i].size) == 0)
			return true;
	return false;
}

void size_of(const struct image *image, uint32_t run_time, struct size_need *need)
{
	*need = (struct size_need){.image = image->size, .run_time = run_time};
	for (uint32_t i = 0; i < image->header.section_count; i++) {
		if (image->sections[i].type != EIF_TYPE_RAMDISK)
			continue;
		need->ramdisks += image->sections[i].size;
		need->compressed = need->compressed || is_compressed(image, i);
	}
	need->demanded = mib_of(image->size, 4);
	need->advised = mib_of(need->ramdisks, 2) + run_time;
	if (need->advised < need->demanded)
		need->advised = need->demanded;
}

static int print_json(FILE *file, const struct size_need *need, struct fault *fault)
{
	struct emit emit;

	emit_start(&emit, file, true);
	emit_begin(&emit, NULL, '{');
	emit_integer(&emit, "EifSize", need->image);
	emit_integer(&emit, "RamdiskSize", need->ramdisks);
	emit_bool(&emit, "Compressed", need->compressed);
	emit_integer(&emit, "DemandedMiB", need->demanded);
	emit_integer(&emit, "RunTimeMiB", need->run_time);
	emit_integer(&emit, "AdvisedMiB", need->advised);
	emit_end(&emit, '}');
	return emit_finish(&emit, fault);
}

int size_print(FILE *file, const struct size_need *need, bool as_json, struct fault *fault)
{
	errno = 0;
	if (as_json)
		return print_json(file, need, fault);
	fprintf(file,
		"image       %llu bytes, of which ramdisks %llu\n"
		"demanded    %llu MiB: 4 times the image, or nitro-cli refuses (E26)\n"
		"advised     %llu MiB: twice the ramdisks and %llu MiB to run, and no less "
		"than is demanded\n%s",
		(unsigned long long)need->image, (unsigned long long)need->ramdisks,
		(unsigned long long)need->demanded, (unsigned long long)need->advised,
		(unsigned long long)need->run_time,
		need->compressed ? "            A ramdisk is compressed: add what it unpacks "
				   "to (--run-time).\n"
				 : "");
	if (fflush(file) != 0 || ferror(file))
		return fault_io(fault, errno == 0 ? EIO : errno, "writing the output failed");
	return 0;
}

/* --- The verb --------------------------------------------------------------------------------- */

static void print_help(const char *program)
{
	printf("usage: %s size FILE [--run-time MIB] [--json]\n"
	       "\n"
	       "Prints the size of an image, the memory that nitro-cli demands for it, and what\n"
	       "is advised: a ramdisk is in memory twice while it is unpacked, and then\n"
	       "applications run beside their files.\n"
	       "\n"
	       "  --run-time MIB   what runs needs so much; %u\n"
	       "  --json           the same as JSON\n",
		program, SIZE_RUN_TIME);
}

static int take_run_time(const char *text, uint32_t *run_time, struct fault *fault)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end != '\0' || errno != 0 ||
		value > SIZE_RUN_TIME_MAX)
		return fault_set(fault, "usage", "--run-time wants MiB from 0 to %u, not '%.100s'",
			SIZE_RUN_TIME_MAX, text);
	*run_time = (uint32_t)value;
	return 0;
}

static int show(const char *path, uint32_t run_time, bool as_json, struct fault *fault)
{
	struct size_need need;
	struct image image;

	if (image_open(&image, path, fault) < 0)
		return -1;
	size_of(&image, run_time, &need);
	image_close(&image);
	return size_print(stdout, &need, as_json, fault);
}

int size_verb(const char *program, int count, char **arguments, struct fault *fault)
{
	static const struct option options[] = {
		{"run-time", required_argument, NULL, 'r'},
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	uint32_t run_time = SIZE_RUN_TIME;
	bool as_json = false;
	int code;

	while ((code = getopt_long(count, arguments, "", options, NULL)) != -1) {
		if (code == 'h') {
			print_help(program);
			return 1;
		}
		if (code == '?')
			return fault_set(fault, "usage",
				"size: unknown option, or its value is missing: %.200s",
				arguments[optind - 1]);
		if (code == 'r' && take_run_time(optarg, &run_time, fault) < 0)
			return -1;
		as_json = as_json || code == 'j';
	}
	if (optind + 1 != count)
		return fault_set(fault, "usage", "size: give one image file");
	return show(arguments[optind], run_time, as_json, fault);
}
