/* tls_stream: see tls_stream.h. */
#include "runtime/net/tls_stream.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "runtime/net/tls_inside.h"

static struct tls_stream *tls_of(struct stream *stream)
{
	return (struct tls_stream *)stream;
}

static enum stream_result fail(struct tls_stream *tls, struct fault *fault)
{
	if (fault != NULL)
		*fault = tls->fault;
	return STREAM_FAILED;
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
		tls_fail_in_library(tls);
	(void)tls_flush(tls); /* also what is said of a failure */
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
	if ((events & STREAM_WRITE) != 0 && !tls->has_failed && tls_flush(tls) == STREAM_DONE)
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
		tls->has_more = error == SSL_ERROR_ZERO_RETURN || tls->reads > TLS_READS;
		if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
			return *done > 0 ? STREAM_DONE : STREAM_AGAIN;
		if (error != SSL_ERROR_ZERO_RETURN)
			tls_fail_in_library(tls);
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
		(void)tls_flush(tls);
	wait_below(tls);
	return result == STREAM_FAILED ? fail(tls, fault) : result;
}

/* The next record's bytes of the parts from `at` on: where they are, or a copy where they are in
 * several places. */
static const uint8_t *next_record(const struct iovec *parts, unsigned count, size_t at,
	uint8_t copy[TLS_RECORD], size_t *size)
{
	unsigned i = 0;

	while (i < count && at >= parts[i].iov_len)
		at -= parts[i++].iov_len;
	*size = 0;
	if (i < count && parts[i].iov_len - at >= TLS_RECORD) {
		*size = TLS_RECORD;
		return (const uint8_t *)parts[i].iov_base + at;
	}
	for (; i < count && *size < TLS_RECORD; i++, at = 0) {
		size_t length = parts[i].iov_len - at;

		if (length > TLS_RECORD - *size)
			length = TLS_RECORD - *size;
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
	uint8_t copy[TLS_RECORD];
	size_t size;

	for (unsigned i = 0; i < TLS_RECORDS; i++) {
		const uint8_t *bytes = next_record(parts, count, *done, copy, &size);
		size_t put = 0;

		if (size == 0)
			break;
		ERR_clear_error();
		if (SSL_write_ex(tls->ssl, bytes, size, &put) != 1) {
			tls_fail_in_library(tls);
			return STREAM_FAILED;
		}
		*done += put;
	}
	return tls_flush(tls) == STREAM_FAILED ? STREAM_FAILED : STREAM_DONE;
}

static enum stream_result write_tls(struct stream *stream, const struct iovec *parts,
	unsigned count, size_t *done, struct fault *fault)
{
	struct tls_stream *tls = tls_of(stream);
	enum stream_result result = greet(tls);

	*done = 0;
	if (result == STREAM_DONE)
		result = tls_flush(tls);
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
		result = tls_flush(tls);
	if (result == STREAM_DONE && !tls->is_finished) {
		ERR_clear_error();
		if (SSL_shutdown(tls->ssl) < 0)
			tls_fail_in_library(tls);
		tls->is_finished = true;
		result = tls_flush(tls);
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

static int make(struct tls_stream *tls, const struct tls *context, struct fault *fault)
{
	BIO *bio;

	tls->output = malloc(TLS_OUTPUT_SIZE);
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
