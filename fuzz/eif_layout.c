/* eif_layout: the fixed parts of an image file. Decoding is the inverse of encoding, for any bytes;
 * and an image is accepted exactly if it is what spec/eif.md says, written down a second time here.
 * The input is a seed, and then any 548 bytes as a header; or, when the seed is even, a second seed
 * and a few bytes for the header and for each section, of which most values make what is right. */
#include "runtime/eif/layout.h"

#include "fuzz/input.h"

typedef unsigned __int128 wide; /* no sum of 32 sizes overflows it */

#define ODD 250 /* a byte from here on stands for itself, right or not */

static uint16_t value(uint8_t byte, uint16_t least, uint16_t count)
{
	return (uint16_t)(byte < ODD ? least + byte % count : byte);
}

static void make_header(struct eif_header *header, const uint8_t **data, size_t *size)
{
	memset(header, 0, sizeof *header);
	header->version = value(fuzz_byte(data, size), 2, 3);
	header->flags = value(fuzz_byte(data, size), 0, 2);
	header->reserved = value(fuzz_byte(data, size), 0, 1);
	header->unused = value(fuzz_byte(data, size), 0, 1);
	header->section_count = value(fuzz_byte(data, size), 3, 5);
}

/* Three bytes each: a size, a type, and what else is wrong. */
static void make_sections(
	struct eif_header *header, struct eif_section *sections, const uint8_t **data, size_t *size)
{
	uint64_t end = EIF_HEADER_SIZE;

	for (uint32_t i = 0; i < header->section_count && i < EIF_SECTIONS_MAX; i++) {
		uint8_t odd;

		header->section_offsets[i] = end;
		header->section_sizes[i] = fuzz_amount(fuzz_byte(data, size));
		sections[i].type = value(fuzz_byte(data, size), 1, 5);
		odd = fuzz_byte(data, size);
		sections[i].flags = odd == 255;
		sections[i].size = header->section_sizes[i] + (odd == 254);
		end += EIF_SECTION_HEADER_SIZE + header->section_sizes[i];
	}
}

/* Where the sections end that the header speaks of. */
static wide end_of(const struct eif_header *header)
{
	wide end = EIF_HEADER_SIZE;

	for (uint32_t i = 0; i < header->section_count && i < EIF_SECTIONS_MAX; i++)
		end += (wide)EIF_SECTION_HEADER_SIZE + header->section_sizes[i];
	return end;
}

static int header_is_right(const struct eif_header *header, uint64_t file_size)
{
	wide end = EIF_HEADER_SIZE;

	if (file_size < EIF_HEADER_SIZE || header->version < 2 || header->version > 4 ||
		header->flags > 1 || header->reserved != 0 || header->unused != 0 ||
		header->section_count < 3 || header->section_count > 32)
		return 0;
	for (uint32_t i = 0; i < 32; i++) {
		int used = i < header->section_count;

		if (header->section_offsets[i] != (used ? end : 0))
			return 0;
		if (!used && header->section_sizes[i] != 0)
			return 0;
		if (used)
			end += (wide)12 + header->section_sizes[i];
	}
	return end == file_size;
}

static int sections_are_right(const struct eif_header *header, const struct eif_section *sections)
{
	static const uint16_t last[] = {0, 0, 3, 4, 5};

	for (uint32_t i = 0; i < header->section_count; i++) {
		const struct eif_section *section = &sections[i];

		if (section->type < 1 || section->type > last[header->version] ||
			section->flags != 0 || section->size != header->section_sizes[i] ||
			(section->type == 4 && section->size > 32768) ||
			(section->type == 5 && section->size > 1048576))
			return 0;
	}
	return 1;
}

/* Counts each type; where the first of each is has to be what the product says. */
static int contents_are_right(const struct eif_header *header, const struct eif_section *sections,
	const struct eif_contents *contents)
{
	const uint32_t *said[6] = {NULL, &contents->kernel, &contents->cmdline,
		&contents->first_ramdisk, &contents->signature, &contents->metadata};
	uint32_t count[6] = {0}, first[6] = {32, 32, 32, 32, 32, 32};

	for (uint32_t i = header->section_count; i-- > 0;) {
		count[sections[i].type]++;
		first[sections[i].type] = i;
	}
	for (int type = 1; type <= 5; type++)
		FUZZ_REQUIRE(*said[type] == first[type]);
	return count[1] == 1 && count[2] == 1 && count[3] >= 1 && first[3] > first[1] &&
	       count[4] <= 1 && count[5] <= 1 && (header->version < 4 || count[5] == 1);
}

static void check_sections(
	const struct eif_header *header, struct eif_section *sections, struct eif_place *place)
{
	struct eif_contents contents;
	enum eif_reason reason;

	for (uint32_t i = 0; i < header->section_count; i++) {
		uint8_t bytes[EIF_SECTION_HEADER_SIZE], again[EIF_SECTION_HEADER_SIZE];
		struct eif_section decoded;

		eif_section_encode(&sections[i], bytes);
		eif_section_decode(bytes, &decoded);
		eif_section_encode(&decoded, again);
		FUZZ_REQUIRE(memcmp(bytes, again, sizeof bytes) == 0);
		FUZZ_REQUIRE(decoded.type == sections[i].type &&
			     decoded.flags == sections[i].flags &&
			     decoded.size == sections[i].size);
	}
	reason = eif_layout_sections(header, sections, place);
	FUZZ_REQUIRE((reason == EIF_OK) == sections_are_right(header, sections));
	if (reason != EIF_OK)
		return;
	reason = eif_layout_contents(header, sections, &contents);
	FUZZ_REQUIRE((reason == EIF_OK) == contents_are_right(header, sections, &contents));
}

/* Any bytes with the magic in front are a header, which is the same bytes again. */
static int decode(const uint8_t bytes[EIF_HEADER_SIZE], struct eif_header *header)
{
	enum eif_reason reason = eif_layout_decode(bytes, header);
	uint8_t again[EIF_HEADER_SIZE];

	FUZZ_REQUIRE(reason == (memcmp(bytes, ".eif", 4) == 0 ? EIF_OK : EIF_MAGIC));
	if (reason != EIF_OK)
		return -1;
	eif_layout_encode(header, again);
	FUZZ_REQUIRE(memcmp(bytes, again, EIF_HEADER_SIZE) == 0);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t seed = fuzz_seed(&data, &size);
	struct eif_section sections[EIF_SECTIONS_MAX] = {{0}};
	uint8_t bytes[EIF_HEADER_SIZE] = {0};
	struct eif_place place = {99, 0, 0, 0};
	struct eif_header header;
	enum eif_reason reason;
	uint64_t file_size;

	if (seed % 2 == 0) {
		uint32_t how = fuzz_seed(&data, &size);

		make_header(&header, &data, &size);
		make_sections(&header, sections, &data, &size);
		eif_layout_encode(&header, bytes);
		(void)fuzz_bend(bytes, sizeof bytes, how);
	} else if (size > 0) {
		memcpy(bytes, data, size < sizeof bytes ? size : sizeof bytes);
	}
	if (decode(bytes, &header) < 0)
		return 0;
	file_size = (uint64_t)end_of(&header) + seed / 2 % 8;
	if (seed / 16 % 2 == 1)
		file_size -= seed / 32 % 1024;
	reason = eif_layout_check(&header, file_size, &place);
	FUZZ_REQUIRE((reason == EIF_OK) == header_is_right(&header, file_size));
	FUZZ_REQUIRE(reason == EIF_OK || (reason < EIF_REASONS && place.section <= 32));
	if (reason == EIF_OK)
		check_sections(&header, sections, &place);
	return 0;
}
