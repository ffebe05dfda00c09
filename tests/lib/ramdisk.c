/* ramdisk: see ramdisk.h. */
#include "tests/lib/ramdisk.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

struct ramdisk *ramdisk_new(void)
{
	struct ramdisk *ramdisk = calloc(1, sizeof *ramdisk);

	if (ramdisk == NULL)
		abort();
	return ramdisk;
}

void ramdisk_raw(struct ramdisk *ramdisk, const void *bytes, size_t size)
{
	if (size > RAMDISK_MAX - ramdisk->size)
		abort();
	if (size > 0)
		memcpy(ramdisk->bytes + ramdisk->size, bytes, size);
	ramdisk->size += size;
}

static void pad(struct ramdisk *ramdisk, size_t size)
{
	ramdisk_raw(ramdisk, "\0\0\0", newc_padding(size));
}

void ramdisk_member(struct ramdisk *ramdisk, const struct newc_header *header, const char *name,
	const void *data, size_t size)
{
	struct newc_header whole = *header;
	uint8_t bytes[NEWC_HEADER_SIZE];
	size_t name_size = strlen(name) + 1;

	whole.fields[NEWC_NAME_SIZE] = (uint32_t)name_size;
	whole.fields[NEWC_SIZE] = (uint32_t)size;
	newc_header_encode(&whole, bytes);
	ramdisk_raw(ramdisk, bytes, sizeof bytes);
	ramdisk_raw(ramdisk, name, name_size);
	pad(ramdisk, NEWC_HEADER_SIZE + name_size);
	ramdisk_raw(ramdisk, data, size);
	pad(ramdisk, size);
}

void ramdisk_add(struct ramdisk *ramdisk, uint32_t mode, const char *name, const char *data)
{
	struct newc_header header = {0};

	header.fields[NEWC_INODE] = ++ramdisk->inodes;
	header.fields[NEWC_MODE] = mode;
	header.fields[NEWC_LINKS] = 1;
	ramdisk_member(ramdisk, &header, name, data, strlen(data));
}

void ramdisk_end(struct ramdisk *ramdisk)
{
	struct newc_header header = {0};

	header.fields[NEWC_LINKS] = 1;
	ramdisk_member(ramdisk, &header, NEWC_TRAILER, "", 0);
}

void ramdisk_gzip(struct ramdisk *ramdisk, size_t from)
{
	z_stream stream = {0};
	uLong room = (uLong)(ramdisk->size - from) + 4096u;
	uint8_t *packed = malloc(room);

	if (packed == NULL ||
		deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	stream.next_in = ramdisk->bytes + from;
	stream.avail_in = (uInt)(ramdisk->size - from);
	stream.next_out = packed;
	stream.avail_out = (uInt)room;
	if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
		abort();
	ramdisk->size = from;
	ramdisk_raw(ramdisk, packed, room - stream.avail_out);
	(void)deflateEnd(&stream);
	free(packed);
}

int ramdisk_file(const struct ramdisk *ramdisk)
{
	int fd = memfd_create("ramdisk", MFD_CLOEXEC);

	if (fd < 0 || write(fd, ramdisk->bytes, ramdisk->size) != (ssize_t)ramdisk->size)
		abort();
	return fd;
}
