/* layout: see layout.h. Arithmetic instead of shifts, because the proof reads it. */
#include "host/eif/layout.h"

enum field {
	FIELD_VERSION = 4,
	FIELD_FLAGS = 6,
	FIELD_MEMORY = 8,
	FIELD_CPUS = 16,
	FIELD_RESERVED = 24,
	FIELD_COUNT = 26,
	FIELD_OFFSETS = 28,
	FIELD_SIZES = 284,
	FIELD_UNUSED = 540
};

static uint16_t get16(const uint8_t *bytes)
{
	return (uint16_t)(256 * bytes[0] + bytes[1]);
}

static uint32_t get32(const uint8_t *bytes)
{
	return 65536u * get16(bytes) + get16(bytes + 2);
}

static uint64_t get64(const uint8_t *bytes)
{
	return 4294967296u * (uint64_t)get32(bytes) + get32(bytes + 4);
}

static void put16(uint8_t *bytes, uint16_t value)
{
	bytes[0] = (uint8_t)(value / 256);
	bytes[1] = (uint8_t)(value % 256);
}

static void put32(uint8_t *bytes, uint32_t value)
{
	put16(bytes, (uint16_t)(value / 65536));
	put16(bytes + 2, (uint16_t)(value % 65536));
}

static void put64(uint8_t *bytes, uint64_t value)
{
	put32(bytes, (uint32_t)(value / 4294967296u));
	put32(bytes + 4, (uint32_t)(value % 4294967296u));
}

static void get_table(const uint8_t *bytes, uint64_t *table)
{
	/*@ loop invariant at: 0 <= i <= EIF_SECTIONS_MAX;
	    loop invariant read: \forall integer j; 0 <= j < i ==> table[j] == be64(bytes + 8 * j);
	    loop assigns i, table[0 .. EIF_SECTIONS_MAX - 1];
	    loop variant EIF_SECTIONS_MAX - i; */
	for (uint32_t i = 0; i < EIF_SECTIONS_MAX; i++)
		table[i] = get64(bytes + 8 * i);
}

static void put_table(const uint64_t *table, uint8_t *bytes)
{
	/*@ loop invariant at: 0 <= i <= EIF_SECTIONS_MAX;
	    loop invariant written:
	        \forall integer j; 0 <= j < i ==> be64(bytes + 8 * j) == table[j];
	    loop assigns i, bytes[0 .. 8 * EIF_SECTIONS_MAX - 1];
	    loop variant EIF_SECTIONS_MAX - i; */
	for (uint32_t i = 0; i < EIF_SECTIONS_MAX; i++)
		put64(bytes + 8 * i, table[i]);
}

enum eif_reason eif_layout_decode(const uint8_t bytes[EIF_HEADER_SIZE], struct eif_header *header)
{
	if (bytes[0] != '.' || bytes[1] != 'e' || bytes[2] != 'i' || bytes[3] != 'f')
		return EIF_MAGIC;
	header->version = get16(bytes + FIELD_VERSION);
	header->flags = get16(bytes + FIELD_FLAGS);
	header->default_memory = get64(bytes + FIELD_MEMORY);
	header->default_cpus = get64(bytes + FIELD_CPUS);
	header->reserved = get16(bytes + FIELD_RESERVED);
	header->section_count = get16(bytes + FIELD_COUNT);
	get_table(bytes + FIELD_OFFSETS, header->section_offsets);
	get_table(bytes + FIELD_SIZES, header->section_sizes);
	header->unused = get32(bytes + FIELD_UNUSED);
	header->crc32 = get32(bytes + EIF_CRC_OFFSET);
	return EIF_OK;
}

/* Everything but the two tables. Apart, so that each half of the proof has few writes to follow. */
static void put_scalars(const struct eif_header *header, uint8_t *bytes)
{
	bytes[0] = '.';
	bytes[1] = 'e';
	bytes[2] = 'i';
	bytes[3] = 'f';
	put16(bytes + FIELD_VERSION, header->version);
	put16(bytes + FIELD_FLAGS, header->flags);
	put64(bytes + FIELD_MEMORY, header->default_memory);
	put64(bytes + FIELD_CPUS, header->default_cpus);
	put16(bytes + FIELD_RESERVED, header->reserved);
	put16(bytes + FIELD_COUNT, header->section_count);
	put32(bytes + FIELD_UNUSED, header->unused);
	put32(bytes + EIF_CRC_OFFSET, header->crc32);
}

void eif_layout_encode(const struct eif_header *header, uint8_t bytes[EIF_HEADER_SIZE])
{
	put_table(header->section_offsets, bytes + FIELD_OFFSETS);
	put_table(header->section_sizes, bytes + FIELD_SIZES);
	put_scalars(header, bytes);
}

void eif_section_decode(const uint8_t bytes[EIF_SECTION_HEADER_SIZE], struct eif_section *section)
{
	section->type = get16(bytes);
	section->flags = get16(bytes + 2);
	section->size = get64(bytes + 4);
}

void eif_section_encode(const struct eif_section *section, uint8_t bytes[EIF_SECTION_HEADER_SIZE])
{
	put16(bytes, section->type);
	put16(bytes + 2, section->flags);
	put64(bytes + 4, section->size);
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
	return check_slots(header, place);
}
