/* attestation_root: the certificate that is trusted; see attestation.h. */
#include <errno.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "runtime/crypto/attestation.h"
#include "runtime/crypto/aws_root.h"

static int keep(struct attestation_root *root, const X509 *certificate)
{
	unsigned char *next = root->der;
	int size = i2d_X509(certificate, NULL);

	if (size < 1 || (size_t)size > sizeof root->der)
		return -1;
	root->size = (size_t)i2d_X509(certificate, &next);
	return 0;
}

/* Takes the source along. */
static int read_pem(struct attestation_root *root, BIO *source)
{
	X509 *certificate = source == NULL ? NULL : PEM_read_bio_X509(source, NULL, NULL, NULL);
	int status = certificate == NULL ? -1 : keep(root, certificate);

	X509_free(certificate);
	BIO_free(source);
	return status;
}

static void print_digest(const struct attestation_root *root, char text[2 * 32 + 1])
{
	uint8_t digest[SHA256_DIGEST_LENGTH];

	(void)SHA256(root->der, root->size, digest);
	for (size_t i = 0; i < sizeof digest; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", digest[i]);
}

int attestation_root_aws(struct attestation_root *root, struct fault *fault)
{
	char digest[2 * SHA256_DIGEST_LENGTH + 1];

	if (read_pem(root, BIO_new_mem_buf(aws_root_pem, -1)) != 0)
		return fault_set(fault, "crypto", "the built-in root certificate can't be read");
	print_digest(root, digest);
	if (strcmp(digest, aws_root_sha256) != 0)
		return fault_set(fault, "crypto", "the built-in root certificate is another one");
	return 0;
}

int attestation_root_file(struct attestation_root *root, const char *path, struct fault *fault)
{
	FILE *file = fopen(path, "rbe");

	if (file == NULL)
		return fault_set(fault, "input", "can't read %s: %s", path, strerror(errno));
	if (read_pem(root, BIO_new_fp(file, BIO_CLOSE)) != 0)
		return fault_set(fault, "certificate",
			"%s holds no certificate in PEM form, or one of more than %u bytes", path,
			VERDICT_CERTIFICATE_MAX);
	return 0;
}
