/* key_file: keys on a disk; see key.h. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/crypto/key_inside.h"

#define FILE_MAX 65536 /* bytes of a file that may be a key */

/* --- Reading ---------------------------------------------------------------------------------- */

/* A regular file of a size that keys have; of a private one nobody else may know. */
static int check_file(FILE *file, const char *path, bool is_private, struct fault *fault)
{
	const size_t size = strlen(path);
	struct stat status;

	if (fstat(fileno(file), &status) != 0)
		return fault_set(fault, "input", "can't read %s: %s", path, strerror(errno));
	if (!S_ISREG(status.st_mode) || status.st_size > FILE_MAX)
		return fault_set(fault, "input", "%s is no file that a key can be in", path);
	if (!is_private || (status.st_mode & 077u) == 0)
		return 0;
	if (size > 4 && strcmp(path + size - 4, ".pub") == 0)
		return fault_set(fault, "permission",
			"%s is a public half by its name, and may be used by others: name the "
			"private one",
			path);
	return fault_set(fault, "permission",
		"%s may be used by others (mode %04o), so it is no secret: if nobody has "
		"read it, `chmod 600` it, else make a new one",
		path, (unsigned)status.st_mode & 07777u);
}

static BIO *open_file(const char *path, bool is_private, struct fault *fault)
{
	FILE *file = fopen(path, "rbe");
	BIO *bio;

	if (file == NULL) {
		(void)fault_set(fault, "input", "can't read %s: %s", path, strerror(errno));
		return NULL;
	}
	if (check_file(file, path, is_private, fault) != 0) {
		(void)fclose(file);
		return NULL;
	}
	bio = BIO_new_fp(file, BIO_CLOSE);
	if (bio == NULL) {
		(void)fclose(file);
		(void)fault_set(fault, "memory", "no memory to read %s", path);
	}
	return bio;
}

/* A name with a colon in it is a file's only where a slash stands in front. */
static const char *path_of(const char *uri)
{
	const char *colon = strchr(uri, ':');
	const char *slash = strchr(uri, '/');

	if (strncmp(uri, "file:", 5) == 0)
		return strncmp(uri + 5, "///", 3) == 0 ? uri + 7 : uri + 5;
	return colon == NULL || (slash != NULL && slash < colon) ? uri : NULL;
}

int key_open(struct key **key, const char *uri, struct fault *fault)
{
	const char *path = path_of(uri);
	EVP_PKEY *pair;
	BIO *bio;

	*key = NULL;
	if (path == NULL)
		return key_open_held(key, uri, fault);
	bio = open_file(path, true, fault);
	if (bio == NULL)
		return -1;
	pair = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	BIO_free(bio);
	return key_of_pair(key, pair, path, fault);
}

int key_public_file(struct key_public *public, const char *path, struct fault *fault)
{
	BIO *bio = open_file(path, false, fault);
	unsigned char *spki = NULL;
	struct fault inner = {.text = "there is no public key in PEM form in it"};
	long size = 0;
	int status = -1;

	if (bio == NULL)
		return -1;
	if (PEM_bytes_read_bio(&spki, &size, NULL, PEM_STRING_PUBLIC, bio, NULL, NULL) == 1)
		status = key_public_read(public, spki, (size_t)size, &inner);
	OPENSSL_free(spki);
	BIO_free(bio);
	ERR_clear_error();
	return status == 0 ? 0 : fault_set(fault, "key", "%s: %s", path, inner.text);
}

/* --- Writing ---------------------------------------------------------------------------------- */

static int fail(const char *path, struct fault *fault)
{
	return fault_set(fault, errno == EEXIST ? "exists" : "output", "can't write %s: %s", path,
		strerror(errno));
}

static int fill(int fd, const char *bytes, size_t size, mode_t mode)
{
	while (size > 0) {
		ssize_t put = write(fd, bytes, size);

		if (put < 0 && errno != EINTR)
			return -1;
		bytes += put > 0 ? put : 0;
		size -= put > 0 ? (size_t)put : 0;
	}
	return fchmod(fd, mode) == 0 && fsync(fd) == 0 ? 0 : -1;
}

/* Whole, or not at all: what is there already is replaced in one go, or left alone. */
static int place(const char *path, const char *bytes, size_t size, mode_t mode, bool replace,
	struct fault *fault)
{
	char temporary[PATH_MAX];
	int fd, status, error;

	if (snprintf(temporary, sizeof temporary, "%s.XXXXXX", path) >= (int)sizeof temporary) {
		errno = ENAMETOOLONG;
		return fail(path, fault);
	}
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return fail(path, fault);
	status = fill(fd, bytes, size, mode);
	if (close(fd) != 0 ||
		(status == 0 && (replace ? rename(temporary, path) : link(temporary, path)) != 0))
		status = -1;
	error = errno;
	if (status != 0 || !replace)
		(void)unlink(temporary);
	errno = error;
	return status == 0 ? 0 : fail(path, fault);
}

int key_write(const struct key *key, const char *path, bool replace, struct fault *fault)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	char *bytes;
	long size;
	int status;

	if (bio == NULL ||
		PEM_write_bio_PKCS8PrivateKey(bio, key->pair, NULL, NULL, 0, NULL, NULL) != 1) {
		BIO_free(bio);
		return fault_set(fault, "crypto", "libcrypto does not write the key");
	}
	size = BIO_get_mem_data(bio, &bytes);
	status = place(path, bytes, (size_t)size, 0600, replace, fault);
	BIO_free(bio);
	return status;
}

int key_public_write(const struct key_public *public, const char *comment, const char *path,
	bool replace, struct fault *fault)
{
	const unsigned char *next = public->spki;
	EVP_PKEY *pair = d2i_PUBKEY(NULL, &next, (long)public->size);
	BIO *bio = BIO_new(BIO_s_mem());
	char *bytes;
	long size;
	int status = -1;

	if (pair == NULL || bio == NULL ||
		(comment != NULL && BIO_printf(bio, "# %s\n", comment) < 0) ||
		PEM_write_bio_PUBKEY(bio, pair) != 1) {
		(void)fault_set(fault, "crypto", "libcrypto does not write the key");
	} else {
		size = BIO_get_mem_data(bio, &bytes);
		status = place(path, bytes, (size_t)size, 0644, replace, fault);
	}
	BIO_free(bio);
	EVP_PKEY_free(pair);
	return status;
}
