/* newc: the header and the paddings of a "new ASCII" cpio member (spec/ramdisk.md), as pure
 * functions.
 *
 * A member is a header of 110 ASCII bytes, its name with a NUL, zero bytes up to a multiple of 4,
 * its data, zero bytes up to a multiple of 4. verify/newc_header.acsl says what is proved.
 */
#ifndef CLOISTER_RUNTIME_EIF_NEWC_H
#define CLOISTER_RUNTIME_EIF_NEWC_H

#include <stdint.h>

#define NEWC_HEADER_SIZE  110
#define NEWC_SIZE_MAX     4294967295u /* of a file: the size field has 32 bits */
#define NEWC_BLOCK        512         /* an archive is filled up to a multiple of this */
#define NEWC_TRAILER      "TRAILER!!!"
#define NEWC_TRAILER_SIZE 11

enum newc_field {
	NEWC_INODE,
	NEWC_MODE,
	NEWC_UID,
	NEWC_GID,
	NEWC_LINKS,
	NEWC_MTIME,
	NEWC_SIZE,
	NEWC_DEVICE_MAJOR,
	NEWC_DEVICE_MINOR,
	NEWC_SPECIAL_MAJOR, /* the device that a device node stands for */
	NEWC_SPECIAL_MINOR,
	NEWC_NAME_SIZE, /* with the NUL */
	NEWC_CHECK,     /* 0 in this format */
	NEWC_FIELDS
};

struct newc_header {
	uint32_t fields[NEWC_FIELDS];
};

/* Writes "070701" and each field as eight upper-case hexadecimal digits. */
void newc_header_encode(const struct newc_header *header, uint8_t bytes[NEWC_HEADER_SIZE]);

/* Returns how many zero bytes fill `size` up to a multiple of 4: 0 to 3. */
uint32_t newc_padding(uint64_t size);

/* Returns the bytes that a member takes, header and paddings included: a multiple of 4. */
uint64_t newc_member_size(uint32_t name_size, uint32_t data_size);

#endif
