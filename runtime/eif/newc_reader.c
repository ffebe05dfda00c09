/* newc_reader: see newc_reader.h. */
#include "runtime/eif/newc_reader.h"

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

void newc_continue(struct newc_reader *reader, uint64_t offset, uint64_t size)
{
	reader->offset = offset;
	reader->end = offset + size;
}

void newc_open(struct newc_reader *reader, int fd, uint64_t offset, uint64_t size, uint64_t room)
{
	memset(reader, 0, sizeof *reader);
	reader->fd = fd;
	reader->room = room;
	newc_continue(reader, offset, size);
}

void newc_close(struct newc_reader *reader)
{
	if (reader->inflating)
		(void)inflateEnd(&reader->stream);
	reader->inflating = false;
}

/* --- Bytes ------------------------------------------------------------------------------------ */

/* Has at least one byte of the file in the buffer. Returns 1, 0 at the ramdisk's end, or -1. */
static int fill_raw(struct newc_reader *reader, struct fault *fault)
{
	struct newc_buffer *raw = &reader->raw;
	uint64_t wanted = reader->end - reader->offset;
	ssize_t got;

	if (raw->at < raw->size)
		return 1;
	if (wanted == 0)
		return 0;
	do {
		got = pread(reader->fd, raw->bytes,
			wanted < NEWC_READER_BLOCK ? (size_t)wanted : NEWC_READER_BLOCK,
			(off_t)reader->offset);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return fault_io(fault, errno, "cannot read a ramdisk");
	if (got == 0)
		return fault_set(fault, "io", "the image became shorter while it was read");
	reader->offset += (uint64_t)got;
	raw->at = 0;
	raw->size = (size_t)got;
	return 1;
}

static int inflate_fault(const struct newc_reader *reader, int status, struct fault *fault)
{
	if (status == Z_MEM_ERROR)
		return fault_set(fault, "memory", "no memory to unpack a ramdisk");
	return fault_set(fault, "archive", "a ramdisk's gzip data is damaged at byte %llu: %s",
		(unsigned long long)reader->place,
		reader->stream.msg != NULL ? reader->stream.msg : "it goes wrong");
}

/* One call of zlib: some of the raw bytes become some plain ones, or none. */
static int inflate_some(struct newc_reader *reader, struct fault *fault)
{
	struct newc_buffer *raw = &reader->raw, *plain = &reader->plain;
	z_stream *stream = &reader->stream;
	int filled = fill_raw(reader, fault), status;

	if (filled < 0)
		return -1;
	if (filled == 0)
		return fault_set(fault, "archive", "a ramdisk's gzip data is cut short");
	stream->next_in = raw->bytes + raw->at;
	stream->avail_in = (uInt)(raw->size - raw->at);
	stream->next_out = plain->bytes;
	stream->avail_out = NEWC_READER_BLOCK;
	status = inflate(stream, Z_NO_FLUSH);
	reader->place += raw->size - raw->at - stream->avail_in;
	raw->at = raw->size - stream->avail_in;
	plain->at = 0;
	plain->size = NEWC_READER_BLOCK - stream->avail_out;
	if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
		return inflate_fault(reader, status, fault);
	if (plain->size > reader->room)
		return fault_set(fault, "limit",
			"a ramdisk unpacks to more than may be: give the enclave more memory");
	reader->room -= plain->size;
	reader->inflated = status == Z_STREAM_END;
	return 0;
}

/* Has at least one byte of what is read from now in its buffer: of a gzip member or of the file.
 * Returns 1, 0 at its end, or -1. */
static int fill(struct newc_reader *reader, struct fault *fault)
{
	if (!reader->inflating)
		return fill_raw(reader, fault);
	while (reader->plain.at == reader->plain.size) {
		if (reader->inflated)
			return 0;
		if (inflate_some(reader, fault) < 0)
			return -1;
	}
	return 1;
}

static struct newc_buffer *source(struct newc_reader *reader)
{
	return reader->inflating ? &reader->plain : &reader->raw;
}

static void use(struct newc_reader *reader, size_t size)
{
	source(reader)->at += size;
	if (reader->inflating)
		reader->inner += size;
	else
		reader->place += size;
}

/* Takes exactly so many bytes; null: throws them away. */
static int take(struct newc_reader *reader, uint8_t *bytes, uint64_t size, struct fault *fault)
{
	while (size > 0) {
		struct newc_buffer *from = source(reader);
		int filled = fill(reader, fault);
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
		use(reader, part);
		size -= part;
	}
	return 0;
}

/* --- Members ---------------------------------------------------------------------------------- */

int newc_data(
	struct newc_reader *reader, void *bytes, size_t size, size_t *done, struct fault *fault)
{
	uint8_t *read = bytes;

	*done = reader->left < size ? (size_t)reader->left : size;
	if (take(reader, read, *done, fault) < 0)
		return -1;
	reader->left -= *done;
	for (size_t i = 0; reader->summed && i < *done; i++)
		reader->sum += read[i];
	if (reader->left == 0 && reader->summed && reader->sum != reader->check)
		return fault_set(fault, "archive", "the sum of a member's data is wrong");
	return 0;
}

/* The rest of the member before. */
static int pass_over(struct newc_reader *reader, struct fault *fault)
{
	uint8_t bytes[4096] = {0};
	size_t done;

	while (reader->left > 0)
		if (newc_data(reader, bytes, sizeof bytes, &done, fault) < 0)
			return -1;
	if (take(reader, NULL, reader->padding, fault) < 0)
		return -1;
	reader->padding = 0;
	return 0;
}

static int bad_head(
	const struct newc_reader *reader, const struct cpio_head *head, struct fault *fault)
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
		(unsigned long long)reader->place, text);
}

static int read_member(struct newc_reader *reader, struct newc_member *member, struct fault *fault)
{
	uint8_t bytes[CPIO_HEAD_SIZE];
	struct cpio_head *head = &member->head;

	cpio_head_init(head);
	if (take(reader, bytes, sizeof bytes, fault) < 0)
		return -1;
	(void)cpio_head_drive(head, 0, bytes, sizeof bytes);
	if (head->cs != CPIO_HEAD_IN_DONE)
		return bad_head(reader, head, fault);
	if (take(reader, (uint8_t *)member->name, head->name_size, fault) < 0 ||
		take(reader, NULL, newc_padding(CPIO_HEAD_SIZE + (uint64_t)head->name_size),
			fault) < 0)
		return -1;
	if (member->name[head->name_size - 1u] != '\0')
		return fault_set(fault, "archive", "a member's name does not end with a NUL");
	reader->left = head->size;
	reader->padding = newc_padding(head->size);
	reader->summed = head->summed == 1u && head->size > 0u;
	reader->check = head->check;
	reader->sum = 0;
	return 1;
}

/* A byte that begins no member: a gzip member, or something that is not read here. */
static int begin_inflating(struct newc_reader *reader, uint8_t first, struct fault *fault)
{
	if (reader->inflating)
		return fault_set(fault, "archive", "there is junk in a compressed archive");
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (others[i].first == first)
			return fault_set(fault, "compression",
				"a ramdisk is packed with %s, or is damaged: use gzip, or nothing",
				others[i].name);
	if (first != 0x1f)
		return fault_set(fault, "archive", "there is no archive at byte %llu of a ramdisk",
			(unsigned long long)reader->place);
	memset(&reader->stream, 0, sizeof reader->stream);
	if (inflateInit2(&reader->stream, GZIP_ONLY) != Z_OK)
		return fault_set(fault, "memory", "no memory to unpack a ramdisk");
	reader->inflating = true;
	reader->inflated = false;
	reader->inner = 0;
	reader->plain.at = reader->plain.size = 0;
	return 0;
}

/* What stands between members: zeros, ends and beginnings of gzip members. Returns 1 where a member
 * begins, 0 at the end, -1. */
static int find_member(struct newc_reader *reader, struct fault *fault)
{
	for (;;) {
		int filled = fill(reader, fault);
		uint8_t first;

		if (filled < 0 || (filled == 0 && !reader->inflating))
			return filled;
		if (filled == 0) {
			newc_close(reader);
			continue;
		}
		first = source(reader)->bytes[source(reader)->at];
		if (first == '0')
			return 1;
		if (first == '\0')
			use(reader, 1);
		else if (begin_inflating(reader, first, fault) < 0)
			return -1;
	}
}

int newc_next(struct newc_reader *reader, struct newc_member *member, struct fault *fault)
{
	int found;

	if (pass_over(reader, fault) < 0)
		return -1;
	found = find_member(reader, fault);
	if (found <= 0)
		return found;
	if ((reader->inflating ? reader->inner : reader->place) % 4u != 0)
		return fault_set(fault, "archive",
			"an archive at byte %llu of the ramdisks does not stand at a multiple of 4",
			(unsigned long long)reader->place);
	return read_member(reader, member, fault);
}
