/* tls_inside: what the files of tls_stream share. */
#ifndef CLOISTER_RUNTIME_NET_TLS_INSIDE_H
#define CLOISTER_RUNTIME_NET_TLS_INSIDE_H

#include "runtime/net/tls_stream.h"

#define TLS_RECORD      16384u /* bytes of a record, before it is encrypted */
#define TLS_RECORD_MORE 256u   /* what encryption adds to it, at most */
#define TLS_RECORDS     4u     /* in the output */
#define TLS_RESERVE     4096u  /* in it, for what the library says by itself */
#define TLS_READS       8u     /* of the stream below in one go: then others have theirs */
#define TLS_OUTPUT_SIZE (TLS_RECORDS * (TLS_RECORD + TLS_RECORD_MORE) + TLS_RESERVE)

/* The first failure stays. */
void tls_fail(struct tls_stream *tls, const struct fault *fault);

/* For what the library calls an error that is none of waiting. */
void tls_fail_in_library(struct tls_stream *tls);

/* Sends what was encrypted, as far as it goes now. */
enum stream_result tls_flush(struct tls_stream *tls);

#endif
