/* newc_reader: ramdisks of any bytes: plain ones as they come, and packed by us, for a fuzzer finds
 * no checksums. Oracles: reading ends; what is read is bounded by what there is; the same bytes
 * packed into one gzip member hold the same members; and where a ramdisk is cut in two makes no
 * difference. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz/input.h"
#include "runtime/eif/newc_reader.h"

#define SIZE_MAX_READ 65536u /* of an input */

/* What was read, as numbers that can be compared. */
struct read {
	int64_t status;
	uint64_t members, bytes, mixed;
};

static void mix(struct read *read, const void *bytes, size_t size)
{
	const uint8_t *byte = bytes;

	for (size_t i = 0; i < size; i++)
		read->mixed = (read->mixed ^ byte[i]) * UINT64_C(1099511628211);
}

static void read_on(struct newc_reader *reader, struct read *read, uint64_t most)
{
	static struct newc_member member;
	struct fault fault;
	uint8_t bytes[512];
	size_t done;

	while ((read->status = newc_next(reader, &member, &fault)) > 0) {
		FUZZ_REQUIRE(cpio_head_ok(&member.head));
		FUZZ_REQUIRE(member.name[member.head.name_size - 1] == '\0');
		read->members++;
		mix(read, member.name, member.head.name_size);
		do {
			if (newc_data(reader, bytes, sizeof bytes, &done, &fault) < 0) {
				read->status = -1;
				return;
			}
			read->bytes += done;
			mix(read, bytes, done);
		} while (done > 0);
		FUZZ_REQUIRE(read->members * CPIO_HEAD_SIZE + read->bytes <= most);
	}
}

/* The file's bytes as one ramdisk, or as two that are cut at `cut`. */
static struct read read_file(int fd, size_t size, size_t cut, uint64_t room, uint64_t most)
{
	static struct newc_reader reader;
	struct read read = {0};

	newc_open(&reader, fd, 0, cut, room);
	read_on(&reader, &read, most);
	if (read.status == 0 && cut < size) {
		newc_continue(&reader, cut, size - cut);
		read_on(&reader, &read, most);
	}
	newc_close(&reader);
	return read;
}

static int file_of(const void *bytes, size_t size)
{
	int fd = memfd_create("ramdisk", MFD_CLOEXEC);

	FUZZ_REQUIRE(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
	return fd;
}

static int pack(const uint8_t *bytes, size_t size, size_t *packed_size)
{
	static uint8_t packed[2 * SIZE_MAX_READ];
	z_stream stream = {.next_in = (Bytef *)(uintptr_t)bytes,
		.avail_in = (uInt)size,
		.next_out = packed,
		.avail_out = sizeof packed};

	FUZZ_REQUIRE(deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
	FUZZ_REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
	*packed_size = sizeof packed - stream.avail_out;
	FUZZ_REQUIRE(deflateEnd(&stream) == Z_OK);
	return file_of(packed, *packed_size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t seed = fuzz_seed(&data, &size);
	struct read plain, again, gzip;
	size_t packed_size;
	int fd;

	if (size > SIZE_MAX_READ)
		return 0;
	fd = file_of(data, size);
	/* A gzip member in the input may hold 64 KiB. */
	plain = read_file(fd, size, size, 65536u, size + 65536u);
	again = read_file(fd, size, size, 65536u, size + 65536u);
	FUZZ_REQUIRE(memcmp(&plain, &again, sizeof plain) == 0);
	again = read_file(fd, size, size == 0 ? 0 : seed % size, 65536u, size + 65536u);
	FUZZ_REQUIRE(again.status != 0 || memcmp(&plain, &again, sizeof plain) == 0);
	close(fd);

	fd = pack(data, size, &packed_size);
	gzip = read_file(fd, packed_size, packed_size, size, size);
	FUZZ_REQUIRE(gzip.status != 0 || memcmp(&plain, &gzip, sizeof plain) == 0);
	if (memchr(data, 0x1f, size) == NULL)
		FUZZ_REQUIRE(memcmp(&plain, &gzip, sizeof plain) == 0);
	close(fd);
	return 0;
}
