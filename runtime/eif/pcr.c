/* pcr: see pcr.h. */
#include "runtime/eif/pcr.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/eif/certificate.h"

#define BLOCK 65536u

static int open_input(const char *path, struct fault *fault)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return fault_set(fault, "input", "cannot open '%.300s': %s", path, strerror(errno));
	return fd;
}

/* Returns the bytes read, which are fewer than `size` only at the end, or -1. */
static ssize_t read_all(int fd, const char *path, uint8_t *bytes, size_t size, struct fault *fault)
{
	size_t done = 0;

	while (done < size) {
		ssize_t got = read(fd, bytes + done, size - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fault_io(fault, errno, "reading %.300s failed", path);
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

static int hash(int fd, const char *path, EVP_MD_CTX *context, uint8_t digest[EVP_MAX_MD_SIZE],
	struct fault *fault)
{
	static uint8_t block[BLOCK];
	ssize_t got = 0;
	bool good = context != NULL && EVP_DigestInit_ex(context, EVP_sha384(), NULL) == 1;

	while (good && (got = read_all(fd, path, block, sizeof block, fault)) > 0)
		good = EVP_DigestUpdate(context, block, (size_t)got) == 1;
	if (got < 0)
		return -1;
	if (!good || EVP_DigestFinal_ex(context, digest, NULL) != 1)
		return fault_set(fault, "crypto", "libcrypto refuses to hash %.300s", path);
	return 0;
}

int pcr_of_file(const char *path, uint8_t pcr[MEASURE_SIZE], struct fault *fault)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *context;
	int fd = open_input(path, fault), status;

	if (fd < 0)
		return -1;
	context = EVP_MD_CTX_new();
	status = hash(fd, path, context, digest, fault);
	EVP_MD_CTX_free(context);
	close(fd);
	return status < 0 ? -1 : measure_extend(digest, pcr, fault);
}

int pcr_of_certificate(const char *path, uint8_t pcr[MEASURE_SIZE], struct fault *fault)
{
	uint8_t *pem = malloc(PCR_CERTIFICATE_MAX);
	int fd = open_input(path, fault), status = -1;
	X509 *certificate = NULL;
	ssize_t size = -1;

	if (fd >= 0 && pem == NULL)
		(void)fault_set(fault, "memory", "no memory for a certificate");
	else if (fd >= 0)
		size = read_all(fd, path, pem, PCR_CERTIFICATE_MAX, fault);
	if (size >= 0 && (certificate = certificate_read(pem, (size_t)size, fault)) == NULL)
		(void)fault_set(fault, "certificate", "%.300s: no certificate in PEM form", path);
	if (certificate != NULL)
		status = certificate_measure(certificate, pcr, fault);
	X509_free(certificate);
	free(pem);
	if (fd >= 0)
		close(fd);
	return status;
}
