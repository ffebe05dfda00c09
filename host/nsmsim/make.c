/* make: see make.h. */
#include "host/nsmsim/make.h"

#include <openssl/ec.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#define SERIAL_SIZE 16

EVP_PKEY *make_key(void)
{
	return EVP_EC_gen("P-384");
}

/* Positive, and never the same again. */
static int put_serial(X509 *certificate)
{
	uint8_t bytes[SERIAL_SIZE];
	BIGNUM *number;
	int status;

	if (RAND_bytes(bytes, sizeof bytes) != 1)
		return 0;
	bytes[0] = (uint8_t)(bytes[0] % 64u + 64u);
	number = BN_bin2bn(bytes, sizeof bytes, NULL);
	status = number != NULL &&
		 BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
	BN_free(number);
	return status;
}

static int put_name(X509_NAME *name, const char *key, const char *value)
{
	return X509_NAME_add_entry_by_txt(
		name, key, MBSTRING_UTF8, (const unsigned char *)value, -1, -1, 0);
}

static int put_names(X509 *certificate, const struct make_plan *plan)
{
	X509_NAME *subject = X509_get_subject_name(certificate);
	const X509 *issuer = plan->issuer != NULL ? plan->issuer : certificate;

	return put_name(subject, "O", "Cloister") &&
	       put_name(subject, "OU", "nsmsim: development only") &&
	       put_name(subject, "CN", plan->name) &&
	       X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
}

static int put_extension(X509 *certificate, X509V3_CTX *context, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, context, nid, value);
	int status = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;

	X509_EXTENSION_free(extension);
	return status;
}

static int put_extensions(X509 *certificate, const struct make_plan *plan)
{
	X509V3_CTX context;

	X509V3_set_ctx(&context, plan->issuer != NULL ? plan->issuer : certificate, certificate,
		NULL, NULL, 0);
	return put_extension(certificate, &context, NID_basic_constraints, plan->constraints) &&
	       put_extension(certificate, &context, NID_key_usage, plan->usage) &&
	       put_extension(certificate, &context, NID_subject_key_identifier, "hash");
}

static int fill(X509 *certificate, const struct make_plan *plan)
{
	return X509_set_version(certificate, X509_VERSION_3) && put_serial(certificate) &&
	       put_names(certificate, plan) &&
	       ASN1_TIME_set(X509_getm_notBefore(certificate), plan->from) != NULL &&
	       ASN1_TIME_set(X509_getm_notAfter(certificate), plan->until) != NULL &&
	       X509_set_pubkey(certificate, plan->subject) && put_extensions(certificate, plan) &&
	       X509_sign(certificate, plan->signer, EVP_sha384()) > 0;
}

X509 *make_certificate(const struct make_plan *plan)
{
	X509 *certificate = X509_new();

	if (certificate != NULL && fill(certificate, plan))
		return certificate;
	X509_free(certificate);
	return NULL;
}
