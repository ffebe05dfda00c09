/* cpio_head: decoder of the header of a cpio member, "new ASCII" form. Page: spec/cpio_head.md. */
#ifndef CLOISTER_FSM_CPIO_HEAD_H
#define CLOISTER_FSM_CPIO_HEAD_H

#include <stddef.h>
#include <stdint.h>

#define CPIO_HEAD_SIZE     110u  /* bytes of a header */
#define CPIO_HEAD_NAME_MAX 4096u /* bytes of a name with its NUL */

/* What a hexadecimal digit stands for, in either case. */
#define CPIO_HEAD_DIGIT(c) ((c) <= 57u ? (c)-48u : (c) <= 70u ? (c)-55u : (c)-87u)

struct cpio_head {
	int cs;
	uint32_t summed; /* 1: form 070702, with a sum in `check`; 0: form 070701 */
	uint32_t scale;  /* 16 to the number of digits of the running number */
	uint32_t value;  /* the running number */
	uint32_t inode;
	uint32_t mode; /* kind and permissions, as in stat */
	uint32_t uid;
	uint32_t gid;
	uint32_t links;
	uint32_t mtime;
	uint32_t size; /* bytes of data */
	uint32_t device_major;
	uint32_t device_minor;
	uint32_t special_major; /* of a device node */
	uint32_t special_minor;
	uint32_t name_size; /* 1..CPIO_HEAD_NAME_MAX, with the NUL */
	uint32_t check;
};

void cpio_head_init(struct cpio_head *m);

/* One byte. A machine that has ended (cpio_head_ended) stays as it is. */
void cpio_head_step(struct cpio_head *m, uint8_t c);

/* Steps over bytes[0..n) until they are used up or the machine has ended. Returns bytes used. */
size_t cpio_head_feed(struct cpio_head *m, const uint8_t *bytes, size_t n);

#endif
