/* document: see document.h. */
#include "host/pipeline/document.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/kernel/path.h"

#define PART_MAX 1024u

int document_nonce(uint8_t *bytes, size_t *size, const char *digits, struct fault *fault)
{
	if (OPENSSL_hexstr2buf_ex(bytes, DOCUMENT_NONCE_MAX, size, digits, '\0') != 1)
		return fault_set(fault, "usage",
			"--nonce wants at most %u bytes, each as two hexadecimal digits",
			DOCUMENT_NONCE_MAX);
	return 0;
}

int document_part(struct field_writer *fields, uint32_t tag, const char *name, size_t most,
	struct fault *fault)
{
	uint8_t bytes[PART_MAX + 1];
	FILE *file = fopen(name, "rbe");
	bool has_failed;
	size_t size;

	if (file == NULL)
		return fault_set(fault, "input", "can't read %s: %s", name, strerror(errno));
	size = fread(bytes, 1, most + 1, file);
	has_failed = ferror(file) != 0;
	(void)fclose(file);
	if (has_failed)
		return fault_set(fault, "input", "can't read %s", name);
	if (size > most)
		return fault_set(fault, "usage", "%s is longer than %zu bytes", name, most);
	field_put(fields, tag, bytes, size);
	return 0;
}

/* --- The file --------------------------------------------------------------------------------- */

static int fail(const char *name, struct fault *fault)
{
	return fault_set(fault, "output", "can't write %s: %s", name, strerror(errno));
}

/* A device or a FIFO would be replaced, and a folder can't be. */
static bool may_be_replaced(const char *name)
{
	struct stat status;

	if (lstat(name, &status) != 0)
		return errno == ENOENT;
	errno = EEXIST;
	return S_ISREG(status.st_mode) || S_ISLNK(status.st_mode);
}

static bool make_absolute(const char *name, char path[PATH_MAX])
{
	char folder[PATH_MAX] = "";

	if (*name != '/' && getcwd(folder, sizeof folder) == NULL)
		return false;
	errno = ENAMETOOLONG;
	return snprintf(path, PATH_MAX, "%s/%s", folder, name) < PATH_MAX;
}

static int write_all(int fd, const uint8_t *bytes, size_t size)
{
	while (size > 0) {
		ssize_t put = write(fd, bytes, size);

		if (put < 0 && errno != EINTR)
			return -1;
		bytes += put > 0 ? put : 0;
		size -= put > 0 ? (size_t)put : 0;
	}
	return 0;
}

static int place(const struct path_place *place, const char *name, const uint8_t *bytes,
	size_t size, struct fault *fault)
{
	char temporary[PATH_TEMPORARY_MAX];
	struct fault removing;
	int fd, status = 0;

	if (path_create(place, temporary, &fd, fault) != 0)
		return -1;
	if (fchmod(fd, 0644) != 0 || write_all(fd, bytes, size) != 0)
		status = fail(name, fault);
	if (close(fd) != 0 && status == 0)
		status = fail(name, fault);
	if (status == 0)
		status = path_rename(place, temporary, fault);
	if (status != 0)
		(void)path_remove(place, temporary, &removing);
	return status;
}

int document_write(const char *name, const uint8_t *bytes, size_t size, struct fault *fault)
{
	struct path_place target = {.folder = -1};
	char path[PATH_MAX];
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int status = -1;

	if (root < 0 || !may_be_replaced(name) || !make_absolute(name, path))
		(void)fail(name, fault);
	else if (path_locate(root, path, strlen(path), &target, fault) == 0)
		status = place(&target, name, bytes, size, fault);
	if (status != 0)
		(void)snprintf(fault->word, sizeof fault->word, "output");
	path_leave(&target);
	if (root >= 0)
		close(root);
	return status;
}
