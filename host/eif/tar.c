/* tar: a tar archive, compressed or not, as a source of members. libarchive reads it. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "host/eif/members.h"
#include "runtime/eif/newc.h"
#include "runtime/eif/output.h"

#define READ_SIZE 65536

struct tar {
	struct archive *archive;
	struct archive_entry *entry;
	struct members *members;
	const char *source;
	struct output spool; /* writes to members->scratch */
	char buffer[READ_SIZE];
};

static int refuse(const struct tar *tar, struct fault *fault)
{
	const char *text = archive_error_string(tar->archive);

	return fault_set(
		fault, "archive", "%s: %s", tar->source, text == NULL ? "no tar archive" : text);
}

/* Copies the entry's content to the scratch file. */
static int spool(struct tar *tar, struct inode *inode, struct fault *fault)
{
	la_ssize_t got;

	if (tar->members->scratch < 0)
		tar->members->scratch = output_scratch(tar->members->output, fault);
	if (tar->members->scratch < 0)
		return -1;
	tar->spool.fd = tar->members->scratch;
	inode->fd = tar->members->scratch;
	inode->offset = tar->members->scratch_size;
	inode->size = 0;
	while ((got = archive_read_data(tar->archive, tar->buffer, sizeof tar->buffer)) > 0) {
		inode->size += (uint64_t)got;
		if (inode->size > NEWC_SIZE_MAX)
			return fault_set(fault, "too-large",
				"%s: %s has 4 GiB or more, which a ramdisk can't hold", tar->source,
				archive_entry_pathname(tar->entry));
		if (output_write(&tar->spool, tar->buffer, (size_t)got, fault) < 0)
			return -1;
	}
	if (got < 0)
		return refuse(tar, fault);
	tar->members->scratch_size += inode->size;
	return 0;
}

static int fill_owner(const struct tar *tar, struct inode *inode, struct fault *fault)
{
	la_int64_t uid = archive_entry_uid(tar->entry);
	la_int64_t gid = archive_entry_gid(tar->entry);

	if (uid < 0 || uid > UINT32_MAX || gid < 0 || gid > UINT32_MAX)
		return fault_set(fault, "kind", "%s: %s has an owner beyond 32 bits", tar->source,
			archive_entry_pathname(tar->entry));
	inode->uid = (uint32_t)uid;
	inode->gid = (uint32_t)gid;
	return 0;
}

static int fill_symlink(const struct tar *tar, struct inode *inode, struct fault *fault)
{
	const char *target = archive_entry_symlink(tar->entry);

	if (target == NULL || *target == '\0' || strlen(target) > MEMBERS_PATH_MAX)
		return fault_set(fault, "name", "%s: %s: the symlink's target is empty or too long",
			tar->source, archive_entry_pathname(tar->entry));
	inode->mode = S_IFLNK | 0777;
	inode->size = strlen(target);
	inode->name = strdup(target);
	return inode->name == NULL ? fault_set(fault, "memory", "no memory for a symlink") : 0;
}

static int fill_inode(struct tar *tar, struct inode *inode, struct fault *fault)
{
	mode_t kind = archive_entry_filetype(tar->entry);

	inode->mode = kind | (archive_entry_perm(tar->entry) & 07777);
	if (fill_owner(tar, inode, fault) < 0)
		return -1;
	switch (kind) {
	case S_IFREG:
		return spool(tar, inode, fault);
	case S_IFLNK:
		return fill_symlink(tar, inode, fault);
	case S_IFCHR:
	case S_IFBLK:
		inode->special_major = (uint32_t)archive_entry_rdevmajor(tar->entry);
		inode->special_minor = (uint32_t)archive_entry_rdevminor(tar->entry);
		return 0;
	case S_IFDIR:
	case S_IFIFO:
		return 0;
	default:
		return fault_set(fault, "kind", "%s: %s is of a kind that a ramdisk can't hold",
			tar->source, archive_entry_pathname(tar->entry));
	}
}

/* A hard link: another path of an earlier member. Only regular files share their inode. */
static int take_link(struct tar *tar, const char *path, const char *target, struct fault *fault)
{
	char canonical[MEMBERS_PATH_MAX + 1];
	const struct member *member;
	struct inode *inode;

	if (members_path(tar->members, target, canonical, fault) < 0)
		return -1;
	member = members_find(tar->members, canonical);
	if (member == NULL || S_ISDIR(member->inode->mode))
		return fault_set(fault, "archive",
			"%s: %s is a hard link to %s, which is no file in front of it", tar->source,
			path, target);
	inode = member->inode;
	if (S_ISREG(inode->mode))
		return members_put(tar->members, path, inode, fault);
	inode = members_inode(tar->members);
	if (inode == NULL)
		return fault_set(fault, "memory", "no memory for the list of members");
	inode->mode = member->inode->mode;
	inode->uid = member->inode->uid;
	inode->gid = member->inode->gid;
	inode->special_major = member->inode->special_major;
	inode->special_minor = member->inode->special_minor;
	inode->size = member->inode->size;
	if (member->inode->name != NULL)
		inode->name = strdup(member->inode->name);
	return members_put(tar->members, path, inode, fault);
}

static int take(struct tar *tar, struct fault *fault)
{
	char canonical[MEMBERS_PATH_MAX + 1];
	const char *path = archive_entry_pathname(tar->entry);
	const char *target = archive_entry_hardlink(tar->entry);
	struct inode *inode;

	if (path == NULL)
		return fault_set(fault, "name", "%s: a member has no readable name", tar->source);
	if (members_path(tar->members, path, canonical, fault) < 0)
		return -1;
	if (archive_entry_xattr_count(tar->entry) > 0 || archive_entry_acl_types(tar->entry) != 0)
		tar->members->attributes++;
	if (target != NULL)
		return take_link(tar, canonical, target, fault);
	if (archive_entry_filetype(tar->entry) == S_IFSOCK) {
		tar->members->sockets++;
		return 0;
	}
	/* The root itself is no member; its entry says only how it was packed. */
	if (strcmp(canonical, tar->members->prefix) == 0)
		return 0;
	inode = members_inode(tar->members);
	if (inode == NULL)
		return fault_set(fault, "memory", "no memory for the list of members");
	if (fill_inode(tar, inode, fault) < 0)
		return -1;
	return members_put(tar->members, canonical, inode, fault);
}

/* Compressions that libarchive reads by itself: those that would start a program are left out. */
static struct archive *new_reader(void)
{
	struct archive *archive = archive_read_new();

	if (archive == NULL)
		return NULL;
	archive_read_support_filter_gzip(archive);
	archive_read_support_filter_bzip2(archive);
	archive_read_support_filter_xz(archive);
	archive_read_support_filter_lzma(archive);
	archive_read_support_filter_zstd(archive);
	archive_read_support_filter_lz4(archive);
	archive_read_support_filter_compress(archive);
	archive_read_support_format_tar(archive);
	return archive;
}

static int read_all(struct tar *tar, int fd, struct fault *fault)
{
	int status = archive_read_open_fd(tar->archive, fd, READ_SIZE);

	if (status != ARCHIVE_OK)
		return refuse(tar, fault);
	while ((status = archive_read_next_header(tar->archive, &tar->entry)) != ARCHIVE_EOF) {
		if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
			return refuse(tar, fault);
		if (output_interrupted() != 0)
			return fault_set(fault, "interrupted", "interrupted");
		if (take(tar, fault) < 0)
			return -1;
	}
	return 0;
}

int members_add_archive(struct members *members, const char *path, struct fault *fault)
{
	struct tar *tar = calloc(1, sizeof *tar);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int status = -1;

	if (fd < 0) {
		free(tar);
		return fault_set(fault, "input", "can't read %s: %s", path, strerror(errno));
	}
	if (tar != NULL) {
		tar->members = members;
		tar->source = path;
		tar->archive = new_reader();
		(void)snprintf(tar->spool.name, sizeof tar->spool.name, "%s", members->output);
	}
	if (tar == NULL || tar->archive == NULL)
		(void)fault_set(fault, "memory", "no memory to read %s", path);
	else
		status = read_all(tar, fd, fault);
	if (tar != NULL)
		archive_read_free(tar->archive);
	free(tar);
	(void)close(fd);
	return status;
}
