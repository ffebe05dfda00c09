/* cpio: see cpio.h. */
#include "host/eif/cpio.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/eif/epoch.h"
#include "runtime/eif/newc.h"

#define DIRECTORY_LINKS 2

static uint32_t name_size(const char *path)
{
	return (uint32_t)strlen(path) + 1;
}

/* Of several links the last one carries the content. */
static bool carries(const struct inode *inode)
{
	return !S_ISREG(inode->mode) || inode->written + 1 == inode->links;
}

static uint64_t round_up(uint64_t size)
{
	return (size + NEWC_BLOCK - 1) / NEWC_BLOCK * NEWC_BLOCK;
}

uint64_t cpio_size(const struct members *members)
{
	uint64_t total = newc_member_size(NEWC_TRAILER_SIZE, 0);

	for (size_t i = 0; i < members->count; i++) {
		const struct member *member = members->list[i];

		total += newc_member_size(name_size(member->path), 0);
	}
	for (const struct inode *inode = members->inodes; inode != NULL; inode = inode->next) {
		if (inode->links > 0)
			total += inode->size + newc_padding(inode->size);
	}
	return round_up(total);
}

/* Opens the file that holds a content, at the place where it begins. */
static int open_content(const struct inode *inode, struct fault *fault)
{
	struct stat status;
	int fd;

	if (inode->name == NULL) {
		if (lseek(inode->fd, (off_t)inode->offset, SEEK_SET) < 0)
			return fault_io(fault, errno, "reading the scratch file failed");
		return inode->fd;
	}
	fd = openat(inode->fd, inode->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return fault_set(fault, "input", "can't read %s: %s", inode->name, strerror(errno));
	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) ||
		(uint64_t)status.st_size != inode->size) {
		(void)close(fd);
		return fault_set(fault, "changed", "%s changed while it was packed", inode->name);
	}
	return fd;
}

static int write_content(const struct inode *inode, struct eif_stream *stream, struct fault *fault)
{
	int status;
	int fd;

	if (S_ISLNK(inode->mode)) {
		status = eif_stream_write(stream, inode->name, (size_t)inode->size, fault);
	} else {
		fd = open_content(inode, fault);
		if (fd < 0)
			return -1;
		status = eif_stream_file(stream, fd, inode->size,
			inode->name == NULL ? "the scratch file" : inode->name, fault);
		if (inode->name != NULL)
			(void)close(fd);
	}
	return status < 0 ? -1 : eif_stream_zeros(stream, newc_padding(inode->size), fault);
}

static int write_header(const struct newc_header *header, const char *path,
	struct eif_stream *stream, struct fault *fault)
{
	uint8_t bytes[NEWC_HEADER_SIZE];
	uint32_t size = header->fields[NEWC_NAME_SIZE];

	newc_header_encode(header, bytes);
	if (eif_stream_write(stream, bytes, sizeof bytes, fault) < 0 ||
		eif_stream_write(stream, path, size, fault) < 0)
		return -1;
	return eif_stream_zeros(stream, newc_padding(NEWC_HEADER_SIZE + size), fault);
}

static uint32_t link_count(const struct inode *inode)
{
	return S_ISDIR(inode->mode) ? DIRECTORY_LINKS : inode->links;
}

static int write_member(const struct member *member, uint32_t *numbers, uint32_t mtime,
	struct eif_stream *stream, struct fault *fault)
{
	struct inode *inode = member->inode;
	struct newc_header header = {{0}};
	bool content = carries(inode) && inode->size > 0;

	if (inode->archive_number == 0)
		inode->archive_number = ++*numbers;
	inode->written++;
	header.fields[NEWC_INODE] = inode->archive_number;
	header.fields[NEWC_MODE] = inode->mode;
	header.fields[NEWC_UID] = inode->uid;
	header.fields[NEWC_GID] = inode->gid;
	header.fields[NEWC_LINKS] = link_count(inode);
	header.fields[NEWC_MTIME] = mtime;
	header.fields[NEWC_SIZE] = content ? (uint32_t)inode->size : 0;
	header.fields[NEWC_SPECIAL_MAJOR] = inode->special_major;
	header.fields[NEWC_SPECIAL_MINOR] = inode->special_minor;
	header.fields[NEWC_NAME_SIZE] = name_size(member->path);
	if (write_header(&header, member->path, stream, fault) < 0)
		return -1;
	return content ? write_content(inode, stream, fault) : 0;
}

int cpio_write(
	struct members *members, uint32_t mtime, struct eif_stream *stream, struct fault *fault)
{
	struct newc_header trailer = {{0}};
	uint64_t size = newc_member_size(NEWC_TRAILER_SIZE, 0);
	uint32_t numbers = 0;

	if (members->count >= UINT32_MAX)
		return fault_set(fault, "too-large", "too many members");
	for (size_t i = 0; i < members->count; i++) {
		const struct member *member = members->list[i];
		bool content = carries(member->inode);

		size += newc_member_size(
			name_size(member->path), content ? (uint32_t)member->inode->size : 0);
		if (write_member(member, &numbers, mtime, stream, fault) < 0)
			return -1;
	}
	trailer.fields[NEWC_LINKS] = 1;
	trailer.fields[NEWC_NAME_SIZE] = NEWC_TRAILER_SIZE;
	if (write_header(&trailer, NEWC_TRAILER, stream, fault) < 0)
		return -1;
	return eif_stream_zeros(stream, (size_t)(round_up(size) - size), fault);
}

int cpio_mtime(uint32_t *mtime, struct fault *fault)
{
	int64_t seconds;

	if (epoch_seconds(&seconds, fault) < 0)
		return -1;
	*mtime = seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds;
	return 0;
}
