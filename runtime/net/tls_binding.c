/* tls_binding: what a connection can be told by; see tls_stream.h. */
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "runtime/net/tls_stream.h"

#define LABEL "EXPORTER-Channel-Binding"

int tls_stream_export(struct tls_stream *tls, uint8_t bytes[TLS_EXPORT_SIZE], struct fault *fault)
{
	if (tls->is_up && SSL_export_keying_material(tls->ssl, bytes, TLS_EXPORT_SIZE, LABEL,
				  strlen(LABEL), NULL, 0, 0) == 1)
		return 0;
	ERR_clear_error();
	return fault_set(fault, "crypto", "TLS exports nothing to tell this connection by");
}

int tls_stream_key(
	const struct tls_stream *tls, uint8_t bytes[TLS_KEY_MAX], size_t *size, struct fault *fault)
{
	const X509 *certificate = SSL_is_server(tls->ssl) ? SSL_get_certificate(tls->ssl)
							  : SSL_get0_peer_certificate(tls->ssl);
	X509_PUBKEY *key = certificate != NULL ? X509_get_X509_PUBKEY(certificate) : NULL;
	int length = key != NULL ? i2d_X509_PUBKEY(key, NULL) : -1;
	unsigned char *end = bytes;

	if (length <= 0 || length > (int)TLS_KEY_MAX || i2d_X509_PUBKEY(key, &end) != length) {
		ERR_clear_error();
		return fault_set(fault, "crypto", "the certificate of the peer has no usable key");
	}
	*size = (size_t)length;
	return 0;
}

void tls_stream_group(struct tls_stream *tls, char name[TLS_GROUP_MAX])
{
	const char *known = SSL_group_to_name(tls->ssl, (int)SSL_get_negotiated_group(tls->ssl));

	(void)snprintf(name, TLS_GROUP_MAX, "%s", known != NULL ? known : "");
}
