/* splice: bytes handed on between sockets and through layers, with and without a pipe. */
#include "runtime/net/splice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/lib/net.h"

#define ROOM  65536u
#define BYTES 3000000u

/* A layer that changes each byte, as TLS would: it has no descriptor of its own. */
struct layer {
	struct stream stream;
	struct stream *below;
};

static struct stream *below(struct stream *stream)
{
	return ((struct layer *)stream)->below;
}

static enum stream_result read_layer(
	struct stream *stream, void *bytes, size_t size, size_t *done, struct fault *fault)
{
	enum stream_result result = stream_read(below(stream), bytes, size, done, fault);

	for (size_t i = 0; i < *done; i++)
		((uint8_t *)bytes)[i] ^= 0x55;
	return result;
}

static enum stream_result write_layer(struct stream *stream, const struct iovec *parts,
	unsigned count, size_t *done, struct fault *fault)
{
	uint8_t changed[1000];
	struct iovec part = {changed, parts[0].iov_len < 1000 ? parts[0].iov_len : 1000};

	(void)count;
	for (size_t i = 0; i < part.iov_len; i++)
		changed[i] = ((const uint8_t *)parts[0].iov_base)[i] ^ 0x55;
	return stream_write(below(stream), &part, 1, done, fault);
}

static enum stream_result finish_layer(struct stream *stream, struct fault *fault)
{
	return stream_finish(below(stream), fault);
}

static void ready_below(struct stream *lower, unsigned events)
{
	struct layer *layer = lower->user;

	layer->stream.ready(&layer->stream, events);
}

static void want_layer(struct stream *stream, unsigned events)
{
	below(stream)->ready = ready_below;
	below(stream)->user = stream;
	stream_want(below(stream), events);
}

static void close_layer(struct stream *stream)
{
	stream_close(below(stream));
}

static int no_descriptor(const struct stream *stream)
{
	(void)stream;
	return -1;
}

static const struct stream_operations layer_operations = {
	read_layer, write_layer, finish_layer, want_layer, close_layer, no_descriptor};

/* source -> inlet | splice | outlet -> sink */
static struct socket_stream source, inlet, outlet, sink;
static struct layer inner, outer;
static struct stream *in, *out;
static uint8_t buffer[ROOM];
static struct stream_splice splicing;

static void open_streams(const char *form_in, const char *form_out)
{
	int a[2], b[2];

	net_pair(form_in, a);
	net_pair(form_out, b);
	assert_int_equal(socket_stream_open(&source, net.loop, a[0], &net.fault), 0);
	assert_int_equal(socket_stream_open(&inlet, net.loop, a[1], &net.fault), 0);
	assert_int_equal(socket_stream_open(&outlet, net.loop, b[0], &net.fault), 0);
	assert_int_equal(socket_stream_open(&sink, net.loop, b[1], &net.fault), 0);
	in = &inlet.stream;
	out = &outlet.stream;
}

static void open_layers(void)
{
	inner = (struct layer){{.operations = &layer_operations}, in};
	outer = (struct layer){{.operations = &layer_operations}, out};
	in = &inner.stream;
	out = &outer.stream;
}

static void close_streams(void)
{
	stream_splice_close(&splicing);
	stream_close(&source.stream);
	stream_close(in);
	stream_close(out);
	stream_close(&sink.stream);
}

static uint8_t byte_at(size_t place)
{
	return (uint8_t)(place * 31 + place / 251);
}

/* The user of the splice: moves whenever one of its streams is ready for what is due. */
static bool handed_on;
static enum stream_result last;

static void move(struct stream *stream, unsigned events)
{
	(void)stream;
	(void)events;
	last = stream_splice_move(&splicing, &net.fault);
	stream_want(in, splicing.waits == STREAM_READ ? STREAM_READ : 0);
	stream_want(out, splicing.waits == STREAM_WRITE ? STREAM_WRITE : 0);
	if (last == STREAM_END || last == STREAM_FAILED) {
		stream_want(in, 0);
		stream_want(out, 0);
		handed_on = true;
	}
	if (last == STREAM_END)
		(void)stream_finish(out, &net.fault);
}

static void start_to_move(size_t room)
{
	handed_on = false;
	stream_splice_open(&splicing, in, out, buffer, room);
	in->ready = out->ready = move;
	stream_want(in, STREAM_READ);
}

/* Writes as much as there is room for, and its end behind the last byte. */
static void feed(size_t *fed)
{
	static uint8_t block[10007];
	struct iovec part = {block, sizeof block};
	size_t done = 1;

	while (*fed < BYTES && done > 0) {
		if (part.iov_len > BYTES - *fed)
			part.iov_len = BYTES - *fed;
		for (size_t i = 0; i < part.iov_len; i++)
			block[i] = byte_at(*fed + i);
		assert_int_not_equal(
			stream_write(&source.stream, &part, 1, &done, &net.fault), STREAM_FAILED);
		*fed += done;
		if (*fed == BYTES)
			assert_int_equal(stream_finish(&source.stream, &net.fault), STREAM_DONE);
	}
}

static void assert_all_is_handed_on(void)
{
	static uint8_t got[50000];
	enum stream_result result = STREAM_DONE;
	size_t fed = 0, seen = 0, done;

	while (result != STREAM_END) {
		feed(&fed);
		net_turn();
		result = stream_read(&sink.stream, got, sizeof got, &done, &net.fault);
		assert_int_not_equal(result, STREAM_FAILED);
		for (size_t i = 0; i < done; i++)
			if (got[i] != byte_at(seen + i))
				fail_msg("byte %zu is another", seen + i);
		seen += done;
	}
	assert_int_equal(seen, BYTES);
	assert_true(handed_on);
	assert_int_equal(last, STREAM_END);
	assert_int_equal(splicing.moved, BYTES);
	assert_int_equal(splicing.held, 0);
}

static void sockets_of_each_kind_are_spliced(void **unused)
{
	(void)unused;
	for (unsigned i = 0; net_form(i) != NULL; i++)
		for (unsigned j = 0; net_form(j) != NULL; j++) {
			open_streams(net_form(i), net_form(j));
			start_to_move(ROOM);
			assert_true(splicing.pipe[0] >= 0);
			assert_all_is_handed_on();
			assert_true(splicing.pipe[0] >= 0);
			close_streams();
		}
}

static void layers_are_copied(void **unused)
{
	static const size_t rooms[] = {1000, ROOM};

	(void)unused;
	for (size_t i = 0; i < 2; i++) {
		open_streams("unix:%s/socket", "tcp:127.0.0.1:0");
		open_layers();
		start_to_move(rooms[i]);
		assert_int_equal(splicing.pipe[0], -1);
		assert_all_is_handed_on();
		close_streams();
	}
}

static void without_descriptors_for_a_pipe_bytes_are_copied(void **unused)
{
	struct rlimit limit, none;

	(void)unused;
	open_streams("unix:%s/socket", "tcp:[::1]:0");
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	start_to_move(ROOM);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(splicing.pipe[0], -1);
	assert_all_is_handed_on();
	close_streams();
}

/* A descriptor that the kernel can't splice to: one that is opened to append. */
static int unsplicable = -1;
static int descriptor_of_file(const struct stream *stream)
{
	(void)stream;
	return unsplicable;
}

static void what_the_kernel_cannot_splice_is_copied_out_of_the_pipe(void **unused)
{
	struct stream_operations operations;
	char path[] = "/tmp/cloister-splice-XXXXXX";

	(void)unused;
	unsplicable = mkostemp(path, O_APPEND | O_CLOEXEC);
	assert_true(unsplicable >= 0);
	assert_int_equal(unlink(path), 0);
	open_streams("unix:%s/socket", "unix:%s/socket");
	operations = *out->operations;
	operations.descriptor = descriptor_of_file;
	out->operations = &operations;
	start_to_move(ROOM);
	assert_true(splicing.pipe[0] >= 0);
	assert_all_is_handed_on();
	assert_int_equal(splicing.pipe[0], -1);
	close_streams();
	close(unsplicable);
}

static void what_is_due_next_is_known(void **unused)
{
	struct iovec part = {(void *)"x", 1};
	size_t done;

	(void)unused;
	open_streams("unix:%s/socket", "unix:%s/socket");
	stream_splice_open(&splicing, in, out, buffer, ROOM);
	assert_int_equal(stream_splice_move(&splicing, &net.fault), STREAM_AGAIN);
	assert_int_equal(splicing.waits, STREAM_READ);
	do {
		while (stream_write(&source.stream, &part, 1, &done, &net.fault) == STREAM_DONE)
			;
		last = stream_splice_move(&splicing, &net.fault);
	} while (last == STREAM_DONE || splicing.waits == STREAM_READ);
	assert_int_equal(last, STREAM_AGAIN);
	assert_int_equal(splicing.waits, STREAM_WRITE);
	assert_true(splicing.held > 0);
	close_streams();
}

static void a_sink_that_is_gone_is_told(void **unused)
{
	struct iovec part = {(void *)"some bytes", 10};
	size_t done;

	(void)unused;
	open_streams("unix:%s/socket", "unix:%s/socket");
	start_to_move(ROOM);
	stream_close(&sink.stream);
	assert_int_equal(stream_write(&source.stream, &part, 1, &done, &net.fault), STREAM_DONE);
	net_until(&handed_on);
	assert_int_equal(last, STREAM_FAILED);
	assert_string_equal(net.fault.word, "reset");
	close_streams();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NET_TEST(sockets_of_each_kind_are_spliced),
		NET_TEST(layers_are_copied),
		NET_TEST(without_descriptors_for_a_pipe_bytes_are_copied),
		NET_TEST(what_the_kernel_cannot_splice_is_copied_out_of_the_pipe),
		NET_TEST(what_is_due_next_is_known),
		NET_TEST(a_sink_that_is_gone_is_told),
	};

	return cmocka_run_group_tests_name("splice", tests, NULL, NULL);
}
