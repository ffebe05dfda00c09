/* tls: what both ends of TLS streams (tls_stream.h) need once: TLS 1.3 and nothing older, no
 * resumption, no tickets, no early data, the library's own suites, and keys that are agreed on by
 * X25519MLKEM768 where the library knows it, else by X25519 or P-256. No configuration file is
 * read.
 *
 * The certificate of a server holds its key and says nothing else: who has the key is proved by
 * other means, over what both ends of one connection alone can know.
 * Words of faults: "crypto" (the library refuses), "memory". */
#ifndef CLOISTER_RUNTIME_NET_TLS_H
#define CLOISTER_RUNTIME_NET_TLS_H

#include <stdbool.h>

#include "runtime/kernel/fault.h"

struct tls;

/* A server makes its key, on P-256, and a certificate that the key signs itself: they are in this
 * process's memory and nowhere else. */
int tls_open_server(struct tls **tls, struct fault *fault);

int tls_open_client(struct tls **tls, struct fault *fault);

/* The streams of it are closed. Null is allowed. */
void tls_close(struct tls *tls);

/* --- For tls_stream.c ------------------------------------------------------------------------- */

struct ssl_ctx_st;
struct bio_method_st;

struct tls {
	struct ssl_ctx_st *context;
	struct bio_method_st *method; /* of streams, as the library wants to have them */
	bool is_server;
};

#endif
