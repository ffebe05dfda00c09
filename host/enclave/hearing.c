/* hearing: see hearing.h. */
#include "host/enclave/hearing.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/kernel/log.h"
#include "runtime/kernel/machine.h"
#include "runtime/net/peer.h"

MACHINE_BYTES(notice)

#define PORT_HEARTBEAT 9000u
#define PORT_LINES     9002u
#define CID_PARENT     3u
#define HEARTBEAT_BYTE 0xb7u

static struct ear *ear_of(void *member, size_t offset)
{
	return (struct ear *)(void *)((char *)member - offset);
}

static void release(struct ear *ear)
{
	struct listener *listener = ear->listener;

	timer_stop(&ear->limit);
	watch_stop(&ear->watch);
	close(ear->watch.fd);
	ear->listener = NULL;
	listener_ended(listener);
}

static void late(struct timer *timer)
{
	release(ear_of(timer, offsetof(struct ear, limit)));
}

/* --- The heartbeat ---------------------------------------------------------------------------- */

static void hear_beat(struct ear *ear, uint8_t byte)
{
	struct hearing *hearing = ear->hearing;

	if (byte != HEARTBEAT_BYTE) {
		LOG(LOG_WARNING, "another byte than a heartbeat's", log_number("byte", byte));
		return;
	}
	hearing->answerable = ear->watch.fd;
	hearing->heartbeat(hearing->user);
	hearing->answerable = -1;
}

void hearing_answer(struct hearing *hearing)
{
	static const uint8_t byte = HEARTBEAT_BYTE;

	if (hearing->answerable >= 0 && send(hearing->answerable, &byte, 1, MSG_NOSIGNAL) != 1)
		LOG(LOG_WARNING, "the enclave did not wait for the answer to its heartbeat");
}

static void beat_ready(struct watch *watch, unsigned events)
{
	struct ear *ear = ear_of(watch, offsetof(struct ear, watch));
	uint8_t byte;
	ssize_t got = recv(watch->fd, &byte, 1, 0);

	(void)events;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got == 1)
		hear_beat(ear, byte);
	release(ear);
}

/* --- Lines ------------------------------------------------------------------------------------ */

static void heed(struct hearing *hearing, const struct notice *notice)
{
	void (*const heeds[])(void *user, uint32_t number) = {
		[NOTICE_READY] = hearing->ready, [NOTICE_FAREWELL] = hearing->farewell};

	heeds[notice->word](hearing->user, notice->number);
}

static void line_ready(struct watch *watch, unsigned events)
{
	struct ear *ear = ear_of(watch, offsetof(struct ear, watch));
	uint8_t bytes[64];
	ssize_t got = recv(watch->fd, bytes, sizeof bytes, 0);

	(void)events;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got > 0)
		(void)notice_drive(&ear->notice, 0, bytes, (size_t)got);
	if (got > 0 && !notice_ended(&ear->notice))
		return;
	if (ear->notice.cs == NOTICE_IN_DONE)
		heed(ear->hearing, &ear->notice);
	else
		LOG(LOG_WARNING, "the enclave said something that is no line");
	release(ear);
}

/* --- Connections ------------------------------------------------------------------------------ */

/* One port of the parent is for all enclaves. */
static bool is_another(const struct hearing *hearing, int fd)
{
	struct fault fault;
	struct peer peer;

	return hearing->cid != 0 && (peer_of(fd, &peer, &fault) < 0 ||
					    (peer.kind == PEER_VSOCK && peer.cid != hearing->cid));
}

static void accepted(struct listener *listener, int fd)
{
	struct hearing *hearing = listener->user;
	struct fault fault;
	struct ear *ear = hearing->ears;

	if (is_another(hearing, fd)) {
		close(fd);
		listener_ended(listener);
		return;
	}
	/* As many as both listeners let in together. */
	while (ear->listener != NULL)
		ear++;
	ear->hearing = hearing;
	ear->listener = listener;
	ear->watch.ready = listener == &hearing->beats ? beat_ready : line_ready;
	ear->limit.fired = late;
	notice_init(&ear->notice);
	if (watch_start(&ear->watch, listener->loop, fd, WATCH_READ, &fault) < 0) {
		log_fault(LOG_WARNING, "cannot hear the enclave", &fault);
		close(fd);
		ear->listener = NULL;
		listener_ended(listener);
		return;
	}
	timer_start(&ear->limit, listener->loop, HEARING_SECONDS * CLOCK_SECOND);
}

static int listen_on(struct hearing *hearing, struct listener *listener, struct loop *loop,
	const struct address *address, struct fault *fault)
{
	const struct listener_limits limits = {.connections = HEARING_EARS, .mode = 0666};

	listener->accepted = accepted;
	listener->user = hearing;
	return listener_open(listener, loop, address, &limits, fault);
}

static int open_port(struct hearing *hearing, struct listener *listener, struct loop *loop,
	const char *folder, uint32_t port, struct fault *fault)
{
	struct address address = {.kind = ADDRESS_VSOCK, .cid = CID_PARENT, .port = port};

	if (address_stand_in(&address, folder, fault) < 0)
		return -1;
	return listen_on(hearing, listener, loop, &address, fault);
}

int hearing_open_lines(struct hearing *hearing, struct loop *loop, const struct address *address,
	uint32_t cid, struct fault *fault)
{
	hearing->answerable = -1;
	hearing->cid = cid;
	return listen_on(hearing, &hearing->lines, loop, address, fault);
}

int hearing_open(
	struct hearing *hearing, struct loop *loop, const char *folder, struct fault *fault)
{
	hearing->answerable = -1;
	if (open_port(hearing, &hearing->beats, loop, folder, PORT_HEARTBEAT, fault) < 0)
		return -1;
	return open_port(hearing, &hearing->lines, loop, folder, PORT_LINES, fault);
}

void hearing_close(struct hearing *hearing)
{
	listener_close(&hearing->beats);
	listener_close(&hearing->lines);
	for (size_t i = 0; i < sizeof hearing->ears / sizeof *hearing->ears; i++)
		if (hearing->ears[i].listener != NULL)
			release(&hearing->ears[i]);
}
