/* document_show: see document_show.h. */
#include "runtime/crypto/document_show.h"

#include <inttypes.h>
#include <openssl/bio.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/crypto/chain.h"
#include "runtime/kernel/fault.h"

#define TIME_MAX      32u
#define NAME_TEXT_MAX 256u
#define HEX_MAX       (2u * DOCUMENT_SIZE_MAX + 1u)
#define DIGEST_SIZE   32u

/* What is shown of a certificate; one that can't be read has empty texts. */
struct shown {
	char subject[NAME_TEXT_MAX], issuer[NAME_TEXT_MAX];
	char from[TIME_MAX], until[TIME_MAX];
	char sha256[2 * DIGEST_SIZE + 1];
};

/* --- Texts ------------------------------------------------------------------------------------ */

static void put_hex(char *text, const uint8_t *bytes, size_t size)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < size; i++) {
		text[2 * i] = digits[bytes[i] / 16];
		text[2 * i + 1] = digits[bytes[i] % 16];
	}
	text[2 * size] = '\0';
}

/* RFC 3339 in UTC; times that no calendar has are empty. */
static void put_time(char text[TIME_MAX], int64_t seconds)
{
	const int64_t last = 253402300799; /* of the year 9999 */
	const time_t time = (time_t)seconds;
	struct tm parts;

	*text = '\0';
	if (seconds >= 0 && seconds <= last && gmtime_r(&time, &parts) != NULL)
		(void)strftime(text, TIME_MAX, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

static void put_name(char text[NAME_TEXT_MAX], const X509_NAME *name)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int size = 0;

	if (bio != NULL && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) >= 0)
		size = BIO_read(bio, text, NAME_TEXT_MAX - 1);
	text[size > 0 ? size : 0] = '\0';
	BIO_free(bio);
}

static void look_at(struct shown *shown, const struct document_part *der)
{
	struct verdict_certificate facts;
	X509 *certificate = chain_read(der, &facts);
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;

	memset(shown, 0, sizeof *shown);
	if (certificate == NULL)
		return;
	put_name(shown->subject, X509_get_subject_name(certificate));
	put_name(shown->issuer, X509_get_issuer_name(certificate));
	put_time(shown->from, facts.from);
	put_time(shown->until, facts.until);
	if (X509_digest(certificate, EVP_sha256(), digest, &size) == 1 && size == DIGEST_SIZE)
		put_hex(shown->sha256, digest, size);
	X509_free(certificate);
}

/* --- JSON ------------------------------------------------------------------------------------- */

static json_t *hex_of(const struct document_part *part, char *scratch)
{
	if (part->bytes == NULL)
		return json_null();
	put_hex(scratch, part->bytes, part->size);
	return json_string(scratch);
}

/* Texts of documents are UTF-8: the reader has seen to that. */
static json_t *text_of(const struct document_part *part)
{
	return json_stringn((const char *)part->bytes, part->size);
}

static json_t *pcrs_of(const struct document *document, char *scratch)
{
	json_t *pcrs = json_object();
	char name[16];

	for (uint32_t i = 0; i < VERDICT_PCRS; i++) {
		if (document->pcrs[i].bytes == NULL)
			continue;
		(void)snprintf(name, sizeof name, "%" PRIu32, i);
		(void)json_object_set_new(pcrs, name, hex_of(&document->pcrs[i], scratch));
	}
	return pcrs;
}

static json_t *certificate_of(const struct document_part *der)
{
	struct shown shown;

	look_at(&shown, der);
	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "subject", shown.subject, "issuer",
		shown.issuer, "not_before", shown.from, "not_after", shown.until, "sha256",
		shown.sha256);
}

static json_t *certificates_of(const struct document *document)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < document->bundle_count; i++)
		(void)json_array_append_new(list, certificate_of(&document->bundle[i]));
	(void)json_array_append_new(list, certificate_of(&document->certificate));
	return list;
}

json_t *document_json(const struct document *document)
{
	char *scratch = malloc(HEX_MAX);
	char time[TIME_MAX];
	json_t *value;

	if (scratch == NULL)
		return NULL;
	put_time(time, (int64_t)(document->timestamp / 1000));
	value = json_pack("{s:o, s:o, s:I, s:s, s:o, s:o, s:o, s:o, s:o}", "module_id",
		text_of(&document->module_id), "digest", text_of(&document->digest), "timestamp",
		(json_int_t)document->timestamp, "time", time, "pcrs", pcrs_of(document, scratch),
		"public_key", hex_of(&document->public_key, scratch), "user_data",
		hex_of(&document->user_data, scratch), "nonce", hex_of(&document->nonce, scratch),
		"certificates", certificates_of(document));
	free(scratch);
	return value;
}

/* --- Lines ------------------------------------------------------------------------------------ */

static void print_text(FILE *file, const char *name, const struct document_part *part)
{
	char text[VERDICT_MODULE_MAX + 1u];

	(void)snprintf(text, sizeof text, "%.*s", (int)part->size, (const char *)part->bytes);
	fprintf(file, "%-11s ", name);
	print_escaped(file, text);
	fputc('\n', file);
}

static void print_hex(FILE *file, const char *name, const struct document_part *part)
{
	if (part->bytes == NULL)
		return;
	fprintf(file, "%-11s ", name);
	for (size_t i = 0; i < part->size; i++)
		fprintf(file, "%02x", part->bytes[i]);
	fputc('\n', file);
}

static void print_certificate(FILE *file, const char *name, const struct document_part *der)
{
	struct shown shown;

	look_at(&shown, der);
	fprintf(file, "%-11s ", name);
	if (*shown.sha256 == '\0') {
		fputs("is no certificate\n", file);
		return;
	}
	print_escaped(file, shown.subject);
	fprintf(file, ", %s to %s, SHA-256 %s\n", shown.from, shown.until, shown.sha256);
}

void document_print(FILE *file, const struct document *document)
{
	char text[TIME_MAX];

	print_text(file, "module", &document->module_id);
	put_time(text, (int64_t)(document->timestamp / 1000));
	fprintf(file, "%-11s %s\n", "time", text);
	for (uint32_t i = 0; i < VERDICT_PCRS; i++) {
		(void)snprintf(text, sizeof text, "PCR%" PRIu32, i);
		print_hex(file, text, &document->pcrs[i]);
	}
	print_hex(file, "public key", &document->public_key);
	print_hex(file, "user data", &document->user_data);
	print_hex(file, "nonce", &document->nonce);
	for (uint32_t i = 0; i < document->bundle_count; i++)
		print_certificate(file, i == 0 ? "root" : "authority", &document->bundle[i]);
	print_certificate(file, "signer", &document->certificate);
}
