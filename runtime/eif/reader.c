/* reader: see reader.h. */
#include "runtime/eif/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/eif/refusal.h"

/* Reads exactly `size` bytes at an offset. */
static int read_at(
	const struct image *image, void *bytes, size_t size, uint64_t offset, struct fault *fault)
{
	char *next = bytes;

	while (size > 0) {
		ssize_t got = pread(image->fd, next, size, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fault_io(fault, errno, "reading %s failed", image->path);
		if (got == 0)
			return fault_set(fault, "changed", "%s became shorter while it was read",
				image->path);
		next += got;
		offset += (uint64_t)got;
		size -= (size_t)got;
	}
	return 0;
}

/* When the tables do not fit the file, tells the reason apart that a tool left in them which
 * changed a section without its entry: then the section in question names another size itself. */
static enum eif_reason look_closer(
	const struct image *image, enum eif_reason reason, struct eif_place *place)
{
	uint8_t bytes[EIF_SECTION_HEADER_SIZE];
	const struct eif_header *header = &image->header;
	struct eif_section section;
	struct fault ignored = {0};
	uint32_t i = place->section;

	if (reason == EIF_TAIL)
		i = header->section_count;
	if ((reason == EIF_TAIL || reason == EIF_GAP || reason == EIF_OVERLAP) && i > 0)
		i--;
	else if (reason != EIF_OVERRUN)
		return reason;
	if (image->size < EIF_SECTION_HEADER_SIZE ||
		header->section_offsets[i] > image->size - EIF_SECTION_HEADER_SIZE ||
		read_at(image, bytes, sizeof bytes, header->section_offsets[i], &ignored) < 0)
		return reason;
	eif_section_decode(bytes, &section);
	if (section.size == header->section_sizes[i])
		return reason;
	place->section = i;
	place->offset = header->section_offsets[i] + 4;
	place->expected = header->section_sizes[i];
	place->found = section.size;
	return EIF_SECTION_SIZE;
}

static int judge_header(struct image *image, struct fault *fault)
{
	uint8_t bytes[EIF_HEADER_SIZE];
	struct eif_place place = {EIF_SECTIONS_MAX, 0, EIF_HEADER_SIZE, image->size};
	enum eif_reason reason = EIF_SHORT;

	if (image->size < EIF_HEADER_SIZE)
		return reason_fault(fault, image->path, reason, &place);
	if (read_at(image, bytes, sizeof bytes, 0, fault) < 0)
		return -1;
	reason = eif_layout_decode(bytes, &image->header);
	if (reason == EIF_OK)
		reason = eif_layout_check(&image->header, image->size, &place);
	if (reason != EIF_OK)
		reason = look_closer(image, reason, &place);
	if (reason != EIF_OK)
		return reason_fault(fault, image->path, reason, &place);
	return 0;
}

static int judge_sections(struct image *image, struct fault *fault)
{
	uint8_t bytes[EIF_SECTION_HEADER_SIZE];
	struct eif_place place = {EIF_SECTIONS_MAX, 0, 0, 0};
	enum eif_reason reason;

	for (uint32_t i = 0; i < image->header.section_count; i++) {
		uint64_t offset = image->header.section_offsets[i];

		if (read_at(image, bytes, sizeof bytes, offset, fault) < 0)
			return -1;
		eif_section_decode(bytes, &image->sections[i]);
	}
	reason = eif_layout_sections(&image->header, image->sections, &place);
	if (reason == EIF_OK)
		reason = eif_layout_contents(&image->header, image->sections, &image->contents);
	if (reason != EIF_OK)
		return reason_fault(fault, image->path, reason, &place);
	return 0;
}

int image_open(struct image *image, const char *path, struct fault *fault)
{
	struct stat status;

	memset(image, 0, sizeof *image);
	image->path = path;
	image->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (image->fd < 0)
		return fault_set(fault, "input", "can't read %s: %s", path, strerror(errno));
	if (fstat(image->fd, &status) < 0 || !S_ISREG(status.st_mode)) {
		image_close(image);
		return fault_set(fault, "input", "can't read %s: it is no regular file", path);
	}
	image->size = (uint64_t)status.st_size;
	if (judge_header(image, fault) < 0 || judge_sections(image, fault) < 0) {
		image_close(image);
		return -1;
	}
	return 0;
}

void image_close(struct image *image)
{
	if (image->fd >= 0)
		(void)close(image->fd);
	image->fd = -1;
}

/* A command line, like eif_stream_file, but looked through for NULs. */
static int flow_cmdline(
	const struct image *image, struct eif_stream *stream, uint64_t size, struct fault *fault)
{
	while (size > 0) {
		size_t room;
		uint8_t *to = eif_stream_room(stream, &room);
		ssize_t got;

		if (room > size)
			room = (size_t)size;
		got = read(image->fd, to, room);
		if (got <= 0)
			return fault_io(
				fault, got < 0 ? errno : EIO, "reading %s failed", image->path);
		if (memchr(to, '\0', (size_t)got) != NULL)
			return fault_set(fault, "cmdline-nul",
				"%s: the command line (section %u) contains a NUL", image->path,
				image->contents.cmdline);
		size -= (uint64_t)got;
		if (eif_stream_advance(stream, (size_t)got, fault) < 0)
			return -1;
	}
	return 0;
}

static int flow_section(const struct image *image, struct eif_stream *stream, uint32_t i,
	struct output *outputs, struct fault *fault)
{
	const struct eif_section *section = &image->sections[i];
	uint8_t bytes[EIF_SECTION_HEADER_SIZE];
	off_t offset = (off_t)image->header.section_offsets[i] + EIF_SECTION_HEADER_SIZE;

	stream->output = NULL;
	eif_section_encode(section, bytes);
	if (eif_stream_raw(stream, bytes, sizeof bytes, fault) < 0)
		return -1;
	if (outputs != NULL)
		stream->output = &outputs[i];
	if (lseek(image->fd, offset, SEEK_SET) < 0)
		return fault_io(fault, errno, "reading %s failed", image->path);
	eif_stream_begin(stream, i, section->type, i == image->contents.first_ramdisk);
	if (section->type == EIF_TYPE_CMDLINE) {
		if (flow_cmdline(image, stream, section->size, fault) < 0)
			return -1;
	} else if (eif_stream_file(stream, image->fd, section->size, image->path, fault) < 0) {
		return -1;
	}
	return eif_stream_end(stream, fault);
}

int image_flow(const struct image *image, struct eif_stream *stream, struct output *outputs,
	struct fault *fault)
{
	uint8_t bytes[EIF_HEADER_SIZE];

	(void)posix_fadvise(image->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	stream->output = NULL;
	eif_layout_encode(&image->header, bytes);
	if (eif_stream_raw(stream, bytes, EIF_CRC_OFFSET, fault) < 0)
		return -1;
	for (uint32_t i = 0; i < image->header.section_count; i++) {
		if (flow_section(image, stream, i, outputs, fault) < 0)
			return -1;
	}
	return 0;
}

int image_section(const struct image *image, uint32_t section, uint8_t **bytes, struct fault *fault)
{
	size_t size = (size_t)image->sections[section].size;

	*bytes = malloc(size + 1);
	if (*bytes == NULL)
		return fault_set(fault, "memory", "no memory for %zu bytes", size);
	(*bytes)[size] = '\0';
	if (read_at(image, *bytes, size,
		    image->header.section_offsets[section] + EIF_SECTION_HEADER_SIZE, fault) < 0) {
		free(*bytes);
		*bytes = NULL;
		return -1;
	}
	return 0;
}

const char *image_type_name(uint16_t type)
{
	static const char *const names[] = {
		"invalid", "kernel", "cmdline", "ramdisk", "signature", "metadata"};

	return type <= EIF_TYPE_METADATA ? names[type] : names[0];
}
