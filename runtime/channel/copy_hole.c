/* copy_hole: holes of a file as the sender finds them. See copy_hole.h. */
#include "runtime/channel/copy_hole.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/channel/copy_send_inside.h"

/* After so many bytes of holes the other end hears of them: a buffer full would be gigabytes. */
#define OFTEN ((uint64_t)64 * COPY_HOLE_MAX)

const uint8_t copy_zeros[COPY_ZEROS_SIZE];

int copy_digest_zeros(struct copy_digest *digest, uint64_t size, struct fault *fault)
{
	while (size > 0) {
		size_t part = size < COPY_ZEROS_SIZE ? (size_t)size : COPY_ZEROS_SIZE;

		if (copy_digest_add(digest, copy_zeros, part, fault) < 0)
			return -1;
		size -= part;
	}
	return 0;
}

static int put_hole(struct sender *sender, uint64_t end, struct fault *fault)
{
	while (sender->done < end) {
		uint64_t left = end - sender->done;
		uint32_t size = left < COPY_HOLE_MAX ? (uint32_t)left : COPY_HOLE_MAX;

		if (copy_go_on(&sender->options->watch, fault) < 0 ||
			copy_output_number(sender, SLC_COPY_HOLE, size, fault) < 0 ||
			copy_digest_zeros(&sender->digest, size, fault) < 0)
			return -1;
		sender->done += size;
		sender->outcome->bytes += size;
		copy_send_progress(sender);
		if (sender->done % OFTEN < size && copy_output_flush(sender, fault) < 0)
			return -1;
	}
	return 0;
}

/* Where the next bytes are that are no hole; -1: the file system does not tell. */
static off_t next_data(int fd, uint64_t from, uint64_t *end)
{
	off_t data = lseek(fd, (off_t)from, SEEK_DATA), hole;
	struct stat status;

	*end = UINT64_MAX;
	if (data < 0 && (errno != ENXIO || fstat(fd, &status) < 0))
		return -1;
	if (data < 0) /* there are none: what has come behind it meanwhile is read */
		return status.st_size > (off_t)from ? status.st_size : (off_t)from;
	hole = lseek(fd, data, SEEK_HOLE);
	if (hole > data)
		*end = (uint64_t)hole;
	return data;
}

int copy_hole_pass(struct sender *sender, int fd, struct fault *fault)
{
	off_t data;

	if (!sender->is_sparse || sender->done < sender->data_end)
		return 0;
	data = next_data(fd, sender->done, &sender->data_end);
	sender->is_sparse = data >= 0;
	if (data >= 0 && put_hole(sender, (uint64_t)data, fault) < 0)
		return -1;
	if (lseek(fd, (off_t)sender->done, SEEK_SET) >= 0)
		return 0;
	return fault_io(fault, errno, "cannot read '%s' behind a hole", sender->member.name);
}
