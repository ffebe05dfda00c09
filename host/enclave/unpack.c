/* unpack: see unpack.h. Names are looked up beneath the root by path.h, and changes are made to
 * places that are held open, so that no link of a ramdisk leads out. */
#include "host/enclave/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/eif/newc.h"
#include "runtime/eif/newc_reader.h"
#include "runtime/kernel/path.h"

#define PERMISSIONS 07777u

struct unpacking {
	int root;
	struct newc_reader reader;
	struct newc_member member;
	struct unpack_links *links;
	struct unpack_report *report;
	uint8_t bytes[NEWC_READER_BLOCK];
};

/* Faults after which nothing can go well. Of others, the kernel takes no notice. */
static bool is_fatal(const struct fault *fault)
{
	static const char *const words[] = {
		"space", "limit", "memory", "io", "kernel", "archive", "compression"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i], fault->word) == 0)
			return true;
	return false;
}

static const char *name_of(const struct unpacking *unpacking)
{
	return unpacking->member.name;
}

/* What the kernel would pass over has a word that is not fatal. */
static int make_fault(const struct unpacking *unpacking, struct fault *fault)
{
	const char *name = name_of(unpacking);

	(void)path_fault(fault, errno, "unpack", name, strlen(name));
	if (strcmp(fault->word, "io") == 0)
		memcpy(fault->word, "request", sizeof "request");
	return -1;
}

/* Owner before mode, since a change of the owner takes the bits that lend rights. An owner that has
 * no number here is passed over. */
static int dress(struct unpacking *unpacking, int fd, struct fault *fault)
{
	const struct cpio_head *head = &unpacking->member.head;
	const struct timespec times[2] = {{.tv_sec = head->mtime}, {.tv_sec = head->mtime}};

	if (fchown(fd, head->uid, head->gid) < 0)
		unpacking->report->unowned++;
	if (fchmod(fd, head->mode & PERMISSIONS) < 0 || futimens(fd, times) < 0)
		return make_fault(unpacking, fault);
	return 0;
}

/* Removes what is in the place, if it is of another kind. */
static void clear(const struct path_place *place, mode_t kind)
{
	struct stat found;

	if (fstatat(place->folder, place->last, &found, AT_SYMLINK_NOFOLLOW) == 0 &&
		(found.st_mode & S_IFMT) != kind)
		(void)unlinkat(
			place->folder, place->last, S_ISDIR(found.st_mode) ? AT_REMOVEDIR : 0);
}

static int make_folder(struct unpacking *unpacking, struct fault *fault)
{
	const char *name = name_of(unpacking);
	struct path_place place;
	struct fault ignored;
	int fd, status;

	/* Also "." and "/", which are no places. */
	if (path_open(unpacking->root, name, strlen(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0,
		    &fd, &ignored) < 0) {
		if (path_locate(unpacking->root, name, strlen(name), &place, fault) < 0)
			return -1;
		clear(&place, S_IFDIR);
		fd = -1;
		if (mkdirat(place.folder, place.last, 0700) == 0)
			fd = openat(place.folder, place.last,
				O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		status = fd >= 0 ? 0 : make_fault(unpacking, fault);
		path_leave(&place);
		if (status < 0)
			return -1;
	}
	status = dress(unpacking, fd, fault);
	close(fd);
	return status;
}

static int copy_data(struct unpacking *unpacking, int fd, struct fault *fault)
{
	size_t size, done;

	for (;;) {
		if (newc_data(&unpacking->reader, unpacking->bytes, sizeof unpacking->bytes, &size,
			    fault) < 0)
			return -1;
		if (size == 0)
			return 0;
		for (done = 0; done < size;) {
			ssize_t put = write(fd, unpacking->bytes + done, size - done);

			if (put < 0 && errno != EINTR)
				return path_fault(fault, errno, "write", name_of(unpacking),
					strlen(name_of(unpacking)));
			done += put > 0 ? (size_t)put : 0;
		}
	}
}

/* A further name of a file that was unpacked before. Returns 1 where it is one, 0, or -1. */
static int make_link(
	struct unpacking *unpacking, const struct path_place *place, struct fault *fault)
{
	const char *earlier;
	struct path_place first;
	int status = 1;

	if (unpacking->member.head.links < 2)
		return 0;
	fault->word[0] = '\0';
	earlier = unpack_links_find(
		unpacking->links, &unpacking->member.head, name_of(unpacking), fault);
	if (earlier == NULL)
		return fault->word[0] == '\0' ? 0 : -1;
	if (path_locate(unpacking->root, earlier, strlen(earlier), &first, fault) < 0)
		return -1;
	if (linkat(first.folder, first.last, place->folder, place->last, 0) < 0 && errno != EEXIST)
		status = make_fault(unpacking, fault);
	path_leave(&first);
	return status;
}

static int fill_file(
	struct unpacking *unpacking, const struct path_place *place, struct fault *fault)
{
	int linked, fd, status;

	clear(place, S_IFREG);
	linked = make_link(unpacking, place, fault);
	if (linked < 0)
		return -1;
	fd = openat(place->folder, place->last,
		O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | (linked == 0 ? O_TRUNC : 0), 0600);
	if (fd < 0)
		return make_fault(unpacking, fault);
	status = copy_data(unpacking, fd, fault);
	if (status == 0)
		status = dress(unpacking, fd, fault);
	close(fd);
	return status;
}

static int fill_symlink(
	struct unpacking *unpacking, const struct path_place *place, struct fault *fault)
{
	const struct cpio_head *head = &unpacking->member.head;
	char target[PATH_NAME_MAX + 1u];
	size_t done;

	if (head->size < 1 || head->size > PATH_NAME_MAX)
		return fault_set(fault, "request", "a symbolic link's target has %u bytes",
			(unsigned)head->size);
	if (newc_data(&unpacking->reader, target, head->size, &done, fault) < 0)
		return -1;
	target[done] = '\0';
	clear(place, 0);
	if (symlinkat(target, place->folder, place->last) < 0)
		return make_fault(unpacking, fault);
	if (fchownat(place->folder, place->last, head->uid, head->gid, AT_SYMLINK_NOFOLLOW) < 0)
		unpacking->report->unowned++;
	return 0;
}

/* FIFOs and sockets are made; of devices it is noted where they belong. */
static int fill_special(
	struct unpacking *unpacking, const struct path_place *place, struct fault *fault)
{
	const struct cpio_head *head = &unpacking->member.head;
	struct unpack_report *report = unpacking->report;
	bool is_device = S_ISCHR(head->mode) || S_ISBLK(head->mode);
	mode_t mode = is_device ? S_IFREG : head->mode & S_IFMT;
	int linked;

	clear(place, mode);
	linked = make_link(unpacking, place, fault);
	if (linked != 0)
		return linked < 0 ? -1 : 0;
	if (mknodat(place->folder, place->last, mode | (head->mode & 0777u), 0) < 0 &&
		errno != EEXIST)
		return make_fault(unpacking, fault);
	if (fchownat(place->folder, place->last, head->uid, head->gid, AT_SYMLINK_NOFOLLOW) < 0)
		report->unowned++;
	if (is_device && report->device_count == UNPACK_DEVICES_MAX)
		report->devices_left++;
	if (is_device && report->device_count < UNPACK_DEVICES_MAX) {
		struct unpack_device *device = &report->devices[report->device_count++];

		device->is_block = S_ISBLK(head->mode);
		device->major = head->special_major;
		device->minor = head->special_minor;
		memcpy(device->name, unpacking->member.name, head->name_size);
	}
	return 0;
}

static int make_at_place(struct unpacking *unpacking,
	int (*fill)(struct unpacking *, const struct path_place *, struct fault *),
	struct fault *fault)
{
	const char *name = name_of(unpacking);
	struct path_place place;
	int status;

	if (path_locate(unpacking->root, name, strlen(name), &place, fault) < 0)
		return -1;
	status = fill(unpacking, &place, fault);
	path_leave(&place);
	return status;
}

static int make_member(struct unpacking *unpacking, struct fault *fault)
{
	switch (unpacking->member.head.mode & S_IFMT) {
	case S_IFDIR:
		return make_folder(unpacking, fault);
	case S_IFREG:
		return make_at_place(unpacking, fill_file, fault);
	case S_IFLNK:
		return make_at_place(unpacking, fill_symlink, fault);
	case S_IFIFO:
	case S_IFSOCK:
	case S_IFCHR:
	case S_IFBLK:
		return make_at_place(unpacking, fill_special, fault);
	default:
		return fault_set(fault, "request", "a member is of no kind that there is");
	}
}

static int take_member(struct unpacking *unpacking, struct fault *fault)
{
	struct unpack_report *report = unpacking->report;

	if (strcmp(name_of(unpacking), NEWC_TRAILER) == 0) {
		unpack_links_forget(unpacking->links);
		return 0;
	}
	report->members++;
	if (make_member(unpacking, fault) == 0)
		return 0;
	if (is_fatal(fault))
		return -1;
	if (report->skipped++ == 0)
		memcpy(report->first_skipped, fault->text, sizeof report->first_skipped);
	return 0;
}

static int unpack_all(const struct image *image, struct unpacking *unpacking, struct fault *fault)
{
	int found;

	for (uint32_t i = 0; i < image->header.section_count; i++) {
		if (image->sections[i].type != EIF_TYPE_RAMDISK)
			continue;
		newc_continue(&unpacking->reader,
			image->header.section_offsets[i] + EIF_SECTION_HEADER_SIZE,
			image->sections[i].size);
		while ((found = newc_next(&unpacking->reader, &unpacking->member, fault)) > 0)
			if (take_member(unpacking, fault) < 0)
				return -1;
		if (found < 0)
			return -1;
	}
	return 0;
}

int unpack_ramdisks(const struct image *image, int root, uint64_t room,
	struct unpack_report *report, struct fault *fault)
{
	struct unpacking *unpacking = calloc(1, sizeof *unpacking);
	int status = -1;

	if (unpacking == NULL)
		return fault_set(fault, "memory", "no memory to unpack ramdisks");
	unpacking->root = root;
	unpacking->report = report;
	unpacking->links = unpack_links_make();
	newc_open(&unpacking->reader, image->fd, 0, 0, room);
	if (unpacking->links == NULL)
		(void)fault_set(fault, "memory", "no memory to unpack ramdisks");
	else
		status = unpack_all(image, unpacking, fault);
	newc_close(&unpacking->reader);
	unpack_links_free(unpacking->links);
	free(unpacking);
	return status;
}
