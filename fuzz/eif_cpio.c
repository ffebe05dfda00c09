/* eif_cpio: random small trees through the writer of ramdisks, read back by libarchive, which is
 * bsdtar's reader: the same paths in the same order, with the same kinds, owners, devices, links
 * and contents, in as many bytes as were foretold. The input is a row of members. */
#include <archive.h>
#include <archive_entry.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz/input.h"
#include "host/eif/cpio.h"
#include "runtime/eif/newc.h"

#define MEMBERS_MAX 16
#define CONTENT_MAX 64
#define PARTS_MAX   4
#define PATH_ROOM   8448 /* a path that fits, and 16 of the longest parts */
#define PREFIX      "p/q"

/* What inodes are made of, in the order of their making: a hard link names one of them again. */
struct world {
	struct members members;
	struct inode *inodes[MEMBERS_MAX];
	size_t count;
	int contents; /* a file with all contents, end to end */
	uint64_t contents_size;
};

/* Parts of paths: few, so that members meet; and some that are out of the ordinary. */
static void make_path(const uint8_t **data, size_t *size, char path[PATH_ROOM])
{
	static const char *const parts[] = {"a", "b", "c", "a b", "\xc3\xa4", "\xff", "..", ".", "",
		"TRAILER!!!", "070701", "\n"};
	static char x[256];
	unsigned count = 1 + fuzz_byte(data, size) % PARTS_MAX;

	memset(x, 'x', sizeof x - 1);
	path[0] = '\0';
	while (count-- > 0) {
		uint8_t which = fuzz_byte(data, size);
		unsigned times = which > 250 ? 16 : 1; /* longer than a path may be */

		while (times-- > 0) {
			strcat(path, which > 240 ? x : parts[which % 12]);
			strcat(path, "/");
		}
		if (strlen(path) > MEMBERS_PATH_MAX)
			break;
	}
	path[strlen(path) - 1] = '\0';
}

/* Content from the input, or a target of a symlink, which has at least one byte and no NUL. */
static void make_content(
	struct world *world, struct inode *inode, const uint8_t **data, size_t *size)
{
	size_t wanted = fuzz_byte(data, size) % CONTENT_MAX;
	size_t some = wanted < *size ? wanted : *size;

	inode->fd = world->contents;
	inode->offset = world->contents_size;
	inode->size = some;
	if (some > 0)
		FUZZ_REQUIRE(pwrite(world->contents, *data, some, (off_t)inode->offset) ==
			     (ssize_t)some);
	world->contents_size += some;
	*data += some;
	*size -= some;
}

static struct inode *make_inode(struct world *world, const uint8_t **data, size_t *size)
{
	static const uint32_t kinds[] = {S_IFREG, S_IFDIR, S_IFLNK, S_IFCHR, S_IFBLK, S_IFIFO};
	uint8_t what = fuzz_byte(data, size), with = fuzz_byte(data, size);
	struct inode *inode;

	if (what >= 128 && world->count > 0 &&
		S_ISREG(world->inodes[what % world->count]->mode)) /* only files are linked */
		return world->inodes[what % world->count];
	inode = members_inode(&world->members);
	FUZZ_REQUIRE(inode != NULL && world->count < MEMBERS_MAX);
	world->inodes[world->count++] = inode;
	inode->mode = kinds[what % 6] + with * 16u % 4096u;
	inode->uid = fuzz_amount(with);
	inode->gid = fuzz_amount(what);
	if (S_ISCHR(inode->mode) || S_ISBLK(inode->mode)) {
		inode->special_major = with;
		inode->special_minor = fuzz_byte(data, size);
	} else if (S_ISREG(inode->mode)) {
		make_content(world, inode, data, size);
	} else if (S_ISLNK(inode->mode)) {
		inode->name = malloc(with + 2u);
		FUZZ_REQUIRE(inode->name != NULL);
		memset(inode->name, 't', with + 1u);
		inode->name[with + 1u] = '\0';
		inode->size = with + 1u;
	}
	return inode;
}

/* A name is refused for "..", for its length, or because it would end the archive. */
static void check_refused(const char *path, const struct fault *fault)
{
	const char *found = strstr(path, "..");

	FUZZ_REQUIRE(strcmp(fault->word, "name") == 0);
	FUZZ_REQUIRE(found != NULL || strstr(path, NEWC_TRAILER) != NULL ||
		     strlen(path) + sizeof PREFIX > MEMBERS_PATH_MAX);
}

static void fill(struct world *world, const uint8_t *data, size_t size)
{
	char path[PATH_ROOM], canonical[MEMBERS_PATH_MAX + 1];
	struct fault fault;

	for (unsigned i = 0; i < MEMBERS_MAX && size > 0; i++) {
		struct inode *inode;

		make_path(&data, &size, path);
		inode = make_inode(world, &data, &size);
		if (members_path(&world->members, path, canonical, &fault) < 0)
			check_refused(path, &fault);
		else if (canonical[0] != '\0' &&
			 members_put(&world->members, canonical, inode, &fault) < 0)
			FUZZ_REQUIRE(strcmp(fault.word, "conflict") == 0);
	}
}

static void check_content(const struct inode *inode, struct archive *archive, int here)
{
	uint8_t found[CONTENT_MAX + 1], wanted[CONTENT_MAX + 1];
	la_ssize_t size = archive_read_data(archive, found, sizeof found);

	FUZZ_REQUIRE(size == (la_ssize_t)(here ? inode->size : 0));
	if (size > 0)
		FUZZ_REQUIRE(pread(inode->fd, wanted, (size_t)size, (off_t)inode->offset) == size &&
			     memcmp(found, wanted, (size_t)size) == 0);
}

static void check_kind(
	const struct inode *inode, struct archive *archive, struct archive_entry *entry, int last)
{
	if (S_ISREG(inode->mode))
		check_content(inode, archive, last);
	if (S_ISLNK(inode->mode))
		FUZZ_REQUIRE(strcmp(archive_entry_symlink(entry), inode->name) == 0);
	if (S_ISCHR(inode->mode) || S_ISBLK(inode->mode))
		FUZZ_REQUIRE(archive_entry_rdevmajor(entry) == inode->special_major &&
			     archive_entry_rdevminor(entry) == inode->special_minor);
}

static void check_member(
	const struct world *world, size_t at, struct archive *archive, struct archive_entry *entry)
{
	const struct member *member = world->members.list[at], *other = NULL;
	const struct inode *inode = member->inode;
	const char *link = archive_entry_hardlink(entry);
	int last = 1;

	for (size_t i = 0; i < world->members.count; i++) {
		if (world->members.list[i]->inode != inode)
			continue;
		if (other == NULL)
			other = world->members.list[i];
		last = i <= at;
	}
	FUZZ_REQUIRE(strcmp(archive_entry_pathname(entry), member->path) == 0);
	FUZZ_REQUIRE(at == 0 || strcmp(world->members.list[at - 1]->path, member->path) < 0);
	FUZZ_REQUIRE(archive_entry_mode(entry) == inode->mode);
	FUZZ_REQUIRE(archive_entry_uid(entry) == inode->uid);
	FUZZ_REQUIRE(archive_entry_gid(entry) == inode->gid);
	FUZZ_REQUIRE(archive_entry_mtime(entry) == 77);
	FUZZ_REQUIRE(archive_entry_nlink(entry) == (S_ISDIR(inode->mode) ? 2 : inode->links));
	FUZZ_REQUIRE(S_ISDIR(inode->mode) || (link == NULL) == (other == member));
	FUZZ_REQUIRE(link == NULL || strcmp(link, other->path) == 0);
	check_kind(inode, archive, entry, last);
}

static void check_archive(const struct world *world, const uint8_t *bytes, size_t size)
{
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	size_t at = 0;

	FUZZ_REQUIRE(archive_read_support_format_cpio(archive) == ARCHIVE_OK);
	FUZZ_REQUIRE(archive_read_open_memory(archive, bytes, size) == ARCHIVE_OK);
	for (; archive_read_next_header(archive, &entry) == ARCHIVE_OK; at++) {
		FUZZ_REQUIRE(at < world->members.count);
		check_member(world, at, archive, entry);
	}
	FUZZ_REQUIRE(at == world->members.count && archive_errno(archive) == 0);
	FUZZ_REQUIRE(archive_read_free(archive) == ARCHIVE_OK);
}

static void write_and_read(struct world *world)
{
	struct output output = {.fd = memfd_create("archive", MFD_CLOEXEC), .name = "archive"};
	uint64_t foretold = cpio_size(&world->members);
	struct eif_stream stream;
	struct fault fault;
	uint8_t *bytes;

	FUZZ_REQUIRE(output.fd >= 0 && foretold % NEWC_BLOCK == 0);
	FUZZ_REQUIRE(eif_stream_open(&stream, NULL, &output, 0, &fault) == 0);
	eif_stream_begin(&stream, 0, 3, false);
	FUZZ_REQUIRE(cpio_write(&world->members, 77, &stream, &fault) == 0);
	FUZZ_REQUIRE(eif_stream_end(&stream, &fault) == 0);
	eif_stream_close(&stream);
	FUZZ_REQUIRE((uint64_t)lseek(output.fd, 0, SEEK_END) == foretold);
	bytes = mmap(NULL, (size_t)foretold, PROT_READ, MAP_PRIVATE, output.fd, 0);
	FUZZ_REQUIRE(bytes != MAP_FAILED);
	check_archive(world, bytes, (size_t)foretold);
	(void)munmap(bytes, (size_t)foretold);
	(void)close(output.fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t seed = fuzz_seed(&data, &size);
	struct world world = {.contents = memfd_create("contents", MFD_CLOEXEC)};
	struct fault fault;

	FUZZ_REQUIRE(world.contents >= 0);
	FUZZ_REQUIRE(
		members_open(&world.members, seed % 4 == 3 ? PREFIX : NULL, "fuzz", &fault) == 0);
	fill(&world, data, size);
	if (members_finish(&world.members, &fault) == 0)
		write_and_read(&world);
	else
		FUZZ_REQUIRE(strcmp(fault.word, "conflict") == 0);
	members_close(&world.members);
	(void)close(world.contents);
	return 0;
}
