/* certificate: see certificate.h. */
#include "runtime/eif/certificate.h"

#include <openssl/bio.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#define NAME_ENTRIES_MAX 64 /* of an issuer; a certificate with more is not described whole */
#define KEY_SIZE         80

struct entry {
	char key[KEY_SIZE];
	unsigned char *text; /* UTF-8, libcrypto's memory */
	size_t size;
};

X509 *certificate_read(const uint8_t *pem, size_t size, struct fault *fault)
{
	BIO *bio = BIO_new_mem_buf(pem, (int)size);
	X509 *certificate = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, NULL, NULL);

	BIO_free(bio);
	if (certificate == NULL)
		(void)fault_set(fault, "certificate",
			"the signature section holds no certificate in PEM form");
	return certificate;
}

int certificate_measure(X509 *certificate, uint8_t pcr[MEASURE_SIZE], struct fault *fault)
{
	uint8_t digest[EVP_MAX_MD_SIZE];

	if (X509_digest(certificate, EVP_sha384(), digest, NULL) != 1)
		return fault_set(fault, "crypto", "libcrypto refuses to hash the certificate");
	return measure_extend(digest, pcr, fault);
}

/* Takes an entry of a name, in the place of an earlier one with the same key. */
static size_t take_entry(struct entry *entries, size_t count, const X509_NAME_ENTRY *from)
{
	struct entry entry = {.text = NULL};
	int size = ASN1_STRING_to_UTF8(&entry.text, X509_NAME_ENTRY_get_data(from));

	if (size < 0)
		return count;
	entry.size = (size_t)size;
	OBJ_obj2txt(entry.key, sizeof entry.key, X509_NAME_ENTRY_get_object(from), 0);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(entries[i].key, entry.key) == 0) {
			OPENSSL_free(entries[i].text);
			entries[i] = entry;
			return count;
		}
	}
	entries[count] = entry;
	return count + 1;
}

static int compare_entries(const void *left, const void *right)
{
	return strcmp(((const struct entry *)left)->key, ((const struct entry *)right)->key);
}

/* AWS's tool removes quotation marks from names. */
static void emit_entry(struct emit *emit, const struct entry *entry)
{
	size_t used = 0;

	for (size_t i = 0; i < entry->size; i++) {
		if (entry->text[i] != '"')
			entry->text[used++] = entry->text[i];
	}
	emit_bytes(emit, entry->key, (const char *)entry->text, used);
}

static void emit_issuer(struct emit *emit, X509 *certificate)
{
	const X509_NAME *name = X509_get_issuer_name(certificate);
	struct entry entries[NAME_ENTRIES_MAX] = {0};
	int total = X509_NAME_entry_count(name);
	size_t count = 0;

	for (int i = 0; i < total && count < NAME_ENTRIES_MAX; i++)
		count = take_entry(entries, count, X509_NAME_get_entry(name, i));
	qsort(entries, count, sizeof entries[0], compare_entries);
	emit_begin(emit, "IssuerName", '{');
	for (size_t i = 0; i < count; i++) {
		emit_entry(emit, &entries[i]);
		OPENSSL_free(entries[i].text);
	}
	emit_end(emit, '}');
}

static void emit_time(struct emit *emit, const char *key, const ASN1_TIME *time)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;
	long size;

	if (bio == NULL || ASN1_TIME_print(bio, time) != 1) {
		emit_string(emit, key, "");
	} else {
		size = BIO_get_mem_data(bio, &text);
		emit_bytes(emit, key, text, (size_t)size);
	}
	BIO_free(bio);
}

/* Prints bytes as XX:XX:..., in upper case. */
static void emit_colons(struct emit *emit, const char *key, const ASN1_BIT_STRING *bits)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t size = (size_t)ASN1_STRING_length(bits);
	const unsigned char *bytes = ASN1_STRING_get0_data(bits);
	char *text = malloc(3 * size + 1);

	if (text == NULL)
		return;
	for (size_t i = 0; i < size; i++) {
		text[3 * i] = digits[bytes[i] / 16];
		text[3 * i + 1] = digits[bytes[i] % 16];
		text[3 * i + 2] = ':';
	}
	emit_bytes(emit, key, text, size == 0 ? 0 : 3 * size - 1);
	free(text);
}

void certificate_emit(struct emit *emit, X509 *certificate)
{
	const ASN1_BIT_STRING *signature;
	const X509_ALGOR *algorithm;
	const ASN1_OBJECT *object;
	char name[KEY_SIZE] = "";

	X509_get0_signature(&signature, &algorithm, certificate);
	X509_ALGOR_get0(&object, NULL, NULL, algorithm);
	OBJ_obj2txt(name, sizeof name, object, 0);
	emit_begin(emit, "SigningCertificate", '{');
	emit_issuer(emit, certificate);
	emit_string(emit, "Algorithm", name);
	emit_time(emit, "NotBefore", X509_get0_notBefore(certificate));
	emit_time(emit, "NotAfter", X509_get0_notAfter(certificate));
	emit_colons(emit, "Signature", signature);
	emit_end(emit, '}');
}
