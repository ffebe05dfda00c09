/* chain: see chain.h. */
#include "runtime/crypto/chain.h"

#include <openssl/asn1.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>
#include <string.h>

/* Seconds since 1970. A time that can't be read is one at which nothing is valid. */
static int64_t seconds_of(const ASN1_TIME *time, int64_t otherwise)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days = 0, seconds = 0;
	bool is_known = epoch != NULL && time != NULL && ASN1_TIME_check(time) == 1 &&
			ASN1_TIME_diff(&days, &seconds, epoch, time) == 1;

	ASN1_TIME_free(epoch);
	return is_known ? (int64_t)days * 86400 + seconds : otherwise;
}

static bool is_on_p384(X509 *certificate)
{
	EVP_PKEY *key = X509_get0_pubkey(certificate);
	char curve[64] = "";
	size_t length;

	return key != NULL && EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
	       EVP_PKEY_get_group_name(key, curve, sizeof curve, &length) == 1 &&
	       strcmp(curve, "secp384r1") == 0;
}

/* What is critical and unknown would have to be kept, and nobody here could. */
static bool has_unknown_extension(X509 *certificate)
{
	for (int i = 0; i < X509_get_ext_count(certificate); i++) {
		X509_EXTENSION *extension = X509_get_ext(certificate, i);

		if (X509_EXTENSION_get_critical(extension) != 0 &&
			X509_supported_extension(extension) != 1)
			return true;
	}
	return false;
}

static bool is_sound(X509 *certificate)
{
	const uint32_t flags = X509_get_extension_flags(certificate);

	return X509_get_version(certificate) == X509_VERSION_3 &&
	       (flags & (EXFLAG_INVALID | EXFLAG_CRITICAL)) == 0 && is_on_p384(certificate) &&
	       X509_get_signature_nid(certificate) == NID_ecdsa_with_SHA384 &&
	       !has_unknown_extension(certificate);
}

/* Without a usage a certificate would be good for everything; ours must name theirs. */
static bool may(X509 *certificate, uint32_t usage)
{
	return (X509_get_extension_flags(certificate) & EXFLAG_KUSAGE) != 0 &&
	       (X509_get_key_usage(certificate) & usage) != 0;
}

X509 *chain_read(const struct document_part *der, struct verdict_certificate *facts)
{
	const unsigned char *next = der->bytes;
	X509 *certificate;

	*facts = (struct verdict_certificate){.size = der->size};
	if (der->bytes == NULL || der->size > VERDICT_CERTIFICATE_MAX)
		return NULL;
	certificate = d2i_X509(NULL, &next, (long)der->size);
	if (certificate == NULL || next != der->bytes + der->size) {
		X509_free(certificate);
		return NULL;
	}
	facts->is_sound = is_sound(certificate);
	facts->is_ca = (X509_get_extension_flags(certificate) & EXFLAG_CA) != 0;
	facts->may_sign_certificates = may(certificate, KU_KEY_CERT_SIGN);
	facts->may_sign = may(certificate, KU_DIGITAL_SIGNATURE);
	facts->path_length = X509_get_pathlen(certificate);
	facts->from = seconds_of(X509_get0_notBefore(certificate), INT64_MAX);
	facts->until = seconds_of(X509_get0_notAfter(certificate), INT64_MIN);
	return certificate;
}

bool chain_is_issued(X509 *certificate, X509 *issuer)
{
	return X509_check_issued(issuer, certificate) == X509_V_OK &&
	       X509_verify(certificate, X509_get0_pubkey(issuer)) == 1;
}
