/* eif_image: a whole image file, opened and read to its end: any bytes as they are, or an image
 * that is made here and then bent in one byte. What is opened is made of its sections and nothing
 * else, its CRC is that of its bytes, and whatever signature and metadata hold does no harm. */
#include <fcntl.h>
#include <libdeflate.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz/input.h"
#include "runtime/eif/metadata.h"
#include "runtime/eif/reader.h"
#include "runtime/eif/signature.h"

#define FILE_MAX 65536

static uint8_t file[FILE_MAX];

/* Sections follow each other: a type, a length, so many bytes. Without input: the least image. */
static size_t make_image(const uint8_t *data, size_t size)
{
	static const uint8_t least[] = {1, 1, 'k', 2, 1, 'c', 5, 2, '{', '}', 3, 1, 'r'};
	struct eif_header header = {.version = 4};
	size_t end = EIF_HEADER_SIZE;

	if (size == 0) {
		data = least;
		size = sizeof least;
	}
	while (size > 0 && header.section_count < EIF_SECTIONS_MAX) {
		struct eif_section section = {.type = fuzz_byte(&data, &size) % 8};
		uint32_t i = header.section_count++;

		section.size = fuzz_byte(&data, &size);
		if (section.size > size)
			section.size = size;
		header.section_offsets[i] = end;
		header.section_sizes[i] = section.size;
		eif_section_encode(&section, file + end);
		if (section.size > 0)
			memcpy(file + end + EIF_SECTION_HEADER_SIZE, data, (size_t)section.size);
		data += section.size;
		size -= (size_t)section.size;
		end += EIF_SECTION_HEADER_SIZE + (size_t)section.size;
	}
	eif_layout_encode(&header, file);
	return end;
}

static void check_sections(const struct image *image)
{
	static struct signature signature; /* too large for a stack */
	struct fault fault;

	for (uint32_t i = 0; i < image->header.section_count; i++) {
		size_t at = (size_t)image->header.section_offsets[i] + EIF_SECTION_HEADER_SIZE;
		size_t length = (size_t)image->sections[i].size;
		uint8_t *bytes;

		FUZZ_REQUIRE(image_section(image, i, &bytes, &fault) == 0);
		FUZZ_REQUIRE(memcmp(bytes, file + at, length) == 0 && bytes[length] == '\0');
		if (i == image->contents.signature)
			(void)signature_decode(bytes, length, &signature, &fault);
		if (i == image->contents.metadata)
			json_decref(metadata_read((const char *)bytes, length, "fuzz", &fault));
		free(bytes);
	}
}

static void check_flow(const struct image *image, size_t size)
{
	uint32_t command = image->contents.cmdline, crc;
	const uint8_t *line =
		file + image->header.section_offsets[command] + EIF_SECTION_HEADER_SIZE;
	int plain = memchr(line, '\0', (size_t)image->sections[command].size) == NULL;
	struct eif_stream stream;
	struct fault fault;

	crc = libdeflate_crc32(0, file, EIF_CRC_OFFSET);
	crc = libdeflate_crc32(crc, file + EIF_HEADER_SIZE, size - EIF_HEADER_SIZE);
	FUZZ_REQUIRE(eif_stream_open(&stream, NULL, NULL, 0, &fault) == 0);
	FUZZ_REQUIRE((image_flow(image, &stream, NULL, &fault) == 0) == plain);
	FUZZ_REQUIRE(!plain || stream.crc == crc);
	eif_stream_close(&stream);
}

/* Has the file's bytes without a place in a file system. */
static void write_file(int fd, size_t size)
{
	FUZZ_REQUIRE(ftruncate(fd, 0) == 0);
	FUZZ_REQUIRE(pwrite(fd, file, size, 0) == (ssize_t)size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t seed = fuzz_seed(&data, &size);
	struct fault fault = {{0}, {0}};
	struct image image;
	char path[64];
	int fd;

	if (size > FILE_MAX / 2)
		return 0;
	if (seed % 2 == 0) {
		size = make_image(data, size);
		(void)fuzz_bend(file, size, seed / 2);
	} else if (size > 0) {
		memcpy(file, data, size);
	}
	fd = memfd_create("fuzz", MFD_CLOEXEC);
	FUZZ_REQUIRE(fd >= 0);
	write_file(fd, size);
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (image_open(&image, path, &fault) == 0) {
		FUZZ_REQUIRE(image.size == size);
		check_sections(&image);
		check_flow(&image, size);
		image_close(&image);
	} else {
		FUZZ_REQUIRE(fault.word[0] != '\0' && fault.text[0] != '\0');
	}
	(void)close(fd);
	return 0;
}
