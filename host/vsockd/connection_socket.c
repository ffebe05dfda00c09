/* connection_socket: the host's side of a connection, a Unix socket; see connection.h. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/vsockd/connection.h"

#define PARTS_MAX 256u /* of one reading */

static bool is_open(const struct connection *connection)
{
	return connection->machine.cs == VSOCK_CONNECTION_IN_OPEN;
}

static bool can_read(const struct connection *connection)
{
	const struct vsock_connection *machine = &connection->machine;

	return is_open(connection) && machine->deaf == 0 && machine->eof == 0 &&
	       vsock_credit_room(&connection->credit) > 0;
}

/* --- What waits for the socket ---------------------------------------------------------------- */

/* Whoever read the other end is gone: what waits for him does not any more. */
static void drop_held(struct connection *connection)
{
	vsock_credit_consumed(&connection->credit, connection->held);
	connection->held = 0;
}

/* The event that an error of writing is; 0: it is none. */
static unsigned event_of_error(int error)
{
	switch (error) {
	case EAGAIN:
	case EINTR:
	case ENOBUFS:
	case ENOMEM:
		return 0;
	case EPIPE:
	case ECONNRESET:
		return VSOCK_CONNECTION_SOCKET_DEAF;
	default:
		return VSOCK_CONNECTION_SOCKET_LOST;
	}
}

/* Bytes written, and in *event what their failure means. */
static uint32_t put(const struct connection *connection, const struct iovec *parts, unsigned count,
	unsigned *event)
{
	const struct msghdr message = {.msg_iov = (struct iovec *)parts, .msg_iovlen = count};
	ssize_t sent = sendmsg(connection->watch.fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);

	*event = sent < 0 ? event_of_error(errno) : 0;
	return sent > 0 ? (uint32_t)sent : 0;
}

/* Copies the payload, less its first `skip` bytes, behind what waits; there is room for it, since
 * the guest was let send no more. */
static void hold(struct connection *connection, const struct guest_payload *payload, uint32_t skip)
{
	const uint32_t room = connection->guest->connections.buffer;
	uint8_t *buffer = connections_buffer(&connection->guest->connections, connection);

	connection->has_held = connection->has_held || skip < payload->size;
	for (unsigned i = 0; i < payload->count; i++) {
		const uint8_t *bytes = payload->parts[i].iov_base;
		uint32_t size = (uint32_t)payload->parts[i].iov_len;
		uint32_t skipped = skip < size ? skip : size;

		skip -= skipped;
		for (uint32_t done = skipped; done < size;) {
			uint32_t at = (connection->begin + connection->held) % room;
			uint32_t fits = room - at < size - done ? room - at : size - done;

			memcpy(buffer + at, bytes + done, fits);
			connection->held += fits;
			done += fits;
		}
	}
}

void connection_deliver(struct connection *connection, const struct guest_payload *payload)
{
	unsigned event = 0;
	uint32_t sent = 0;

	if (connection->held == 0)
		sent = put(connection, payload->parts, payload->count, &event);
	vsock_credit_consumed(&connection->credit, sent);
	if (event == 0) {
		hold(connection, payload, sent);
	} else {
		vsock_credit_consumed(&connection->credit, payload->size - sent);
		connection->due |= 1u << event;
	}
}

static void flush(struct connection *connection)
{
	const uint32_t room = connection->guest->connections.buffer, begin = connection->begin;
	uint8_t *buffer = connections_buffer(&connection->guest->connections, connection);
	uint32_t first = room - begin < connection->held ? room - begin : connection->held;
	const struct iovec parts[] = {{buffer + begin, first}, {buffer, connection->held - first}};
	unsigned event;
	uint32_t sent = put(connection, parts, parts[1].iov_len > 0 ? 2 : 1, &event);

	connection->begin = (begin + sent) % room;
	connection->held -= sent;
	vsock_credit_consumed(&connection->credit, sent);
	if (event != 0) {
		drop_held(connection);
		(void)connection_step(connection, (enum vsock_connection_event)event, 0);
	} else if (sent > 0) {
		(void)connection_step(connection, VSOCK_CONNECTION_WRITTEN, sent);
	}
}

/* --- To the guest ----------------------------------------------------------------------------- */

/* Chains of the guest's that together have room for what may be sent, and their parts. */
struct gathering {
	unsigned chains, count;
	uint32_t size;
	bool is_short; /* the guest has put in less than could be used */
	struct iovec parts[PARTS_MAX + RING_PARTS_MAX];
};

static void gather(struct guest *guest, struct gathering *gathering, uint32_t wanted)
{
	struct ring *ring = &guest->rings[TO_GUEST];

	gathering->chains = gathering->count = 0;
	gathering->size = 0;
	gathering->is_short = false;
	while (gathering->size < wanted && gathering->chains < GUEST_BATCH &&
		gathering->count < PARTS_MAX) {
		struct chain *chain = &guest->batch[gathering->chains];

		if (ring_take(ring, chain) != RING_TAKEN) {
			gathering->is_short = true;
			return;
		}
		if (chain->size <= VSOCK_HEADER_SIZE) {
			(void)ring_give_up(ring, "a buffer has no room for a packet");
			gathering->chains = 0;
			return;
		}
		gathering->chains++;
		gathering->count += guest_parts_behind(chain, VSOCK_HEADER_SIZE,
			wanted - gathering->size, gathering->parts + gathering->count);
		gathering->size += chain->size - VSOCK_HEADER_SIZE;
	}
}

/* Gives the chains back that `size` bytes were read into, each with its header; the others stay. */
static void send_read(struct connection *connection, unsigned chains, uint32_t size)
{
	struct guest *guest = connection->guest;
	unsigned used = 0;

	vsock_credit_sent(&connection->credit, size);
	while (size > 0) {
		const struct chain *chain = &guest->batch[used++];
		struct vsock_packet packet;
		uint32_t room = chain->size - VSOCK_HEADER_SIZE;

		connection_header(connection, VSOCK_OP_RW, &packet);
		packet.len = size < room ? size : room;
		guest_put(guest, chain, &packet);
		size -= packet.len;
	}
	ring_put_back(&guest->rings[TO_GUEST], chains - used);
}

/* The socket has no bytes, or no more of them. */
static void without_bytes(struct connection *connection, ssize_t got)
{
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got < 0) {
		(void)connection_step(connection, VSOCK_CONNECTION_SOCKET_LOST, 0);
		return;
	}
	if (connection->is_hung_up)
		connection->due |= 1u << VSOCK_CONNECTION_SOCKET_DEAF;
	(void)connection_step(connection, VSOCK_CONNECTION_SOCKET_END, 0);
}

bool connection_receive(struct connection *connection)
{
	struct guest *guest = connection->guest;
	struct gathering gathering;
	ssize_t got;

	connection->is_readable = false;
	if (!can_read(connection))
		return true;
	gather(guest, &gathering, vsock_credit_room(&connection->credit));
	if (gathering.chains == 0) {
		connection->is_readable = true;
		return false;
	}
	got = readv(connection->watch.fd, gathering.parts, (int)gathering.count);
	if (got <= 0) {
		ring_put_back(&guest->rings[TO_GUEST], gathering.chains);
		without_bytes(connection, got);
		return true;
	}
	if ((connection_step(connection, VSOCK_CONNECTION_SOCKET_DATA, (uint32_t)got) &
		    VSOCK_CONNECTION_DO_SEND_DATA) == 0) {
		ring_put_back(&guest->rings[TO_GUEST], gathering.chains);
		return true;
	}
	send_read(connection, gathering.chains, (uint32_t)got);
	connection->is_readable = gathering.is_short && (uint32_t)got == gathering.size;
	return !connection->is_readable;
}

/* --- The socket ------------------------------------------------------------------------------- */

/* Nobody is at the other end. What he sent before is read first, if it may be. */
static void hung_up(struct connection *connection)
{
	const struct vsock_connection *machine = &connection->machine;

	if (machine->cs == VSOCK_CONNECTION_IN_CALLING)
		(void)connection_step(connection, VSOCK_CONNECTION_SOCKET_LOST, 0);
	else if (is_open(connection) && (machine->deaf != 0 || machine->eof != 0))
		(void)connection_step(connection, VSOCK_CONNECTION_SOCKET_DEAF, 0);
}

static void ready(struct watch *watch, unsigned events)
{
	struct connection *connection =
		(struct connection *)((char *)watch - offsetof(struct connection, watch));
	struct guest *guest = connection->guest;

	if ((events & WATCH_ENDED) != 0)
		connection->is_hung_up = true;
	if (connection->held > 0 && (events & (WATCH_WRITE | WATCH_ENDED)) != 0)
		flush(connection);
	if (connection->is_used && connection->watch.fd >= 0) {
		if (!can_read(connection)) {
			if (connection->is_hung_up)
				hung_up(connection);
		} else if ((events & (WATCH_READ | WATCH_ENDED)) != 0) {
			connection->is_readable = true;
			guest_ask_turn(guest, connection);
		}
	}
	guest_serve(guest);
	connection_watch(connection);
}

int connection_socket(struct connection *connection, int fd, struct fault *fault)
{
	connection_take_socket(connection);
	if (watch_start(&connection->watch, connection->guest->loop, fd, 0, fault) == 0)
		return 0;
	connection->watch.fd = -1;
	return -1;
}

void connection_take_socket(struct connection *connection)
{
	connection->watch.ready = ready;
}

/* An end that nobody waits for is told in every turn of the loop: the watch is stopped then. */
void connection_watch(struct connection *connection)
{
	struct watch *watch = &connection->watch;
	unsigned events = connection->held > 0 ? WATCH_WRITE : 0;
	struct fault fault;

	if (!connection->is_used || watch->fd < 0)
		return;
	if (can_read(connection) && !connection->is_readable)
		events |= WATCH_READ;
	if (events == 0 && connection->is_hung_up)
		watch_stop(watch);
	else if (watch->loop != NULL)
		watch_change(watch, events);
	else if (watch_start(watch, connection->guest->loop, watch->fd, events, &fault) != 0)
		LOG(LOG_WARNING, "a socket can't be watched", log_string("fault", fault.text));
}

void connection_close_socket(struct connection *connection)
{
	struct connections *connections = &connection->guest->connections;

	if (connection->connector != NULL) {
		connect_cancel(connection->connector);
		connections_give_connector(connections, connection->connector);
	}
	connection->connector = NULL;
	watch_stop(&connection->watch);
	if (connection->watch.fd >= 0)
		close(connection->watch.fd);
	connection->watch.fd = -1;
	connection->wants_flushed = false;
	connection->is_readable = false;
	connection->held = 0;
	if (connection->has_held)
		(void)madvise(connections_buffer(connections, connection), connections->buffer,
			MADV_DONTNEED);
	connection->has_held = false;
}
