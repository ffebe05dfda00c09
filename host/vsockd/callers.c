/* callers: see callers.h. */
#include "host/vsockd/callers.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/vsockd/connection.h"
#include "runtime/kernel/machine.h"
#include "runtime/net/socket.h"

MACHINE_BYTES(hybrid_hello)

#define HELLO_TIME (10 * CLOCK_SECOND)

static void too_late(struct timer *timer)
{
	connection_drop((struct connection *)((char *)timer - offsetof(struct connection, timer)));
}

/* The caller has said which port it wants. */
static void call(struct connection *connection, uint32_t guest_port)
{
	struct guest *guest = connection->guest;
	const struct connection_name name = {GUEST_CID_HOST,
		connections_port(&guest->connections, GUEST_CID_HOST, guest_port), guest_port};

	timer_stop(&connection->timer);
	connections_add(&guest->connections, connection, &name);
	connection_take_socket(connection);
	(void)connection_step(connection, VSOCK_CONNECTION_CALL, 0);
	guest_serve(guest);
}

/* What stands behind the greeting is for the guest: it stays in the socket. */
static void greeted(struct watch *watch, unsigned events)
{
	struct connection *connection =
		(struct connection *)((char *)watch - offsetof(struct connection, watch));
	uint8_t bytes[HYBRID_HELLO_SIZE_MAX];
	ssize_t got = recv(watch->fd, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);
	size_t used = 0;

	(void)events;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got > 0)
		used = hybrid_hello_drive(
			&connection->hello, (uint64_t)watch->fd, bytes, (size_t)got);
	if (got <= 0 || recv(watch->fd, bytes, used, MSG_DONTWAIT) != (ssize_t)used)
		connection_drop(connection);
	else if (connection->hello.cs == HYBRID_HELLO_IN_DONE)
		call(connection, connection->hello.port);
	else if (hybrid_hello_ended(&connection->hello))
		connection_drop(connection);
}

static void accepted(struct listener *listener, int fd)
{
	struct guest *guest = listener->user;
	struct connection *connection = connections_take(&guest->connections, BY_HOST);
	struct fault fault;

	if (connection == NULL) {
		close(fd);
		listener_ended(listener);
		return;
	}
	connection->guest = guest;
	hybrid_hello_init(&connection->hello, HYBRID_HELLO_REQUEST);
	connection->watch.ready = greeted;
	connection->watch.fd = fd;
	connection->timer.fired = too_late;
	timer_start(&connection->timer, guest->loop, HELLO_TIME);
	if (watch_start(&connection->watch, guest->loop, fd, WATCH_READ, &fault) != 0)
		connection_drop(connection);
}

/* --- Opening and closing ---------------------------------------------------------------------- */

int callers_open(struct callers *callers, struct guest *guest, struct fault *fault)
{
	const struct listener_limits limits = {.connections = guest->connections.most};
	struct address address = {.kind = ADDRESS_UNIX};
	int size = snprintf(
		address.text, sizeof address.text, "%s/%" PRIu32, guest->folder, guest->cid);

	if (size < 0 || (size_t)size >= sizeof address.text - sizeof "/vsock")
		return fault_set(fault, "address", "the folder's path is too long");
	if (mkdir(address.text, 0700) != 0 && errno != EEXIST)
		return socket_fault(fault, errno, "cannot make the folder '%.200s'", address.text);
	(void)memcpy(address.text + size, "/vsock", sizeof "/vsock");
	callers->listener.accepted = accepted;
	callers->listener.user = guest;
	return listener_open(&callers->listener, guest->loop, &address, &limits, fault);
}

void callers_close(struct callers *callers)
{
	listener_close(&callers->listener);
}

void callers_ended(struct callers *callers)
{
	listener_ended(&callers->listener);
}
