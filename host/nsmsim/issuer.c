/* issuer: see issuer.h. */
#include "host/nsmsim/issuer.h"

#include <string.h>

#include "host/nsmsim/make.h"

#define HOUR   3600
#define LIFE   (3 * HOUR) /* of a signer, as on hardware */
#define RENEW  HOUR       /* before its end */
#define YEAR   (365 * 24 * HOUR)
#define BEFORE 60 /* seconds: clocks differ */

static int keep(const X509 *certificate, uint8_t *der, size_t *size)
{
	unsigned char *next = der;
	int length = i2d_X509(certificate, NULL);

	if (length < 1 || length > (int)ISSUER_DER_MAX)
		return -1;
	*size = (size_t)i2d_X509(certificate, &next);
	return 0;
}

static int refuse(struct fault *fault)
{
	return fault_set(fault, "crypto", "libcrypto refuses to make the simulator's certificates");
}

static int make_authority(struct issuer *issuer, const struct root *root, int64_t now)
{
	issuer->authority_key = make_key();
	if (issuer->authority_key == NULL)
		return -1;
	issuer->authority = make_certificate(&(struct make_plan){.name = "nsmsim authority",
		.constraints = "critical,CA:TRUE,pathlen:0",
		.usage = "critical,keyCertSign,cRLSign",
		.from = now - BEFORE,
		.until = now + YEAR,
		.subject = issuer->authority_key,
		.signer = root->key,
		.issuer = root->certificate});
	if (issuer->authority == NULL)
		return -1;
	return keep(root->certificate, issuer->bundle[0], &issuer->bundle_sizes[0]) != 0 ||
			       keep(issuer->authority, issuer->bundle[1],
				       &issuer->bundle_sizes[1]) != 0
		       ? -1
		       : 0;
}

static int make_signer(struct issuer *issuer, int64_t now)
{
	X509 *certificate = make_certificate(&(struct make_plan){.name = issuer->name,
		.constraints = "critical,CA:FALSE",
		.usage = "critical,digitalSignature",
		.from = now - BEFORE,
		.until = now + LIFE,
		.subject = issuer->key,
		.signer = issuer->authority_key,
		.issuer = issuer->authority});
	int status = certificate == NULL
			     ? -1
			     : keep(certificate, issuer->certificate, &issuer->certificate_size);

	X509_free(certificate);
	issuer->until = now + LIFE;
	return status;
}

int issuer_open(struct issuer *issuer, const struct root *root, const char *name, int64_t now,
	struct fault *fault)
{
	memset(issuer, 0, sizeof *issuer);
	issuer->name = name;
	issuer->key = make_key();
	if (issuer->key == NULL || make_authority(issuer, root, now) != 0 ||
		make_signer(issuer, now) != 0) {
		issuer_close(issuer);
		return refuse(fault);
	}
	return 0;
}

void issuer_close(struct issuer *issuer)
{
	EVP_PKEY_free(issuer->authority_key);
	EVP_PKEY_free(issuer->key);
	X509_free(issuer->authority);
	memset(issuer, 0, sizeof *issuer);
}

int issuer_renew(struct issuer *issuer, int64_t now, struct fault *fault)
{
	if (now < issuer->until - RENEW)
		return 0;
	return make_signer(issuer, now) == 0 ? 0 : refuse(fault);
}
