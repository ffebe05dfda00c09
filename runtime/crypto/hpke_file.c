/* hpke_file: keys of X25519 from files. */
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/crypto/hpke.h"

static FILE *open_file(const char *path, bool is_private, struct fault *fault)
{
	FILE *file = fopen(path, "re");
	struct stat status;

	if (file == NULL) {
		(void)fault_set(
			fault, "input", "cannot open the key '%.200s': %s", path, strerror(errno));
		return NULL;
	}
	if (is_private && (fstat(fileno(file), &status) != 0 || (status.st_mode & 077u) != 0)) {
		(void)fault_set(fault, "permission",
			"others may use the private key '%.200s': chmod 600 it", path);
		(void)fclose(file);
		return NULL;
	}
	return file;
}

/* Nobody is asked for a pass phrase. */
static int no_phrase(char *text, int size, int writes, void *data)
{
	(void)text;
	(void)size;
	(void)writes;
	(void)data;
	return -1;
}

static int take_key(EVP_PKEY *key, bool is_private, uint8_t raw[HPKE_KEY_SIZE], const char *path,
	struct fault *fault)
{
	size_t size = HPKE_KEY_SIZE;
	bool is_one = key != NULL && EVP_PKEY_is_a(key, "X25519") == 1;

	if (is_one)
		is_one = (is_private ? EVP_PKEY_get_raw_private_key(key, raw, &size)
				     : EVP_PKEY_get_raw_public_key(key, raw, &size)) == 1;
	EVP_PKEY_free(key);
	if (is_one)
		return 0;
	return fault_set(fault, "key",
		"'%.200s' has no %s key of X25519 in PEM form: `openssl genpkey -algorithm X25519` "
		"makes one, `openssl pkey -pubout` its public half",
		path, is_private ? "private" : "public");
}

int hpke_public_file(uint8_t key[HPKE_KEY_SIZE], const char *path, struct fault *fault)
{
	FILE *file = open_file(path, false, fault);
	EVP_PKEY *found;

	if (file == NULL)
		return -1;
	found = PEM_read_PUBKEY(file, NULL, no_phrase, NULL);
	(void)fclose(file);
	return take_key(found, false, key, path, fault);
}

int hpke_private_file(uint8_t key[HPKE_KEY_SIZE], const char *path, struct fault *fault)
{
	FILE *file = open_file(path, true, fault);
	EVP_PKEY *found;

	if (file == NULL)
		return -1;
	found = PEM_read_PrivateKey(file, NULL, no_phrase, NULL);
	(void)fclose(file);
	return take_key(found, true, key, path, fault);
}
