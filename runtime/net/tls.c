/* tls: see tls.h. */
#include "runtime/net/tls.h"

#include <stdint.h>
#include <stdlib.h>

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "runtime/net/tls_stream.h"

/* Foreign certificates are one of a key: more is not read. */
#define CERTIFICATES_MAX 8192
/* What is read at once: almost three records. Its memory goes back when all of it is used. */
#define READ_SIZE 49152

static int refuse(struct fault *fault, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	(void)fault_set(fault, "crypto", "%s: %s", what,
		reason != NULL ? reason : "the library does not say why");
	ERR_clear_error();
	return -1;
}

/* --- Both ends -------------------------------------------------------------------------------- */

static bool set_groups(SSL_CTX *context)
{
	if (SSL_CTX_set1_groups_list(context, "X25519MLKEM768:X25519:P-256") == 1)
		return true;
	ERR_clear_error(); /* a library before 3.5 */
	return SSL_CTX_set1_groups_list(context, "X25519:P-256") == 1;
}

static int set_up(SSL_CTX *context, struct fault *fault)
{
	if (SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
		SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) != 1 ||
		SSL_CTX_set_num_tickets(context, 0) != 1 || !set_groups(context))
		return refuse(fault, "TLS can't be set up");
	(void)SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
	(void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	(void)SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
						SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_max_cert_list(context, CERTIFICATES_MAX);
	SSL_CTX_set_read_ahead(context, 1);
	SSL_CTX_set_default_read_buffer_len(context, READ_SIZE);
	SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL); /* see tls.h */
	return 0;
}

/* --- A server's key --------------------------------------------------------------------------- */

/* Valid for ever: whoever looks at the certificate takes the key from it and believes no clock. */
static bool fill(X509 *certificate, EVP_PKEY *key)
{
	X509_NAME *name = X509_get_subject_name(certificate);
	uint64_t serial;

	return RAND_bytes((unsigned char *)&serial, sizeof serial) == 1 &&
	       X509_set_version(certificate, X509_VERSION_3) == 1 &&
	       ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1 | 1) == 1 &&
	       X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
		       (const unsigned char *)"enclave", -1, -1, 0) == 1 &&
	       X509_set_issuer_name(certificate, name) == 1 &&
	       ASN1_TIME_set_string(X509_getm_notBefore(certificate), "19700101000000Z") == 1 &&
	       ASN1_TIME_set_string(X509_getm_notAfter(certificate), "99991231235959Z") == 1 &&
	       X509_set_pubkey(certificate, key) == 1 &&
	       X509_sign(certificate, key, EVP_sha256()) > 0;
}

static int make_key(SSL_CTX *context, struct fault *fault)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = X509_new();
	bool is_done = key != NULL && certificate != NULL && fill(certificate, key) &&
		       SSL_CTX_use_certificate(context, certificate) == 1 &&
		       SSL_CTX_use_PrivateKey(context, key) == 1;

	X509_free(certificate);
	EVP_PKEY_free(key);
	return is_done ? 0 : refuse(fault, "the key of TLS can't be made");
}

/* --- All of it -------------------------------------------------------------------------------- */

static int open_any(struct tls **tls, const SSL_METHOD *method, bool is_server, struct fault *fault)
{
	struct tls *new;

	if (OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
		return refuse(fault, "TLS can't be started");
	new = calloc(1, sizeof *new);
	if (new == NULL)
		return fault_set(fault, "memory", "there is no memory for TLS");
	new->is_server = is_server;
	new->context = SSL_CTX_new(method);
	new->method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stream");
	if (new->context == NULL || new->method == NULL) {
		tls_close(new);
		return refuse(fault, "TLS can't be set up");
	}
	tls_stream_describe(new->method);
	if (set_up(new->context, fault) != 0 || (is_server && make_key(new->context, fault) != 0)) {
		tls_close(new);
		return -1;
	}
	*tls = new;
	return 0;
}

int tls_open_client(struct tls **tls, struct fault *fault)
{
	return open_any(tls, TLS_client_method(), false, fault);
}

int tls_open_server(struct tls **tls, struct fault *fault)
{
	return open_any(tls, TLS_server_method(), true, fault);
}

void tls_close(struct tls *tls)
{
	if (tls == NULL)
		return;
	SSL_CTX_free(tls->context);
	BIO_meth_free(tls->method);
	free(tls);
}
