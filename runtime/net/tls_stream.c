/* tls_stream: see tls_stream.h. */
#include "runtime/net/tls_stream.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#define RECORD      16384u /* bytes of a record, before it is encrypted */
#define RECORD_MORE 256u   /* what encryption adds to it, at most */
#define RECORDS     4u     /* in the output */
#define RESERVE     4096u  /* in it, for what the library says by itself */
#define READS       8u     /* of the stream below in one go: then others have theirs */
#define OUTPUT_SIZE (RECORDS * (RECORD + RECORD_MORE) + RESERVE)

static struct tls_stream *tls_of(struct stream *stream)
{
	return (struct tls_stream *)stream;
}

/* --- Failures --------------------------------------------------------------------------------- */

static enum stream_result fail(struct tls_stream *tls, struct fault *fault)
{
	if (fault != NULL)
		*fault = tls->fault;
	return STREAM_FAILED;
}

static void fail_with(struct tls_stream *tls, const struct fault *fault)
{
	if (!tls->has_failed)
		tls->fault = *fault;
	tls->has_failed = true;
	tls->has_more = false;
}

/* What the library calls an error that is none of waiting. */
static void fail_in_library(struct tls_stream *tls)
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
	fail_with(tls, &fault);
	ERR_clear_error();
}

/* --- What the library reads and writes -------------------------------------------------------- */

static int bio_read(BIO *bio, char *bytes, size_t size, size_t *done)
{
	struct tls_stream *tls = BIO_get_data(bio);
	struct fault fault;

	BIO_clear_retry_flags(bio);
	*done = 0;
	if (++tls->reads > READS) {
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
		fail_with(tls, &fault);
		break;
	}
	return 0;
}

static int bio_write(BIO *bio, const char *bytes, size_t size, size_t *done)
{
	struct tls_stream *tls = BIO_get_data(bio);
	size_t room = OUTPUT_SIZE - tls->used;

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

/* Sends what was encrypted, as far as it goes now. */
static enum stream_result flush(struct tls_stream *tls)
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
		fail_with(tls, &fault);
	if (tls->sent == tls->used)
		tls->sent = tls->used = 0;
	return result;
}

/* --- Readiness -------------------------------------------------------------------------------- */

/* What of the wanted may succeed though nothing happens below. */
static unsigned able_at_once(const struct tls_stream *tls)
{
	unsigned able = 0;

	if (tls->has_failed)
		return tls->wanted;
	if (tls->has_more)
		able |= STREAM_READ;
	if (tls->is_up && tls->used == 0)
		able |= STREAM_WRITE;
	return able & tls->wanted;
}

/* What is encrypted is sent whatever the owner wants. */
static void wait_below(struct tls_stream *tls)
{
	unsigned wanted = tls->wanted & STREAM_READ;

	if (!tls->is_up && tls->wanted != 0)
		wanted = STREAM_READ;
	if (tls->used > 0)
		wanted |= STREAM_WRITE;
	stream_want(tls->below, tls->has_failed ? 0 : wanted);
	if (able_at_once(tls) == 0)
		timer_stop(&tls->again);
	else if (tls->again.loop == NULL)
		timer_start(&tls->again, tls->loop, 0);
}

static enum stream_result greet(struct tls_stream *tls)
{
	int result, error;

	if (tls->has_failed)
		return STREAM_FAILED;
	if (tls->is_up)
		return STREAM_DONE;
	tls->reads = 0;
	ERR_clear_error();
	result = SSL_do_handshake(tls->ssl);
	error = SSL_get_error(tls->ssl, result);
	if (result == 1)
		tls->is_up = tls->has_more = true;
	else if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
		fail_in_library(tls);
	(void)flush(tls); /* also what is said of a failure */
	if (tls->has_failed)
		return STREAM_FAILED;
	return tls->is_up ? STREAM_DONE : STREAM_AGAIN;
}

/* The owner's call is the last that is done: all may be gone behind it. */
static void ready(struct stream *below, unsigned events)
{
	struct tls_stream *tls = below->user;
	unsigned able = 0;

	if (!tls->is_up && greet(tls) != STREAM_AGAIN)
		able = tls->wanted;
	else if (tls->is_up && (events & STREAM_READ) != 0)
		able = STREAM_READ;
	if ((events & STREAM_WRITE) != 0 && !tls->has_failed && flush(tls) == STREAM_DONE)
		able |= STREAM_READ | STREAM_WRITE; /* a read may have waited for room, too */
	if (!tls->is_up && !tls->has_failed)
		able = 0;
	able = (able & tls->wanted) | able_at_once(tls);
	wait_below(tls);
	if (able != 0)
		tls->stream.ready(&tls->stream, able);
}

static void ready_again(struct timer *timer)
{
	struct tls_stream *tls =
		(struct tls_stream *)((char *)timer - offsetof(struct tls_stream, again));
	unsigned able = able_at_once(tls);

	wait_below(tls);
	if (able != 0)
		tls->stream.ready(&tls->stream, able);
}

/* --- The operations --------------------------------------------------------------------------- */

static enum stream_result read_records(
	struct tls_stream *tls, uint8_t *bytes, size_t size, size_t *done)
{
	while (*done < size) {
		size_t got = 0;
		int result, error;

		ERR_clear_error();
		result = SSL_read_ex(tls->ssl, bytes + *done, size - *done, &got);
		*done += got;
		if (result == 1)
			continue;
		error = SSL_get_error(tls->ssl, result);
		tls->has_more = error == SSL_ERROR_ZERO_RETURN || tls->reads > READS;
		if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
			return *done > 0 ? STREAM_DONE : STREAM_AGAIN;
		if (error != SSL_ERROR_ZERO_RETURN)
			fail_in_library(tls);
		if (*done > 0)
			return STREAM_DONE; /* how it ends is told by the next one */
		return tls->has_failed ? STREAM_FAILED : STREAM_END;
	}
	tls->has_more = true;
	return STREAM_DONE;
}

static enum stream_result read_tls(
	struct stream *stream, void *bytes, size_t size, size_t *done, struct fault *fault)
{
	struct tls_stream *tls = tls_of(stream);
	enum stream_result result = greet(tls);

	*done = 0;
	tls->reads = 0;
	if (result == STREAM_DONE)
		result = read_records(tls, bytes, size, done);
	if (tls->used > 0)
		(void)flush(tls);
	wait_below(tls);
	return result == STREAM_FAILED ? fail(tls, fault) : result;
}

/* The next record's bytes of the parts from `at` on: where they are, or a copy where they are in
 * several places. */
static const uint8_t *next_record(
	const struct iovec *parts, unsigned count, size_t at, uint8_t copy[RECORD], size_t *size)
{
	unsigned i = 0;

	while (i < count && at >= parts[i].iov_len)
		at -= parts[i++].iov_len;
	*size = 0;
	if (i < count && parts[i].iov_len - at >= RECORD) {
		*size = RECORD;
		return (const uint8_t *)parts[i].iov_base + at;
	}
	for (; i < count && *size < RECORD; i++, at = 0) {
		size_t length = parts[i].iov_len - at;

		if (length > RECORD - *size)
			length = RECORD - *size;
		if (length > 0)
			memcpy(copy + *size, (const uint8_t *)parts[i].iov_base + at, length);
		*size += length;
	}
	return copy;
}

/* The output is empty: each record that is begun fits into it. */
static enum stream_result write_records(
	struct tls_stream *tls, const struct iovec *parts, unsigned count, size_t *done)
{
	uint8_t copy[RECORD];
	size_t size;

	for (unsigned i = 0; i < RECORDS; i++) {
		const uint8_t *bytes = next_record(parts, count, *done, copy, &size);
		size_t put = 0;

		if (size == 0)
			break;
		ERR_clear_error();
		if (SSL_write_ex(tls->ssl, bytes, size, &put) != 1) {
			fail_in_library(tls);
			return STREAM_FAILED;
		}
		*done += put;
	}
	return flush(tls) == STREAM_FAILED ? STREAM_FAILED : STREAM_DONE;
}

static enum stream_result write_tls(struct stream *stream, const struct iovec *parts,
	unsigned count, size_t *done, struct fault *fault)
{
	struct tls_stream *tls = tls_of(stream);
	enum stream_result result = greet(tls);

	*done = 0;
	if (result == STREAM_DONE)
		result = flush(tls);
	if (result == STREAM_DONE)
		result = write_records(tls, parts, count, done);
	wait_below(tls);
	return result == STREAM_FAILED ? fail(tls, fault) : result;
}

static enum stream_result finish_tls(struct stream *stream, struct fault *fault)
{
	struct tls_stream *tls = tls_of(stream);
	enum stream_result result = greet(tls);

	if (result == STREAM_DONE)
		result = flush(tls);
	if (result == STREAM_DONE && !tls->is_finished) {
		ERR_clear_error();
		if (SSL_shutdown(tls->ssl) < 0)
			fail_in_library(tls);
		tls->is_finished = true;
		result = flush(tls);
	}
	wait_below(tls);
	if (tls->has_failed)
		return fail(tls, fault);
	return result == STREAM_DONE ? stream_finish(tls->below, fault) : result;
}

static void want(struct stream *stream, unsigned events)
{
	tls_of(stream)->wanted = events;
	wait_below(tls_of(stream));
}

static void close_tls(struct stream *stream)
{
	struct tls_stream *tls = tls_of(stream);

	timer_stop(&tls->again);
	SSL_free(tls->ssl);
	tls->ssl = NULL;
	free(tls->output);
	tls->output = NULL;
	stream_close(tls->below);
}

static int descriptor(const struct stream *stream)
{
	(void)stream;
	return -1;
}

static const struct stream_operations operations = {
	.read = read_tls,
	.write = write_tls,
	.finish = finish_tls,
	.want = want,
	.close = close_tls,
	.descriptor = descriptor,
};

/* --- The beginning ---------------------------------------------------------------------------- */

void tls_stream_describe(BIO_METHOD *method)
{
	(void)BIO_meth_set_read_ex(method, bio_read);
	(void)BIO_meth_set_write_ex(method, bio_write);
	(void)BIO_meth_set_ctrl(method, bio_control);
}

static int make(struct tls_stream *tls, const struct tls *context, struct fault *fault)
{
	BIO *bio;

	tls->output = malloc(OUTPUT_SIZE);
	tls->ssl = SSL_new(context->context);
	bio = BIO_new(context->method);
	if (tls->output == NULL || tls->ssl == NULL || bio == NULL) {
		BIO_free(bio);
		return fault_set(fault, "memory", "there is no memory for TLS");
	}
	BIO_set_data(bio, tls);
	BIO_set_init(bio, 1);
	SSL_set_bio(tls->ssl, bio, bio);
	if (context->is_server)
		SSL_set_accept_state(tls->ssl);
	else
		SSL_set_connect_state(tls->ssl);
	return 0;
}

int tls_stream_open(struct tls_stream *tls, const struct tls *context, struct loop *loop,
	struct stream *below, struct fault *fault)
{
	memset(tls, 0, sizeof *tls);
	tls->stream.operations = &operations;
	tls->loop = loop;
	tls->below = below;
	tls->again.fired = ready_again;
	if (make(tls, context, fault) != 0) {
		SSL_free(tls->ssl);
		free(tls->output);
		return -1;
	}
	below->ready = ready;
	below->user = tls;
	return 0;
}
