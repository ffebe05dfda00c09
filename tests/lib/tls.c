/* tls: see tls.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "tests/lib/tls.h"

struct tls *tls_contexts[2];
struct end ends[2];

static uint8_t byte_at(size_t at)
{
	return (uint8_t)(at % 251);
}

/* --- What both ends do ------------------------------------------------------------------------ */

static void write_more(struct end *end)
{
	static uint8_t bytes[100000];
	enum stream_result result = STREAM_DONE;

	while (end->written < end->to_write && result == STREAM_DONE) {
		size_t size = end->to_write - end->written, done;
		struct iovec parts[4];

		if (size > end->step)
			size = end->step;
		for (size_t i = 0; i < size; i++)
			bytes[i] = byte_at(end->written + i);
		parts[0] = (struct iovec){bytes, size / 3};
		parts[1] = (struct iovec){NULL, 0};
		parts[2] = (struct iovec){bytes + size / 3, 0};
		parts[3] = (struct iovec){bytes + size / 3, size - size / 3};
		result = stream_write(end->stream, parts, 4, &done, &end->fault);
		if (result == STREAM_DONE)
			end->written += done;
	}
	if (result == STREAM_DONE && !end->is_done)
		result = stream_finish(end->stream, &end->fault);
	end->is_done = result == STREAM_DONE;
	end->is_blocked = result == STREAM_AGAIN;
}

static void read_more(struct end *end)
{
	static uint8_t bytes[40000];
	enum stream_result result = STREAM_DONE;
	size_t done;

	while (result == STREAM_DONE) {
		result = stream_read(end->stream, bytes, sizeof bytes, &done, &end->fault);
		for (size_t i = 0; i < done; i++)
			if (bytes[i] != byte_at(end->got + i))
				fail_msg("byte %zu is wrong", end->got + i);
		end->got += done;
	}
	end->result = result;
	end->is_over = result != STREAM_AGAIN;
}

void end_settle(struct end *end)
{
	stream_want(end->stream, (end->is_over || end->is_idle ? 0 : STREAM_READ) |
					 (end->is_blocked ? STREAM_WRITE : 0));
}

static void ready(struct stream *stream, unsigned events)
{
	struct end *end = stream->user;

	assert_true((events & ~(STREAM_READ | STREAM_WRITE)) == 0);
	if ((events & STREAM_WRITE) != 0)
		write_more(end);
	if ((events & STREAM_READ) != 0)
		read_more(end);
	end_settle(end);
}

void end_open(struct end *end, const struct tls *context, int fd, size_t to_write)
{
	memset(end, 0, sizeof *end);
	end->to_write = to_write;
	end->step = 100000;
	end->stream = &end->socket.stream;
	assert_int_equal(socket_stream_open(&end->socket, net.loop, fd, &net.fault), 0);
	if (context != NULL) {
		assert_int_equal(
			tls_stream_open(&end->tls, context, net.loop, end->stream, &net.fault), 0);
		end->stream = &end->tls.stream;
	}
	end->stream->ready = ready;
	end->stream->user = end;
}

void end_begin(struct end *end)
{
	write_more(end);
	end_settle(end);
}

void ends_open(const char *form, size_t from_client, size_t from_server)
{
	int fds[2];

	net_pair(form, fds);
	end_open(&ends[0], tls_contexts[0], fds[0], from_client);
	end_open(&ends[1], tls_contexts[1], fds[1], from_server);
}

void ends_close(void)
{
	stream_close(ends[0].stream);
	stream_close(ends[1].stream);
	stream_close(ends[1].stream);
}

void ends_until_over(void)
{
	while (!ends[0].is_over || !ends[1].is_over)
		assert_int_equal(loop_turn(net.loop, UINT64_MAX, &net.fault), 0);
}

int tls_make_contexts(void **unused)
{
	(void)unused;
	assert_int_equal(tls_open_client(&tls_contexts[0], &net.fault), 0);
	assert_int_equal(tls_open_server(&tls_contexts[1], &net.fault), 0);
	return 0;
}

int tls_drop_contexts(void **unused)
{
	(void)unused;
	tls_close(tls_contexts[0]);
	tls_close(tls_contexts[1]);
	tls_close(NULL);
	return 0;
}
