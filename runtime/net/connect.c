/* connect: see connect.h.
 *
 * A trial goes: again -> begin -> the watch is writable -> reached -> (hybrid: asked -> answered)
 * -> finish. Whatever fails in it ends in trial_failed, which goes on to the next endpoint.
 */
#include "runtime/net/connect.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/vm_sockets.h>
#include <stddef.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "gen/hybrid_hello.h"
#include "runtime/kernel/machine.h"
#include "runtime/net/socket.h"
#include "runtime/net/unix_path.h"

MACHINE_BYTES(hybrid_hello)

#define WAIT_FIRST (5 * CLOCK_MILLISECOND)
#define WAIT_LAST  (250 * CLOCK_MILLISECOND)

/* Why the answer of a hybrid address was wrong; null for the one that is right. */
static const char *const answers[] = {
	[HYBRID_HELLO_IN_BAD_WORD] = "the answer to CONNECT does not begin with 'OK '",
	[HYBRID_HELLO_IN_BAD_PORT] = "there is no number in the answer to CONNECT",
	[HYBRID_HELLO_IN_TOO_BIG] = "the number in the answer to CONNECT is too large",
	[HYBRID_HELLO_IN_DONE] = NULL,
};

static struct connector *of_watch(struct watch *watch)
{
	return (struct connector *)((char *)watch - offsetof(struct connector, watch));
}

static void drop_descriptor(struct connector *connector)
{
	watch_stop(&connector->watch);
	if (connector->watch.fd >= 0)
		close(connector->watch.fd);
	connector->watch.fd = -1;
}

/* Ends with the descriptor under trial, or with the fault where there is none. */
static void finish(struct connector *connector)
{
	char text[ADDRESS_TEXT_MAX];
	struct fault fault = {0};
	int fd = connector->watch.fd;

	watch_stop(&connector->watch);
	timer_stop(&connector->limit);
	timer_stop(&connector->again);
	connector->watch.fd = -1;
	connector->loop = NULL;
	if (fd < 0) {
		address_print(&connector->address, text);
		fault_set(&fault, connector->fault.word, "cannot connect to %.200s: %s", text,
			connector->fault.text);
	}
	connector->done(connector, fd, fd < 0 ? &fault : NULL);
}

/* --- Trials ---------------------------------------------------------------------------------- */

/* Gives the endpoint under trial its share of the time that is left. */
static void begin_soon(struct connector *connector)
{
	uint64_t now = loop_now(connector->loop);
	uint64_t left = connector->deadline > now ? connector->deadline - now : 0;

	connector->wait = WAIT_FIRST;
	timer_start(&connector->limit, connector->loop,
		left / (connector->endpoints.count - connector->next));
	timer_start(&connector->again, connector->loop, 0);
}

/* The fault is set. */
static void trial_failed(struct connector *connector)
{
	drop_descriptor(connector);
	timer_stop(&connector->again);
	connector->next++;
	if (connector->next < connector->endpoints.count)
		begin_soon(connector);
	else
		finish(connector);
}

static void fail_with(struct connector *connector, int error, const char *what)
{
	/* vsock says so where nobody listens, and a hybrid socket by closing. */
	socket_fault(&connector->fault, error == ECONNRESET ? ECONNREFUSED : error, "%s", what);
	trial_failed(connector);
}

static void limit_is_over(struct timer *timer)
{
	fail_with((struct connector *)((char *)timer - offsetof(struct connector, limit)),
		ETIMEDOUT, "no answer in time");
}

/* --- The greeting of hybrid addresses -------------------------------------------------------- */

/* One byte at a time: those behind the newline are the stream's. */
static void answered(struct watch *watch, unsigned events)
{
	struct connector *connector = of_watch(watch);
	ssize_t got = 1;
	uint8_t byte;

	(void)events;
	while (!hybrid_hello_ended(&connector->hello)) {
		got = recv(watch->fd, &byte, 1, 0);
		if (got <= 0)
			break;
		(void)hybrid_hello_drive(&connector->hello, (uint64_t)watch->fd, &byte, 1);
	}
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		fail_with(connector, got == 0 ? ECONNREFUSED : errno,
			"the other end closed instead of answering CONNECT");
	} else if (answers[connector->hello.cs] != NULL) {
		fault_set(&connector->fault, "greeting", "%s", answers[connector->hello.cs]);
		trial_failed(connector);
	} else {
		finish(connector);
	}
}

static void ask(struct watch *watch, unsigned events)
{
	struct connector *connector = of_watch(watch);
	const char *rest = connector->request + connector->sent;
	ssize_t put = send(watch->fd, rest, strlen(rest), MSG_NOSIGNAL);

	(void)events;
	if (put < 0 && errno != EAGAIN && errno != EINTR) {
		fail_with(connector, errno == EPIPE ? ECONNREFUSED : errno, "send");
		return;
	}
	connector->sent += put > 0 ? (size_t)put : 0;
	if (connector->request[connector->sent] != '\0')
		return;
	watch->ready = answered;
	watch_change(watch, WATCH_READ);
}

static void prepare_greeting(struct connector *connector)
{
	(void)snprintf(connector->request, sizeof connector->request, "CONNECT %" PRIu32 "\n",
		connector->address.port);
	connector->sent = 0;
	hybrid_hello_init(&connector->hello, HYBRID_HELLO_REPLY);
}

/* --- One endpoint ---------------------------------------------------------------------------- */

static void reached(struct watch *watch, unsigned events)
{
	struct connector *connector = of_watch(watch);
	int error = 0;
	socklen_t size = sizeof error;

	if (getsockopt(watch->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
		error = errno;
	if (error != 0) {
		fail_with(connector, error, "connect");
	} else if (connector->address.kind == ADDRESS_HYBRID) {
		watch->ready = ask;
		ask(watch, events);
	} else {
		finish(connector);
	}
}

static void try_later(struct connector *connector)
{
	drop_descriptor(connector);
	timer_start(&connector->again, connector->loop, connector->wait);
	if (connector->wait < WAIT_LAST)
		connector->wait *= 2;
}

/* The kernel gives up on a vsock peer after two seconds, unless it is told when to. */
static void set_patience(const struct connector *connector, int fd, int family)
{
	uint64_t now = loop_now(connector->loop);
	uint64_t left = connector->deadline > now ? connector->deadline - now : 0;
	struct timeval patience = {.tv_sec = (time_t)(left / CLOCK_SECOND) + 1};

	if (family == AF_VSOCK)
		(void)setsockopt(
			fd, AF_VSOCK, SO_VM_SOCKETS_CONNECT_TIMEOUT, &patience, sizeof patience);
}

/* The descriptor of a socket that is connecting, or -1 and an errno. */
static int dial(const struct connector *connector, const struct endpoint *endpoint)
{
	int family = endpoint->name.ss_family, error;
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	set_patience(connector, fd, family);
	if (connect(fd, (const struct sockaddr *)&endpoint->name, endpoint->size) == 0 ||
		errno == EINPROGRESS || errno == EINTR)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

static void begin(struct timer *timer)
{
	struct connector *connector =
		(struct connector *)((char *)timer - offsetof(struct connector, again));
	struct endpoint *endpoint = &connector->endpoints.list[connector->next];
	int held = -1, fd, error;

	if (unix_path_is(&connector->address) &&
		unix_path_target(&connector->address, endpoint, &held, &connector->fault) != 0) {
		trial_failed(connector);
		return;
	}
	fd = dial(connector, endpoint);
	error = errno;
	if (held >= 0)
		close(held);
	connector->watch.fd = -1;
	if (fd < 0 && error == EAGAIN) {
		try_later(connector);
	} else if (fd < 0) {
		fail_with(connector, error, "connect");
	} else {
		connector->watch.ready = reached;
		if (watch_start(&connector->watch, connector->loop, fd, WATCH_WRITE,
			    &connector->fault) == 0)
			return;
		close(fd);
		connector->watch.fd = -1;
		trial_failed(connector);
	}
}

int connect_start(struct connector *connector, struct loop *loop, const struct address *address,
	const struct endpoints *resolved, uint64_t nanoseconds, struct fault *fault)
{
	uint64_t now = loop_now(loop);

	if (resolved != NULL)
		connector->endpoints = *resolved;
	else if (address_is_name(address))
		return fault_set(fault, "name", "the host '%s' is not resolved yet", address->text);
	else if (address_resolve(address, &connector->endpoints, fault) != 0)
		return -1;
	if (unix_path_is(address))
		connector->endpoints.count = 1; /* it is made when it is tried */
	if (connector->endpoints.count == 0)
		return fault_set(fault, "name", "the host '%s' has no address", address->text);
	connector->loop = loop;
	connector->address = *address;
	connector->next = 0;
	connector->deadline = nanoseconds < UINT64_MAX - now ? now + nanoseconds : UINT64_MAX;
	memset(&connector->watch, 0, sizeof connector->watch);
	memset(&connector->limit, 0, sizeof connector->limit);
	memset(&connector->again, 0, sizeof connector->again);
	connector->watch.fd = -1;
	connector->limit.fired = limit_is_over;
	connector->again.fired = begin;
	prepare_greeting(connector);
	begin_soon(connector);
	return 0;
}

void connect_cancel(struct connector *connector)
{
	if (connector->loop == NULL)
		return;
	drop_descriptor(connector);
	timer_stop(&connector->limit);
	timer_stop(&connector->again);
	connector->loop = NULL;
}
