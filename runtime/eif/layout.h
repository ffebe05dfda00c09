/* layout: the fixed parts of an enclave image file (EIF), as pure functions over bytes and numbers.
 *
 * A file is a header of 548 bytes, then sections back to back, each a header of 12 bytes and its
 * data; every integer is big-endian and nothing is aligned (spec/eif.md). Nothing here reads a
 * file, allocates or calls a library; verify/eif_layout.acsl says what is proved about it.
 */
#ifndef CLOISTER_RUNTIME_EIF_LAYOUT_H
#define CLOISTER_RUNTIME_EIF_LAYOUT_H

#include <stdint.h>

#define EIF_HEADER_SIZE         548
#define EIF_SECTION_HEADER_SIZE 12
#define EIF_SECTIONS_MAX        32
#define EIF_SECTIONS_MIN        3
#define EIF_CRC_OFFSET          544 /* of the CRC in the header; the CRC covers all other bytes */
#define EIF_VERSION_WRITTEN     4
#define EIF_SIGNATURE_MAX       32768
#define EIF_METADATA_MAX        1048576
#define EIF_FLAG_AARCH64        1

#define EIF_TYPE_KERNEL    1
#define EIF_TYPE_CMDLINE   2
#define EIF_TYPE_RAMDISK   3
#define EIF_TYPE_SIGNATURE 4 /* since version 3 */
#define EIF_TYPE_METADATA  5 /* since version 4, where it is mandatory */

struct eif_header {
	uint16_t version;
	uint16_t flags; /* EIF_FLAG_AARCH64 or 0 */
	uint64_t default_memory;
	uint64_t default_cpus;
	uint16_t reserved;
	uint16_t section_count;
	uint64_t section_offsets[EIF_SECTIONS_MAX]; /* where each section's header begins */
	uint64_t section_sizes[EIF_SECTIONS_MAX]; /* bytes of data, without the section's header */
	uint32_t unused;
	uint32_t crc32;
};

struct eif_section {
	uint16_t type;
	uint16_t flags;
	uint64_t size;
};

/* Why an image is refused. spec/eif.md has a line for each. */
enum eif_reason {
	EIF_OK,
	EIF_SHORT,         /* fewer bytes than a header */
	EIF_MAGIC,         /* does not begin with ".eif" */
	EIF_VERSION,       /* not 2, 3 or 4 */
	EIF_FLAGS,         /* header flags other than the architecture */
	EIF_RESERVED,      /* a reserved header field is not 0 */
	EIF_COUNT,         /* fewer than 3 sections or more than 32 */
	EIF_OVERLAP,       /* a section begins before the one in front ends */
	EIF_GAP,           /* bytes between two sections that belong to none */
	EIF_OVERRUN,       /* a section ends after the end of the file */
	EIF_SLOT,          /* an unused slot of the tables is not 0 */
	EIF_TAIL,          /* bytes after the last section */
	EIF_SECTION_TYPE,  /* unknown, or unknown to the file's version */
	EIF_SECTION_FLAGS, /* not 0 */
	EIF_SECTION_SIZE,  /* the section's header and the file's header differ on its size */
	EIF_SECTION_LIMIT, /* a signature or metadata section beyond its limit */
	EIF_ORDER,         /* a ramdisk before the kernel */
	EIF_KERNEL,        /* not exactly one */
	EIF_CMDLINE,       /* not exactly one */
	EIF_RAMDISK,       /* none */
	EIF_METADATA,      /* more than one, or none in version 4 */
	EIF_SIGNATURE,     /* more than one */
	EIF_REASONS        /* how many reasons there are */
};

/* Where the first fault was found, and what was there. Only set when a reason is returned. */
struct eif_place {
	uint32_t section;  /* number of the section, from 0; EIF_SECTIONS_MAX: no section's fault */
	uint64_t offset;   /* of the field in the file */
	uint64_t expected; /* the value or the limit that was right */
	uint64_t found;
};

/* Which section holds what. EIF_SECTIONS_MAX stands for "none". */
struct eif_contents {
	uint32_t kernel;
	uint32_t cmdline;
	uint32_t first_ramdisk;
	uint32_t metadata;
	uint32_t signature;
};

/* Reads the header. The only fault here is EIF_MAGIC; values are judged by eif_layout_check. */
enum eif_reason eif_layout_decode(const uint8_t bytes[EIF_HEADER_SIZE], struct eif_header *header);

/* Writes the header, the CRC field included. eif_layout_decode gives back the same header. */
void eif_layout_encode(const struct eif_header *header, uint8_t bytes[EIF_HEADER_SIZE]);

/* Reads a section's header. Every value is possible here. */
void eif_section_decode(const uint8_t bytes[EIF_SECTION_HEADER_SIZE], struct eif_section *section);

/* Writes a section's header. */
void eif_section_encode(const struct eif_section *section, uint8_t bytes[EIF_SECTION_HEADER_SIZE]);

/* Judges the header of a file of file_size bytes. EIF_OK means: the sections follow each other
 * without gap or overlap from byte 548 to the last byte of the file, and every fixed field holds
 * what the format allows. */
enum eif_reason eif_layout_check(
	const struct eif_header *header, uint64_t file_size, struct eif_place *place);

/* Judges each section's header by itself, `sections` holding header->section_count of them, after
 * eif_layout_check accepted the file's header. */
enum eif_reason eif_layout_sections(const struct eif_header *header,
	const struct eif_section sections[EIF_SECTIONS_MAX], struct eif_place *place);

/* Says which section holds what. EIF_OK means that every kind is there as often as it has to be,
 * and that `contents` is right. */
enum eif_reason eif_layout_contents(const struct eif_header *header,
	const struct eif_section sections[EIF_SECTIONS_MAX], struct eif_contents *contents);

#endif
