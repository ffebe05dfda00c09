/* archive: see archive.h. */
#include "runtime/eif/archive.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "runtime/eif/newc.h"
#include "runtime/kernel/machine.h"

MACHINE_BYTES(cpio_head)

#define GZIP_ONLY (15 + 16) /* window bits of zlib, and: a gzip header must be there */

/* What kernels unpack besides gzip, by their first bytes. */
static const struct {
	uint8_t first;
	const char *name;
} others[] = {
	{0xfd, "xz"},
	{0x28, "zstd"},
	{'B', "bzip2"},
	{0x5d, "lzma"},
	{0x02, "lz4"},
	{0x89, "lzo"},
};

void archive_continue(struct archive *archive, uint64_t offset, uint64_t size)
{
	archive->offset = offset;
	archive->end = offset + size;
}

void archive_open(struct archive *archive, int fd, uint64_t offset, uint64_t size, uint64_t room)
{
	memset(archive, 0, sizeof *archive);
	archive->fd = fd;
	archive->room = room;
	archive_continue(archive, offset, size);
}

void archive_close(struct archive *archive)
{
	if (archive->inflating)
		(void)inflateEnd(&archive->stream);
	archive->inflating = false;
}

/* --- Bytes ------------------------------------------------------------------------------------ */

/* Has at least one byte of the file in the buffer. Returns 1, 0 at the ramdisk's end, or -1. */
static int fill_raw(struct archive *archive, struct fault *fault)
{
	struct archive_buffer *raw = &archive->raw;
	uint64_t wanted = archive->end - archive->offset;
	ssize_t got;

	if (raw->at < raw->size)
		return 1;
	if (wanted == 0)
		return 0;
	do {
		got = pread(archive->fd, raw->bytes,
			wanted < ARCHIVE_BLOCK ? (size_t)wanted : ARCHIVE_BLOCK,
			(off_t)archive->offset);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return fault_io(fault, errno, "cannot read a ramdisk");
	if (got == 0)
		return fault_set(fault, "io", "the image became shorter while it was read");
	archive->offset += (uint64_t)got;
	raw->at = 0;
	raw->size = (size_t)got;
	return 1;
}

static int inflate_fault(const struct archive *archive, int status, struct fault *fault)
{
	if (status == Z_MEM_ERROR)
		return fault_set(fault, "memory", "no memory to unpack a ramdisk");
	return fault_set(fault, "archive", "a ramdisk's gzip data is damaged at byte %llu: %s",
		(unsigned long long)archive->place,
		archive->stream.msg != NULL ? archive->stream.msg : "it goes wrong");
}

/* One call of zlib: some of the raw bytes become some plain ones, or none. */
static int inflate_some(struct archive *archive, struct fault *fault)
{
	struct archive_buffer *raw = &archive->raw, *plain = &archive->plain;
	z_stream *stream = &archive->stream;
	int filled = fill_raw(archive, fault), status;

	if (filled < 0)
		return -1;
	if (filled == 0)
		return fault_set(fault, "archive", "a ramdisk's gzip data is cut short");
	stream->next_in = raw->bytes + raw->at;
	stream->avail_in = (uInt)(raw->size - raw->at);
	stream->next_out = plain->bytes;
	stream->avail_out = ARCHIVE_BLOCK;
	status = inflate(stream, Z_NO_FLUSH);
	archive->place += raw->size - raw->at - stream->avail_in;
	raw->at = raw->size - stream->avail_in;
	plain->at = 0;
	plain->size = ARCHIVE_BLOCK - stream->avail_out;
	if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
		return inflate_fault(archive, status, fault);
	if (plain->size > archive->room)
		return fault_set(fault, "limit",
			"a ramdisk unpacks to more than may be: give the enclave more memory");
	archive->room -= plain->size;
	archive->inflated = status == Z_STREAM_END;
	return 0;
}

/* Has at least one byte of what is read from now in its buffer: of a gzip member or of the file.
 * Returns 1, 0 at its end, or -1. */
static int fill(struct archive *archive, struct fault *fault)
{
	if (!archive->inflating)
		return fill_raw(archive, fault);
	while (archive->plain.at == archive->plain.size) {
		if (archive->inflated)
			return 0;
		if (inflate_some(archive, fault) < 0)
			return -1;
	}
	return 1;
}

static struct archive_buffer *source(struct archive *archive)
{
	return archive->inflating ? &archive->plain : &archive->raw;
}

static void use(struct archive *archive, size_t size)
{
	source(archive)->at += size;
	if (archive->inflating)
		archive->inner += size;
	else
		archive->place += size;
}

/* Takes exactly so many bytes; null: throws them away. */
static int take(struct archive *archive, uint8_t *bytes, uint64_t size, struct fault *fault)
{
	while (size > 0) {
		struct archive_buffer *from = source(archive);
		int filled = fill(archive, fault);
		size_t part;

		if (filled < 0)
			return -1;
		if (filled == 0)
			return fault_set(fault, "archive", "a ramdisk's archive is cut short");
		part = from->size - from->at;
		part = part < size ? part : (size_t)size;
		if (bytes != NULL) {
			memcpy(bytes, from->bytes + from->at, part);
			bytes += part;
		}
		use(archive, part);
		size -= part;
	}
	return 0;
}

/* --- Members ---------------------------------------------------------------------------------- */

int archive_data(
	struct archive *archive, void *bytes, size_t size, size_t *done, struct fault *fault)
{
	uint8_t *read = bytes;

	*done = archive->left < size ? (size_t)archive->left : size;
	if (take(archive, read, *done, fault) < 0)
		return -1;
	archive->left -= *done;
	for (size_t i = 0; archive->summed && i < *done; i++)
		archive->sum += read[i];
	if (archive->left == 0 && archive->summed && archive->sum != archive->check)
		return fault_set(fault, "archive", "the sum of a member's data is wrong");
	return 0;
}

/* The rest of the member before. */
static int pass_over(struct archive *archive, struct fault *fault)
{
	uint8_t bytes[4096] = {0};
	size_t done;

	while (archive->left > 0)
		if (archive_data(archive, bytes, sizeof bytes, &done, fault) < 0)
			return -1;
	if (take(archive, NULL, archive->padding, fault) < 0)
		return -1;
	archive->padding = 0;
	return 0;
}

static int bad_head(
	const struct archive *archive, const struct cpio_head *head, struct fault *fault)
{
	static const struct {
		int state;
		const char *text;
	} texts[] = {
		{CPIO_HEAD_IN_BAD_MAGIC, "it is not of the form 070701 or 070702"},
		{CPIO_HEAD_IN_BAD_DIGIT, "a number has something else than digits"},
		{CPIO_HEAD_IN_BAD_NAME, "its name is empty or too long"},
	};
	const char *text = "it is cut short";

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (texts[i].state == head->cs)
			text = texts[i].text;
	return fault_set(fault, "archive", "a member's header at byte %llu of the ramdisks: %s",
		(unsigned long long)archive->place, text);
}

static int read_member(struct archive *archive, struct archive_member *member, struct fault *fault)
{
	uint8_t bytes[CPIO_HEAD_SIZE];
	struct cpio_head *head = &member->head;

	cpio_head_init(head);
	if (take(archive, bytes, sizeof bytes, fault) < 0)
		return -1;
	(void)cpio_head_drive(head, 0, bytes, sizeof bytes);
	if (head->cs != CPIO_HEAD_IN_DONE)
		return bad_head(archive, head, fault);
	if (take(archive, (uint8_t *)member->name, head->name_size, fault) < 0 ||
		take(archive, NULL, newc_padding(CPIO_HEAD_SIZE + (uint64_t)head->name_size),
			fault) < 0)
		return -1;
	if (member->name[head->name_size - 1u] != '\0')
		return fault_set(fault, "archive", "a member's name does not end with a NUL");
	archive->left = head->size;
	archive->padding = newc_padding(head->size);
	archive->summed = head->summed == 1u && head->size > 0u;
	archive->check = head->check;
	archive->sum = 0;
	return 1;
}

/* A byte that begins no member: a gzip member, or something that is not read here. */
static int begin_inflating(struct archive *archive, uint8_t first, struct fault *fault)
{
	if (archive->inflating)
		return fault_set(fault, "archive", "there is junk in a compressed archive");
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (others[i].first == first)
			return fault_set(fault, "compression",
				"a ramdisk is packed with %s, or is damaged: use gzip, or nothing",
				others[i].name);
	if (first != 0x1f)
		return fault_set(fault, "archive", "there is no archive at byte %llu of a ramdisk",
			(unsigned long long)archive->place);
	memset(&archive->stream, 0, sizeof archive->stream);
	if (inflateInit2(&archive->stream, GZIP_ONLY) != Z_OK)
		return fault_set(fault, "memory", "no memory to unpack a ramdisk");
	archive->inflating = true;
	archive->inflated = false;
	archive->inner = 0;
	archive->plain.at = archive->plain.size = 0;
	return 0;
}

/* What stands between members: zeros, ends and beginnings of gzip members. Returns 1 where a member
 * begins, 0 at the end, -1. */
static int find_member(struct archive *archive, struct fault *fault)
{
	for (;;) {
		int filled = fill(archive, fault);
		uint8_t first;

		if (filled < 0 || (filled == 0 && !archive->inflating))
			return filled;
		if (filled == 0) {
			archive_close(archive);
			continue;
		}
		first = source(archive)->bytes[source(archive)->at];
		if (first == '0')
			return 1;
		if (first == '\0')
			use(archive, 1);
		else if (begin_inflating(archive, first, fault) < 0)
			return -1;
	}
}

int archive_next(struct archive *archive, struct archive_member *member, struct fault *fault)
{
	int found;

	if (pass_over(archive, fault) < 0)
		return -1;
	found = find_member(archive, fault);
	if (found <= 0)
		return found;
	if ((archive->inflating ? archive->inner : archive->place) % 4u != 0)
		return fault_set(fault, "archive",
			"an archive at byte %llu of the ramdisks does not stand at a multiple of 4",
			(unsigned long long)archive->place);
	return read_member(archive, member, fault);
}
