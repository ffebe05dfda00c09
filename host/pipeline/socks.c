/* socks: see socks.h. */
#include "host/pipeline/socks.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "fsm/slc_reason.h"
#include "gen/socks_hello.h"
#include "runtime/kernel/machine.h"

MACHINE_BYTES(socks_hello)

/* What RFC 1928 calls the replies. */
enum reply {
	REPLY_DONE = 0,
	REPLY_FAILED = 1,
	REPLY_NOT_ALLOWED = 2,
	REPLY_UNREACHABLE = 4,
	REPLY_BAD_COMMAND = 7,
	REPLY_BAD_KIND = 8
};

static void make_reply(enum reply code, uint8_t reply[SOCKS_REPLY_SIZE])
{
	memset(reply, 0, SOCKS_REPLY_SIZE);
	reply[0] = 5;
	reply[1] = (uint8_t)code;
	reply[3] = SOCKS_HELLO_V4; /* where the connection comes from is nobody's business */
}

void socks_reply(uint32_t reason, uint8_t reply[SOCKS_REPLY_SIZE])
{
	switch (reason) {
	case SLC_REASON_NONE:
		make_reply(REPLY_DONE, reply);
		break;
	case SLC_REASON_DENIED:
		make_reply(REPLY_NOT_ALLOWED, reply);
		break;
	case SLC_REASON_UNREACHABLE:
		make_reply(REPLY_UNREACHABLE, reply);
		break;
	default:
		make_reply(REPLY_FAILED, reply);
		break;
	}
}

/* --- Answers ---------------------------------------------------------------------------------- */

/* A few bytes to a socket that was not written to yet. */
static void answer(const struct socks *socks, const uint8_t *bytes, size_t size)
{
	(void)!send(socks->watch.fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void greet(struct socks *socks, uint8_t method)
{
	const uint8_t choice[] = {5, method};

	answer(socks, choice, sizeof choice);
	socks->is_greeted = true;
}

static void refuse(const struct socks *socks, enum reply code)
{
	uint8_t reply[SOCKS_REPLY_SIZE];

	make_reply(code, reply);
	answer(socks, reply, sizeof reply);
}

static void refuse_for_state(struct socks *socks)
{
	switch (socks->hello.cs) {
	case SOCKS_HELLO_IN_NO_METHOD:
		greet(socks, 0xff);
		break;
	case SOCKS_HELLO_IN_BAD_COMMAND:
		refuse(socks, REPLY_BAD_COMMAND);
		break;
	case SOCKS_HELLO_IN_BAD_KIND:
		refuse(socks, REPLY_BAD_KIND);
		break;
	case SOCKS_HELLO_IN_BAD_REQUEST:
		refuse(socks, REPLY_FAILED);
		break;
	default: /* no client of SOCKS5: it would not understand */
		break;
	}
}

/* --- The target ------------------------------------------------------------------------------- */

static int make_target(const struct socks *socks, struct address *target)
{
	const struct socks_hello *hello = &socks->hello;
	const uint8_t *from = socks->bytes + socks->size - 2 - hello->length;
	char host[256] = "", text[sizeof host + 16];
	struct fault fault;

	if (hello->kind == SOCKS_HELLO_V4)
		(void)inet_ntop(AF_INET, from, host, sizeof host);
	else if (hello->kind == SOCKS_HELLO_V6)
		(void)inet_ntop(AF_INET6, from, host, sizeof host);
	else
		memcpy(host, from, hello->length);
	(void)snprintf(text, sizeof text,
		hello->kind == SOCKS_HELLO_V6 ? "tcp:[%s]:%u" : "tcp:%s:%u", host, hello->port);
	return address_parse(text, target, &fault);
}

static void finish(struct socks *socks)
{
	struct address target;
	bool has_target = false;

	if (socks->hello.cs == SOCKS_HELLO_IN_DONE) {
		has_target = make_target(socks, &target) == 0;
		if (!has_target)
			refuse(socks, REPLY_FAILED);
	} else {
		refuse_for_state(socks);
	}
	socks_stop(socks);
	socks->asked(socks, has_target ? &target : NULL);
}

/* --- Reading ---------------------------------------------------------------------------------- */

static void give_up(struct socks *socks)
{
	socks_stop(socks);
	socks->asked(socks, NULL);
}

/* One byte at a time: those behind the request are the target's. */
static void ready(struct watch *watch, unsigned events)
{
	struct socks *socks = (struct socks *)((char *)watch - offsetof(struct socks, watch));
	ssize_t got = 1;

	(void)events;
	while (!socks_hello_ended(&socks->hello)) {
		uint8_t *byte = &socks->bytes[socks->size];

		got = recv(watch->fd, byte, 1, MSG_DONTWAIT);
		if (got <= 0)
			break;
		socks->size++;
		(void)socks_hello_drive(&socks->hello, socks->instance, byte, 1);
		if (socks->hello.cs == SOCKS_HELLO_IN_VERSION2 && !socks->is_greeted)
			greet(socks, 0);
	}
	if (socks_hello_ended(&socks->hello))
		finish(socks);
	else if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
		give_up(socks);
}

static void time_is_up(struct timer *timer)
{
	give_up((struct socks *)((char *)timer - offsetof(struct socks, limit)));
}

int socks_start(struct socks *socks, struct loop *loop, int fd, struct fault *fault)
{
	socks_hello_init(&socks->hello);
	memset(&socks->watch, 0, sizeof socks->watch);
	memset(&socks->limit, 0, sizeof socks->limit);
	socks->watch.ready = ready;
	socks->limit.fired = time_is_up;
	socks->is_greeted = false;
	socks->size = 0;
	if (watch_start(&socks->watch, loop, fd, WATCH_READ, fault) != 0)
		return -1;
	timer_start(&socks->limit, loop, SOCKS_PATIENCE);
	return 0;
}

void socks_stop(struct socks *socks)
{
	watch_stop(&socks->watch);
	timer_stop(&socks->limit);
}
