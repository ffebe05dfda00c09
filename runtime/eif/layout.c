/* layout: see layout.h. Arithmetic instead of shifts, because the proof reads it. */
#include "runtime/eif/layout.h"

#include <stddef.h>

/* Where the fields are, in bytes. */
enum field {
	FIELD_VERSION = 4,
	FIELD_FLAGS = 6,
	FIELD_RESERVED = 24,
	FIELD_COUNT = 26,
	FIELD_OFFSETS = 28,
	FIELD_SIZES = 284,
	FIELD_UNUSED = 540
};
/* The header as 32-bit words. Coding it by way of words leaves one loop that writes memory. */
enum word {
	WORD_MAGIC = 0,
	WORD_VERSION = 1, /* and flags */
	WORD_MEMORY = 2,
	WORD_CPUS = 4,
	WORD_COUNT = 6, /* behind the reserved field */
	WORD_OFFSETS = 7,
	WORD_SIZES = 71,
	WORD_UNUSED = 135,
	WORD_CRC = 136,
	WORDS = 137
};

/* By value where it is an argument: what is read can't be what is written. */
struct words {
	uint32_t at[WORDS];
};

#define MAGIC 0x2e656966u /* ".eif" */

static uint32_t get32(const uint8_t *bytes)
{
	uint32_t high = 256u * bytes[0] + bytes[1];
	uint32_t low = 256u * bytes[2] + bytes[3];

	return 65536u * high + low;
}

static void put32(uint8_t *bytes, uint32_t value)
{
	uint32_t high = value / 65536;
	uint32_t low = value % 65536;

	bytes[0] = (uint8_t)(high / 256);
	bytes[1] = (uint8_t)(high % 256);
	bytes[2] = (uint8_t)(low / 256);
	bytes[3] = (uint8_t)(low % 256);
}

static uint64_t join(uint32_t high, uint32_t low)
{
	return 4294967296u * (uint64_t)high + low;
}

enum eif_reason eif_layout_decode(const uint8_t bytes[EIF_HEADER_SIZE], struct eif_header *header)
{
	struct eif_header decoded;
	uint32_t words[WORDS];

	/*@ loop invariant at: 0 <= i <= WORDS;
	    loop invariant read: \forall integer j; 0 <= j < i ==> words[j] == word32(bytes, j);
	    loop assigns i, words[0 .. WORDS - 1];
	    loop variant WORDS - i; */
	for (size_t i = 0; i < WORDS; i++)
		words[i] = get32(bytes + 4 * i);
	if (words[WORD_MAGIC] != MAGIC)
		return EIF_MAGIC;
	/*@ loop invariant at: 0 <= i <= EIF_SECTIONS_MAX;
	    loop invariant offsets: \forall integer j; 0 <= j < i ==>
		decoded.section_offsets[j] == word64(bytes, WORD_OFFSETS + 2 * j);
	    loop invariant sizes: \forall integer j; 0 <= j < i ==>
		decoded.section_sizes[j] == word64(bytes, WORD_SIZES + 2 * j);
	    loop assigns i, decoded.section_offsets[0 .. EIF_SECTIONS_MAX - 1],
		decoded.section_sizes[0 .. EIF_SECTIONS_MAX - 1];
	    loop variant EIF_SECTIONS_MAX - i; */
	for (uint32_t i = 0; i < EIF_SECTIONS_MAX; i++) {
		decoded.section_offsets[i] =
			join(words[WORD_OFFSETS + 2 * i], words[WORD_OFFSETS + 2 * i + 1]);
		decoded.section_sizes[i] =
			join(words[WORD_SIZES + 2 * i], words[WORD_SIZES + 2 * i + 1]);
	}
	decoded.version = (uint16_t)(words[WORD_VERSION] / 65536);
	decoded.flags = (uint16_t)(words[WORD_VERSION] % 65536);
	decoded.default_memory = join(words[WORD_MEMORY], words[WORD_MEMORY + 1]);
	decoded.default_cpus = join(words[WORD_CPUS], words[WORD_CPUS + 1]);
	decoded.reserved = (uint16_t)(words[WORD_COUNT] / 65536);
	decoded.section_count = (uint16_t)(words[WORD_COUNT] % 65536);
	decoded.unused = words[WORD_UNUSED];
	decoded.crc32 = words[WORD_CRC];
	/*@ assert version: decoded.version == words[1] / 65536; */
	/*@ assert reserved: decoded.reserved == words[6] / 65536; */
	*header = decoded;
	/*@ assert offsets: \forall integer j; 0 <= j < EIF_SECTIONS_MAX ==>
		header->section_offsets[j] == decoded.section_offsets[j]; */
	/*@ assert sizes: \forall integer j; 0 <= j < EIF_SECTIONS_MAX ==>
		header->section_sizes[j] == decoded.section_sizes[j]; */
	/*@ assert bytes: \forall integer j; 0 <= j < WORDS ==> word32(bytes, j) == words[j]; */
	return EIF_OK;
}

/*@ requires \valid(bytes + (0 .. EIF_HEADER_SIZE - 1));
    assigns bytes[0 .. EIF_HEADER_SIZE - 1];
    ensures written: \forall integer i; 0 <= i < WORDS ==> word32(bytes, i) == words.at[i]; */
static void put_words(struct words words, uint8_t *bytes)
{
	/*@ loop invariant at: 0 <= i <= WORDS;
	    loop invariant written: \forall integer j; 0 <= j < i ==>
		big32(bytes + 4 * j, words.at[j]);
	    loop assigns i, bytes[0 .. EIF_HEADER_SIZE - 1];
	    loop variant WORDS - i; */
	for (size_t i = 0; i < WORDS; i++)
		put32(bytes + 4 * i, words.at[i]);
}

void eif_layout_encode(const struct eif_header *header, uint8_t bytes[EIF_HEADER_SIZE])
{
	struct words words;

	words.at[WORD_MAGIC] = MAGIC;
	words.at[WORD_VERSION] = 65536u * header->version + header->flags;
	words.at[WORD_MEMORY] = (uint32_t)(header->default_memory / 4294967296u);
	words.at[WORD_MEMORY + 1] = (uint32_t)(header->default_memory % 4294967296u);
	words.at[WORD_CPUS] = (uint32_t)(header->default_cpus / 4294967296u);
	words.at[WORD_CPUS + 1] = (uint32_t)(header->default_cpus % 4294967296u);
	words.at[WORD_COUNT] = 65536u * header->reserved + header->section_count;
	/*@ assert version: words.at[WORD_VERSION] % 65536 == header->flags; */
	/*@ assert count: words.at[WORD_COUNT] % 65536 == header->section_count; */
	words.at[WORD_UNUSED] = header->unused;
	words.at[WORD_CRC] = header->crc32;
	/*@ loop invariant at: 0 <= i <= EIF_SECTIONS_MAX;
	    loop invariant offsets: \forall integer j; 0 <= j < i ==> header->section_offsets[j] ==
		4294967296 * words.at[WORD_OFFSETS + 2 * j] + words.at[WORD_OFFSETS + 2 * j + 1];
	    loop invariant sizes: \forall integer j; 0 <= j < i ==> header->section_sizes[j] ==
		4294967296 * words.at[WORD_SIZES + 2 * j] + words.at[WORD_SIZES + 2 * j + 1];
	    loop assigns i, words.at[WORD_OFFSETS .. WORD_UNUSED - 1];
	    loop variant EIF_SECTIONS_MAX - i; */
	for (uint32_t i = 0; i < EIF_SECTIONS_MAX; i++) {
		words.at[WORD_OFFSETS + 2 * i] =
			(uint32_t)(header->section_offsets[i] / 4294967296u);
		words.at[WORD_OFFSETS + 2 * i + 1] =
			(uint32_t)(header->section_offsets[i] % 4294967296u);
		words.at[WORD_SIZES + 2 * i] = (uint32_t)(header->section_sizes[i] / 4294967296u);
		words.at[WORD_SIZES + 2 * i + 1] =
			(uint32_t)(header->section_sizes[i] % 4294967296u);
	}
	put_words(words, bytes);
}

void eif_section_decode(const uint8_t bytes[EIF_SECTION_HEADER_SIZE], struct eif_section *section)
{
	uint32_t word = get32(bytes);

	section->type = (uint16_t)(word / 65536);
	section->flags = (uint16_t)(word % 65536);
	section->size = join(get32(bytes + 4), get32(bytes + 8));
}

void eif_section_encode(const struct eif_section *section, uint8_t bytes[EIF_SECTION_HEADER_SIZE])
{
	uint32_t word = 65536u * section->type + section->flags;
	uint32_t high = (uint32_t)(section->size / 4294967296u);
	uint32_t low = (uint32_t)(section->size % 4294967296u);

	/*@ assert halves: word / 65536 == section->type && word % 65536 == section->flags; */
	put32(bytes + 4, high);
	put32(bytes + 8, low);
	put32(bytes, word);
}

/* Notes where a fault is. All four values at once, so that no check can forget one. */
static void note(struct eif_place *place, uint32_t section, uint64_t offset, uint64_t expected,
	uint64_t found)
{
	place->section = section;
	place->offset = offset;
	place->expected = expected;
	place->found = found;
}

static enum eif_reason check_fields(const struct eif_header *header, struct eif_place *place)
{
	if (header->version < 2 || header->version > 4) {
		note(place, EIF_SECTIONS_MAX, FIELD_VERSION, 4, header->version);
		return EIF_VERSION;
	}
	if (header->flags > EIF_FLAG_AARCH64) {
		note(place, EIF_SECTIONS_MAX, FIELD_FLAGS, EIF_FLAG_AARCH64, header->flags);
		return EIF_FLAGS;
	}
	if (header->reserved != 0) {
		note(place, EIF_SECTIONS_MAX, FIELD_RESERVED, 0, header->reserved);
		return EIF_RESERVED;
	}
	if (header->unused != 0) {
		note(place, EIF_SECTIONS_MAX, FIELD_UNUSED, 0, header->unused);
		return EIF_RESERVED;
	}
	if (header->section_count < EIF_SECTIONS_MIN) {
		note(place, EIF_SECTIONS_MAX, FIELD_COUNT, EIF_SECTIONS_MIN, header->section_count);
		return EIF_COUNT;
	}
	if (header->section_count > EIF_SECTIONS_MAX) {
		note(place, EIF_SECTIONS_MAX, FIELD_COUNT, EIF_SECTIONS_MAX, header->section_count);
		return EIF_COUNT;
	}
	return EIF_OK;
}

static enum eif_reason check_slots(const struct eif_header *header, struct eif_place *place)
{
	/*@ loop invariant at: header->section_count <= i <= EIF_SECTIONS_MAX;
	    loop invariant empty: \forall integer j; header->section_count <= j < i ==>
		header->section_offsets[j] == 0 && header->section_sizes[j] == 0;
	    loop assigns i;
	    loop variant EIF_SECTIONS_MAX - i; */
	for (uint32_t i = header->section_count; i < EIF_SECTIONS_MAX; i++) {
		if (header->section_offsets[i] != 0) {
			note(place, i, FIELD_OFFSETS + 8 * i, 0, header->section_offsets[i]);
			return EIF_SLOT;
		}
		if (header->section_sizes[i] != 0) {
			note(place, i, FIELD_SIZES + 8 * i, 0, header->section_sizes[i]);
			return EIF_SLOT;
		}
	}
	return EIF_OK;
}

/* Judges one entry of the tables against the byte where the section in front ended. */
static enum eif_reason check_entry(const struct eif_header *header, uint32_t i, uint64_t end,
	uint64_t file_size, struct eif_place *place)
{
	uint64_t offset = header->section_offsets[i];
	uint64_t size = header->section_sizes[i];

	if (offset != end) {
		note(place, i, FIELD_OFFSETS + 8 * i, end, offset);
		return offset < end ? EIF_OVERLAP : EIF_GAP;
	}
	if (file_size - end < EIF_SECTION_HEADER_SIZE) {
		note(place, i, FIELD_OFFSETS + 8 * i, file_size, offset);
		return EIF_OVERRUN;
	}
	if (size > file_size - end - EIF_SECTION_HEADER_SIZE) {
		note(place, i, FIELD_SIZES + 8 * i, file_size - end - EIF_SECTION_HEADER_SIZE,
			size);
		return EIF_OVERRUN;
	}
	return EIF_OK;
}

enum eif_reason eif_layout_check(
	const struct eif_header *header, uint64_t file_size, struct eif_place *place)
{
	uint64_t end = EIF_HEADER_SIZE;
	enum eif_reason reason;

	if (file_size < EIF_HEADER_SIZE) {
		note(place, EIF_SECTIONS_MAX, 0, EIF_HEADER_SIZE, file_size);
		return EIF_SHORT;
	}
	reason = check_fields(header, place);
	if (reason == EIF_OK)
		reason = check_slots(header, place);
	if (reason != EIF_OK)
		return reason;
	/*@ loop invariant at: 0 <= i <= header->section_count;
	    loop invariant inside: EIF_HEADER_SIZE <= end <= file_size;
	    loop invariant first: i == 0 ==> end == EIF_HEADER_SIZE;
	    loop invariant begin: i > 0 ==> header->section_offsets[0] == EIF_HEADER_SIZE;
	    loop invariant last: i > 0 ==> end == eif_end(header, i - 1);
	    loop invariant chain: \forall integer j; 0 < j < i ==>
		header->section_offsets[j] == eif_end(header, j - 1);
	    loop invariant before: \forall integer j; 0 <= j < i ==> eif_end(header, j) <= end;
	    loop invariant apart: \forall integer j, k; 0 <= j < k < i ==>
		eif_end(header, j) <= header->section_offsets[k];
	    loop assigns i, end, reason, *place;
	    loop variant header->section_count - i; */
	for (uint32_t i = 0; i < header->section_count; i++) {
		reason = check_entry(header, i, end, file_size, place);
		if (reason != EIF_OK)
			return reason;
		end = end + EIF_SECTION_HEADER_SIZE + header->section_sizes[i];
	}
	if (end != file_size) {
		note(place, EIF_SECTIONS_MAX, end, end, file_size);
		return EIF_TAIL;
	}
	return EIF_OK;
}

static enum eif_reason check_section(const struct eif_header *header, uint32_t i,
	const struct eif_section *section, struct eif_place *place)
{
	uint64_t at = header->section_offsets[i];
	uint16_t last = EIF_TYPE_RAMDISK;

	if (header->version >= 3)
		last = EIF_TYPE_SIGNATURE;
	if (header->version >= 4)
		last = EIF_TYPE_METADATA;
	if (section->type < EIF_TYPE_KERNEL || section->type > last) {
		note(place, i, at, last, section->type);
		return EIF_SECTION_TYPE;
	}
	if (section->flags != 0) {
		note(place, i, at + 2, 0, section->flags);
		return EIF_SECTION_FLAGS;
	}
	if (section->size != header->section_sizes[i]) {
		note(place, i, at + 4, header->section_sizes[i], section->size);
		return EIF_SECTION_SIZE;
	}
	if (section->type == EIF_TYPE_SIGNATURE && section->size > EIF_SIGNATURE_MAX) {
		note(place, i, at + 4, EIF_SIGNATURE_MAX, section->size);
		return EIF_SECTION_LIMIT;
	}
	if (section->type == EIF_TYPE_METADATA && section->size > EIF_METADATA_MAX) {
		note(place, i, at + 4, EIF_METADATA_MAX, section->size);
		return EIF_SECTION_LIMIT;
	}
	return EIF_OK;
}

enum eif_reason eif_layout_sections(const struct eif_header *header,
	const struct eif_section sections[EIF_SECTIONS_MAX], struct eif_place *place)
{
	enum eif_reason reason;

	/*@ loop invariant at: 0 <= i <= header->section_count;
	    loop invariant judged: \forall integer j; 0 <= j < i ==>
		eif_section_right(header, j, sections + j);
	    loop assigns i, reason, *place;
	    loop variant header->section_count - i; */
	for (uint32_t i = 0; i < header->section_count; i++) {
		reason = check_section(header, i, &sections[i], place);
		if (reason != EIF_OK)
			return reason;
	}
	return EIF_OK;
}

/* Returns the first section of a type at or after `from`, or EIF_SECTIONS_MAX. */
static uint32_t find(
	const struct eif_section *sections, uint32_t from, uint32_t count, uint16_t type)
{
	/*@ loop invariant at: from <= i && (from <= count ==> i <= count);
	    loop invariant none: \forall integer j; from <= j < i ==> sections[j].type != type;
	    loop assigns i;
	    loop variant count - i; */
	for (uint32_t i = from; i < count; i++) {
		if (sections[i].type == type)
			return i;
	}
	return EIF_SECTIONS_MAX;
}

/* Judges how often each kind of section is there. */
static enum eif_reason check_counts(const struct eif_header *header,
	const struct eif_section *sections, const struct eif_contents *contents)
{
	uint32_t count = header->section_count;

	if (contents->kernel == EIF_SECTIONS_MAX ||
		find(sections, contents->kernel + 1, count, EIF_TYPE_KERNEL) != EIF_SECTIONS_MAX)
		return EIF_KERNEL;
	if (contents->cmdline == EIF_SECTIONS_MAX ||
		find(sections, contents->cmdline + 1, count, EIF_TYPE_CMDLINE) != EIF_SECTIONS_MAX)
		return EIF_CMDLINE;
	if (contents->first_ramdisk == EIF_SECTIONS_MAX)
		return EIF_RAMDISK;
	if (contents->first_ramdisk < contents->kernel)
		return EIF_ORDER;
	if (header->version >= 4 && contents->metadata == EIF_SECTIONS_MAX)
		return EIF_METADATA;
	if (find(sections, contents->metadata + 1, count, EIF_TYPE_METADATA) != EIF_SECTIONS_MAX)
		return EIF_METADATA;
	if (find(sections, contents->signature + 1, count, EIF_TYPE_SIGNATURE) != EIF_SECTIONS_MAX)
		return EIF_SIGNATURE;
	return EIF_OK;
}

enum eif_reason eif_layout_contents(const struct eif_header *header,
	const struct eif_section sections[EIF_SECTIONS_MAX], struct eif_contents *contents)
{
	uint32_t count = header->section_count;

	contents->kernel = find(sections, 0, count, EIF_TYPE_KERNEL);
	contents->cmdline = find(sections, 0, count, EIF_TYPE_CMDLINE);
	contents->first_ramdisk = find(sections, 0, count, EIF_TYPE_RAMDISK);
	contents->metadata = find(sections, 0, count, EIF_TYPE_METADATA);
	contents->signature = find(sections, 0, count, EIF_TYPE_SIGNATURE);
	return check_counts(header, sections, contents);
}
