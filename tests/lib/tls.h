/* tls: two ends of TLS over sockets, for the tests of tls_stream. Include it behind cmocka's
 * headers. */
#ifndef CLOISTER_TESTS_LIB_TLS_H
#define CLOISTER_TESTS_LIB_TLS_H

#include "runtime/net/tls_stream.h"
#include "tests/lib/net.h"

extern struct tls *tls_contexts[2]; /* the client's and the server's */

/* Setup and teardown of a group of tests. */
int tls_make_contexts(void **unused);
int tls_drop_contexts(void **unused);

/* One end, which writes `to_write` bytes and then ends its direction, and reads till the end. */
struct end {
	struct socket_stream socket;
	struct tls_stream tls;
	struct stream *stream;
	size_t to_write, written, got;
	size_t step;               /* bytes of a write, in parts */
	enum stream_result result; /* of the reading */
	bool is_blocked, is_done, is_over;
	bool is_idle; /* it does not read for now */
	struct fault fault;
};
extern struct end ends[2]; /* the client's and the server's */

/* Takes a connected socket; without a context the end is plain. */
void end_open(struct end *end, const struct tls *context, int fd, size_t to_write);
void end_settle(struct end *end); /* reads from here on */
void end_begin(struct end *end);  /* and writes */

void ends_open(const char *form, size_t from_client, size_t from_server);
void ends_close(void);
void ends_until_over(void);

#endif
