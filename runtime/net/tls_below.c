/* tls_below: what the library reads and writes under a tls_stream, and how it fails. */
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "runtime/net/tls_inside.h"

/* --- Failures --------------------------------------------------------------------------------- */

void tls_fail(struct tls_stream *tls, const struct fault *fault)
{
	if (!tls->has_failed)
		tls->fault = *fault;
	tls->has_failed = true;
	tls->has_more = false;
}

void tls_fail_in_library(struct tls_stream *tls)
{
	const char *reason = ERR_reason_error_string(ERR_peek_error());
	struct fault fault;

	if (tls->has_ended)
		(void)fault_set(&fault, "reset",
			tls->is_up ? "the connection was cut: its end was not announced"
				   : "the peer has left before TLS was agreed on");
	else if (tls->is_up)
		(void)fault_set(&fault, "tls", "what came is not what the peer has sent: %s",
			reason != NULL ? reason : "TLS has failed");
	else
		(void)fault_set(&fault, "tls",
			"TLS 1.3 is not what the peer speaks, or it refuses ours: %s",
			reason != NULL ? reason : "the handshake has failed");
	tls_fail(tls, &fault);
	ERR_clear_error();
}

/* --- What the library reads and writes -------------------------------------------------------- */

static int bio_read(BIO *bio, char *bytes, size_t size, size_t *done)
{
	struct tls_stream *tls = BIO_get_data(bio);
	struct fault fault;

	BIO_clear_retry_flags(bio);
	*done = 0;
	if (++tls->reads > TLS_READS) {
		BIO_set_retry_read(bio);
		return 0;
	}
	switch (stream_read(tls->below, bytes, size, done, &fault)) {
	case STREAM_DONE:
		return 1;
	case STREAM_AGAIN:
		BIO_set_retry_read(bio);
		break;
	case STREAM_END:
		tls->has_ended = true;
		break;
	case STREAM_FAILED:
		tls_fail(tls, &fault);
		break;
	}
	return 0;
}

static int bio_write(BIO *bio, const char *bytes, size_t size, size_t *done)
{
	struct tls_stream *tls = BIO_get_data(bio);
	size_t room = TLS_OUTPUT_SIZE - tls->used;

	BIO_clear_retry_flags(bio);
	*done = size < room ? size : room;
	if (*done == 0) {
		BIO_set_retry_write(bio);
		return 0;
	}
	memcpy(tls->output + tls->used, bytes, *done);
	tls->used += *done;
	return 1;
}

static long bio_control(BIO *bio, int command, long number, void *data)
{
	const struct tls_stream *tls = BIO_get_data(bio);

	(void)number;
	(void)data;
	switch (command) {
	case BIO_CTRL_FLUSH:
		return 1;
	case BIO_CTRL_EOF:
		return tls->has_ended;
	default:
		return 0;
	}
}

enum stream_result tls_flush(struct tls_stream *tls)
{
	enum stream_result result = STREAM_DONE;
	struct fault fault;

	while (tls->sent < tls->used && result == STREAM_DONE) {
		const struct iovec part = {
			.iov_base = tls->output + tls->sent, .iov_len = tls->used - tls->sent};
		size_t done = 0;

		result = stream_write(tls->below, &part, 1, &done, &fault);
		if (result == STREAM_DONE)
			tls->sent += done;
	}
	if (result == STREAM_FAILED)
		tls_fail(tls, &fault);
	if (tls->sent == tls->used)
		tls->sent = tls->used = 0;
	return result;
}

/* --- The library's view of it ----------------------------------------------------------------- */

void tls_stream_describe(BIO_METHOD *method)
{
	(void)BIO_meth_set_read_ex(method, bio_read);
	(void)BIO_meth_set_write_ex(method, bio_write);
	(void)BIO_meth_set_ctrl(method, bio_control);
}
