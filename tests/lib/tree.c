/* tree: see tree.h. */
#include "tests/lib/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define NAMES_MAX 4096 /* files with several names in one list */

static void must(bool holds, const char *what, const char *name)
{
	if (!holds)
		fail_msg("cannot %s '%s': %s", what, name, strerror(errno));
}

/* --- Making ----------------------------------------------------------------------------------- */

int tree_new(void)
{
	char path[] = "/tmp/cloister-copy-XXXXXX";
	int fd;

	must(mkdtemp(path) != NULL, "make", path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(fd >= 0, "open", path);
	return fd;
}

void tree_file(int folder, const char *name, const void *bytes, size_t size, mode_t mode)
{
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t written = 0;

	must(fd >= 0, "make the file", name);
	while (written < size) {
		ssize_t n = write(fd, (const char *)bytes + written, size - written);

		must(n > 0, "write", name);
		written += (size_t)n;
	}
	must(fchmod(fd, mode) == 0, "set the mode of", name);
	close(fd);
}

void tree_text(int folder, const char *name, const char *text)
{
	tree_file(folder, name, text, strlen(text), 0644);
}

void tree_folder(int folder, const char *name, mode_t mode)
{
	must(mkdirat(folder, name, 0700) == 0, "make the folder", name);
	must(fchmodat(folder, name, mode, 0) == 0, "set the mode of", name);
}

void tree_symlink(int folder, const char *name, const char *text)
{
	must(symlinkat(text, folder, name) == 0, "make the symbolic link", name);
}

void tree_link(int folder, const char *name, const char *earlier)
{
	must(linkat(folder, earlier, folder, name, 0) == 0, "make the hard link", name);
}

void tree_time(int folder, const char *name, int64_t seconds, long nanoseconds)
{
	const struct timespec times[2] = {{seconds, nanoseconds}, {seconds, nanoseconds}};

	must(utimensat(folder, name, times, AT_SYMLINK_NOFOLLOW) == 0, "set the time of", name);
}

/* --- Walking ---------------------------------------------------------------------------------- */

static int is_member(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int in_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool is_folder(int folder, const char *name)
{
	struct stat status;

	return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
}

/* What is in it may not be readable, so it is made so. */
static void empty(int folder)
{
	struct dirent **entries;
	int n = scandirat(folder, ".", &entries, is_member, in_bytes);

	must(n >= 0, "list", "a folder");
	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;

		if (is_folder(folder, name)) {
			int fd;

			fchmodat(folder, name, 0700, 0);
			fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
			must(fd >= 0, "open", name);
			empty(fd);
			close(fd);
		}
		must(unlinkat(folder, name, is_folder(folder, name) ? AT_REMOVEDIR : 0) == 0,
			"remove", name);
		free(entries[i]);
	}
	free(entries);
}

void tree_remove(int folder)
{
	char link[64], path[4096];
	ssize_t length;

	empty(folder);
	snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
	length = readlink(link, path, sizeof path - 1);
	must(length > 0, "find", link);
	path[length] = '\0';
	close(folder);
	must(rmdir(path) == 0, "remove", path);
}

/* --- Listing ---------------------------------------------------------------------------------- */

struct listing {
	FILE *text;
	struct {
		ino_t inode;
		char *name;
	} names[NAMES_MAX];
	size_t used;
};

static uint64_t checksum(int folder, const char *name)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);
	char *bytes;
	size_t size;

	bytes = tree_read(folder, name, &size);
	for (size_t i = 0; i < size; i++)
		sum = (sum ^ (uint8_t)bytes[i]) * UINT64_C(0x100000001b3);
	free(bytes);
	return sum;
}

/* The first name under which this file was listed. */
static const char *first_name(struct listing *listing, ino_t inode, const char *name)
{
	for (size_t i = 0; i < listing->used; i++)
		if (listing->names[i].inode == inode)
			return listing->names[i].name;
	must(listing->used < NAMES_MAX, "list", name);
	listing->names[listing->used].inode = inode;
	listing->names[listing->used++].name = strdup(name);
	return name;
}

static void list_folder(struct listing *listing, int folder, const char *above);

static void list_member(struct listing *listing, int folder, const char *name, const char *path)
{
	struct stat status;
	char text[4096];
	ssize_t length;

	must(fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0, "look at", path);
	fprintf(listing->text, "%s %o %lld.%09ld", path, status.st_mode,
		(long long)status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
	if (S_ISREG(status.st_mode))
		fprintf(listing->text, " %lld %016llx", (long long)status.st_size,
			(unsigned long long)checksum(folder, name));
	if (S_ISREG(status.st_mode) && status.st_nlink > 1)
		fprintf(listing->text, " = %s", first_name(listing, status.st_ino, path));
	if (S_ISLNK(status.st_mode)) {
		length = readlinkat(folder, name, text, sizeof text);
		must(length > 0, "read the link", path);
		fprintf(listing->text, " -> %.*s", (int)length, text);
	}
	fputc('\n', listing->text);
	if (S_ISDIR(status.st_mode)) {
		int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		must(fd >= 0, "open", path);
		list_folder(listing, fd, path);
		close(fd);
	}
}

static void list_folder(struct listing *listing, int folder, const char *above)
{
	struct dirent **entries;
	int n = scandirat(folder, ".", &entries, is_member, in_bytes);

	must(n >= 0, "list", above);
	for (int i = 0; i < n; i++) {
		char *path;

		must(asprintf(&path, "%s/%s", above, entries[i]->d_name) > 0, "name", above);
		list_member(listing, folder, entries[i]->d_name, path);
		free(path);
		free(entries[i]);
	}
	free(entries);
}

char *tree_list(int folder)
{
	struct listing *listing = calloc(1, sizeof *listing);
	char *text;
	size_t size;

	listing->text = open_memstream(&text, &size);
	list_folder(listing, folder, ".");
	fclose(listing->text);
	for (size_t i = 0; i < listing->used; i++)
		free(listing->names[i].name);
	free(listing);
	return text;
}

/* --- Looking ---------------------------------------------------------------------------------- */

char *tree_read(int folder, const char *name, size_t *size)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
	char *text = NULL;
	size_t room = 0, used = 0, n;

	must(file != NULL, "open", name);
	do {
		room += 65536;
		text = realloc(text, room + 1);
		n = fread(text + used, 1, room - used, file);
		used += n;
	} while (n > 0);
	must(!ferror(file), "read", name);
	fclose(file);
	text[used] = '\0';
	if (size != NULL)
		*size = used;
	return text;
}

void tree_assert_same(int a, int b)
{
	char *one = tree_list(a), *other = tree_list(b);

	assert_string_equal(one, other);
	free(one);
	free(other);
}

void tree_assert_text(int folder, const char *name, const char *text)
{
	char *found = tree_read(folder, name, NULL);

	assert_string_equal(found, text);
	free(found);
}
