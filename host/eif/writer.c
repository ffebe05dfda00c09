/* writer: see writer.h. */
#include "host/eif/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/eif/cpio.h"

#define DEFAULT_MEMORY 0x40000000 /* what AWS's builder writes; nothing reads it */
#define DEFAULT_CPUS   2

/* Where a section's data comes from: a file, a directory, or memory. */
struct source {
	uint16_t type;
	const char *name;
	int fd;
	struct members *members;
	const void *bytes;
	uint64_t size;
};

struct writer {
	const struct image_plan *plan;
	struct source sources[EIF_SECTIONS_MAX];
	uint32_t count;
	struct eif_header header;
	struct output output;
	struct measure measure;
	struct eif_stream stream;
};

static struct source *add_source(struct writer *writer, uint16_t type, const char *name)
{
	struct source *source = &writer->sources[writer->count++];

	source->type = type;
	source->name = name;
	source->fd = -1;
	return source;
}

static void add_bytes(struct writer *writer, uint16_t type, const void *bytes, size_t size)
{
	struct source *source = add_source(writer, type, "");

	source->bytes = bytes;
	source->size = size;
}

/* Lists a directory, so that the size of its ramdisk is known. */
static int list_directory(struct writer *writer, struct source *source, struct fault *fault)
{
	source->members = calloc(1, sizeof *source->members);
	if (source->members == NULL)
		return fault_set(fault, "memory", "no memory for %s", source->name);
	if (members_open(source->members, NULL, writer->plan->output, fault) < 0 ||
		members_add_directory(source->members, source->name, fault) < 0 ||
		members_finish(source->members, fault) < 0)
		return -1;
	members_warn(source->members, writer->plan->program);
	source->size = cpio_size(source->members);
	return 0;
}

static int add_file(struct writer *writer, uint16_t type, const char *path, struct fault *fault)
{
	struct source *source = add_source(writer, type, path);
	struct stat status;

	source->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (source->fd < 0 || fstat(source->fd, &status) < 0)
		return fault_set(fault, "input", "can't read %s: %s", path, strerror(errno));
	if (type == EIF_TYPE_RAMDISK && S_ISDIR(status.st_mode))
		return list_directory(writer, source, fault);
	if (!S_ISREG(status.st_mode))
		return fault_set(fault, "input", "can't read %s: it is no regular file%s", path,
			type == EIF_TYPE_RAMDISK ? " and no directory" : "");
	(void)posix_fadvise(source->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	source->size = (uint64_t)status.st_size;
	return 0;
}

/* AWS's order: kernel, command line, metadata, ramdisks. */
static int add_all(struct writer *writer, struct fault *fault)
{
	const struct image_plan *plan = writer->plan;

	if (add_file(writer, EIF_TYPE_KERNEL, plan->kernel, fault) < 0)
		return -1;
	add_bytes(writer, EIF_TYPE_CMDLINE, plan->cmdline, strlen(plan->cmdline));
	add_bytes(writer, EIF_TYPE_METADATA, plan->metadata, plan->metadata_size);
	for (size_t i = 0; i < plan->ramdisk_count; i++) {
		if (add_file(writer, EIF_TYPE_RAMDISK, plan->ramdisks[i], fault) < 0)
			return -1;
	}
	return 0;
}

/* Fills the header, except for the CRC. Returns the size that the file will have. */
static uint64_t lay_out(struct writer *writer)
{
	struct eif_header *header = &writer->header;
	uint64_t end = EIF_HEADER_SIZE;

	header->version = EIF_VERSION_WRITTEN;
	header->flags = writer->plan->flags;
	header->default_memory = DEFAULT_MEMORY;
	header->default_cpus = DEFAULT_CPUS;
	header->section_count = (uint16_t)writer->count;
	for (uint32_t i = 0; i < writer->count; i++) {
		header->section_offsets[i] = end;
		header->section_sizes[i] = writer->sources[i].size;
		end += EIF_SECTION_HEADER_SIZE + writer->sources[i].size;
	}
	return end;
}

static int write_data(struct writer *writer, const struct source *source, struct fault *fault)
{
	if (source->members != NULL)
		return cpio_write(source->members, writer->plan->mtime, &writer->stream, fault);
	if (source->bytes != NULL)
		return eif_stream_write(
			&writer->stream, source->bytes, (size_t)source->size, fault);
	return eif_stream_file(&writer->stream, source->fd, source->size, source->name, fault);
}

static int write_section(struct writer *writer, uint32_t i, bool first_ramdisk, struct fault *fault)
{
	const struct source *source = &writer->sources[i];
	struct eif_section section = {.type = source->type, .size = source->size};
	uint8_t bytes[EIF_SECTION_HEADER_SIZE];

	eif_section_encode(&section, bytes);
	if (eif_stream_raw(&writer->stream, bytes, sizeof bytes, fault) < 0)
		return -1;
	eif_stream_begin(&writer->stream, i, source->type, first_ramdisk);
	if (write_data(writer, source, fault) < 0)
		return -1;
	return eif_stream_end(&writer->stream, fault);
}

/* Writes the file from its first byte to its last, then the CRC into the header. */
static int write_file(struct writer *writer, struct fault *fault)
{
	uint8_t bytes[EIF_HEADER_SIZE];
	bool first_ramdisk = true;

	eif_layout_encode(&writer->header, bytes);
	if (eif_stream_raw(&writer->stream, bytes, EIF_CRC_OFFSET, fault) < 0 ||
		output_write(&writer->output, bytes + EIF_CRC_OFFSET,
			EIF_HEADER_SIZE - EIF_CRC_OFFSET, fault) < 0)
		return -1;
	for (uint32_t i = 0; i < writer->count; i++) {
		bool ramdisk = writer->sources[i].type == EIF_TYPE_RAMDISK;

		if (write_section(writer, i, ramdisk && first_ramdisk, fault) < 0)
			return -1;
		if (ramdisk)
			first_ramdisk = false;
	}
	writer->header.crc32 = writer->stream.crc;
	eif_layout_encode(&writer->header, bytes);
	return output_write_at(&writer->output, bytes + EIF_CRC_OFFSET,
		EIF_HEADER_SIZE - EIF_CRC_OFFSET, EIF_CRC_OFFSET, fault);
}

static int build(struct writer *writer, struct measurements *measurements, struct fault *fault)
{
	uint64_t total;

	if (add_all(writer, fault) < 0)
		return -1;
	total = lay_out(writer);
	if (output_open(&writer->output, writer->plan->output, true, fault) < 0 ||
		measure_start(&writer->measure, false, fault) < 0 ||
		eif_stream_open(&writer->stream, &writer->measure, &writer->output, total, fault) <
			0)
		return -1;
	if (write_file(writer, fault) < 0 ||
		measure_finish(&writer->measure, measurements, fault) < 0)
		return -1;
	return output_commit(&writer->output, fault);
}

int writer_build(
	const struct image_plan *plan, struct measurements *measurements, struct fault *fault)
{
	struct writer *writer = calloc(1, sizeof *writer);
	int status;

	if (writer == NULL)
		return fault_set(fault, "memory", "no memory to build an image");
	writer->plan = plan;
	writer->output.fd = -1;
	status = build(writer, measurements, fault);
	measure_free(&writer->measure);
	eif_stream_close(&writer->stream);
	output_discard(&writer->output);
	for (uint32_t i = 0; i < writer->count; i++) {
		if (writer->sources[i].fd >= 0)
			(void)close(writer->sources[i].fd);
		if (writer->sources[i].members != NULL)
			members_close(writer->sources[i].members);
		free(writer->sources[i].members);
	}
	free(writer);
	return status;
}
