/* xattrs: extended attributes as a kernel would keep them, for tests of copies: the C library's
 * calls are these here, so that it is the same on every file system. Include it in a test's one
 * file. */
#ifndef CLOISTER_TESTS_LIB_XATTRS_H
#define CLOISTER_TESTS_LIB_XATTRS_H

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "runtime/channel/copy_attributes.h"

#define KEPT_MAX 256

static struct kept {
	ino_t file; /* 0: free */
	char name[COPY_ATTRIBUTE_NAME_MAX + 1u];
	size_t size;
	uint8_t value[COPY_ATTRIBUTE_VALUE_MAX];
} kept[KEPT_MAX];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int refusal;   /* what setting one fails with; 0: it does not */
static bool has_none; /* the file system knows no attributes */
static bool vanish;   /* they are gone once they were listed */

static int say(int error)
{
	errno = error;
	return error == 0 ? 0 : -1;
}

static ino_t file_of(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 ? status.st_ino : 0;
}

static struct kept *find(ino_t file, const char *name)
{
	for (size_t i = 0; i < KEPT_MAX; i++)
		if (kept[i].file == file && (name == NULL || strcmp(kept[i].name, name) == 0))
			return &kept[i];
	return NULL;
}

ssize_t flistxattr(int fd, char *list, size_t size)
{
	ino_t file = file_of(fd);
	size_t used = 0;

	if (has_none)
		return say(ENOTSUP);
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < KEPT_MAX; i++)
		if (kept[i].file == file && used + strlen(kept[i].name) < size)
			used += (size_t)sprintf(list + used, "%s", kept[i].name) + 1;
	pthread_mutex_unlock(&lock);
	return (ssize_t)used;
}

ssize_t fgetxattr(int fd, const char *name, void *value, size_t size)
{
	const struct kept *one;
	ssize_t result = -1;

	assert_true(size > 0);
	if (has_none)
		return say(ENOTSUP);
	pthread_mutex_lock(&lock);
	one = vanish ? NULL : find(file_of(fd), name);
	errno = one == NULL ? ENODATA : ERANGE;
	if (one != NULL && one->size <= size) {
		memcpy(value, one->value, one->size);
		result = (ssize_t)one->size;
	}
	pthread_mutex_unlock(&lock);
	return result;
}

int fremovexattr(int fd, const char *name)
{
	struct kept *one;

	pthread_mutex_lock(&lock);
	one = find(file_of(fd), name);
	if (one != NULL)
		one->file = 0;
	pthread_mutex_unlock(&lock);
	return say(one == NULL ? ENODATA : 0);
}

int fsetxattr(int fd, const char *name, const void *value, size_t size, int flags)
{
	ino_t file = file_of(fd);
	struct kept *one;

	assert_int_equal(flags, 0);
	if (refusal != 0 || has_none)
		return say(has_none ? ENOTSUP : refusal);
	pthread_mutex_lock(&lock);
	one = find(file, name);
	if (one == NULL)
		one = find(0, NULL);
	assert_non_null(one);
	one->file = file;
	(void)snprintf(one->name, sizeof one->name, "%s", name);
	memcpy(one->value, value, size);
	one->size = size;
	pthread_mutex_unlock(&lock);
	return 0;
}

/* --- Setting and looking ---------------------------------------------------------------------- */

static inline int open_name(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static inline void set(
	int folder, const char *file, const char *name, const void *value, size_t size)
{
	int fd = open_name(folder, file);

	assert_int_equal(fsetxattr(fd, name, value, size, 0), 0);
	close(fd);
}

static inline void assert_has(
	int folder, const char *file, const char *name, const void *value, size_t size)
{
	int fd = open_name(folder, file);
	const struct kept *one = find(file_of(fd), name);

	close(fd);
	assert_non_null(one);
	assert_int_equal(one->size, size);
	assert_memory_equal(one->value, value, size);
}

static inline void assert_has_not(int folder, const char *file, const char *name)
{
	int fd = open_name(folder, file);

	assert_null(find(file_of(fd), name));
	close(fd);
}

static inline void clear(void)
{
	memset(kept, 0, sizeof kept);
	refusal = 0;
	has_none = vanish = false;
}

#endif
