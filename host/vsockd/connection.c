/* connection: carries out what the machine decides; see connection.h. */
#include "host/vsockd/connection.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/kernel/machine.h"

MACHINE_EVENTS(vsock_connection)

#define DIAL_TIME     (10 * CLOCK_SECOND) /* the guest gives up earlier, as a rule */
#define CALL_TIME     (10 * CLOCK_SECOND)
#define DRAINING_TIME (30 * CLOCK_SECOND) /* without a byte that goes on */
#define CLOSING_TIME  (8 * CLOCK_SECOND)  /* what Linux gives its peers */

static struct connection *of_timer(struct timer *timer)
{
	return (struct connection *)((char *)timer - offsetof(struct connection, timer));
}

/* --- Dialing ---------------------------------------------------------------------------------- */

static void dialed(struct connector *connector, int fd, const struct fault *fault)
{
	struct connection *connection = connector->user;
	struct guest *guest = connection->guest;
	struct fault own;

	connection->connector = NULL;
	connections_give_connector(&guest->connections, connector);
	if (fd >= 0 && connection_socket(connection, fd, &own) != 0) {
		close(fd);
		fd = -1;
		fault = &own;
	}
	if (fd < 0)
		LOG(LOG_DEBUG, "no connection to the host", log_string("reason", fault->word),
			log_string("fault", fault->text));
	(void)connection_step(
		connection, fd < 0 ? VSOCK_CONNECTION_DIAL_FAILED : VSOCK_CONNECTION_CONNECTED, 0);
	guest_serve(guest);
}

/* Whom the guest wants to reach: the host, or another guest by its hybrid socket. */
static int find_address(const struct connection *connection, struct address *address)
{
	const struct connection_name *name = &connection->name;
	int size;

	memset(address, 0, sizeof *address);
	address->cid = name->cid;
	address->port = name->port;
	if (name->cid < GUEST_CID_OTHERS) {
		address->kind = ADDRESS_STAND_IN;
		size = snprintf(
			address->text, sizeof address->text, "%s", connection->guest->folder);
	} else {
		address->kind = ADDRESS_HYBRID;
		size = snprintf(address->text, sizeof address->text, "%s/%" PRIu32 "/vsock",
			connection->guest->folder, name->cid);
	}
	return size >= 0 && (size_t)size < sizeof address->text ? 0 : -1;
}

static void dial(struct connection *connection)
{
	struct guest *guest = connection->guest;
	struct connector *connector = connections_take_connector(&guest->connections);
	struct address address;
	struct fault fault;

	connector->done = dialed;
	connector->user = connection;
	if (find_address(connection, &address) == 0 &&
		connect_start(connector, guest->loop, &address, NULL, DIAL_TIME, &fault) == 0) {
		connection->connector = connector;
		return;
	}
	connections_give_connector(&guest->connections, connector);
	connection->due |= 1u << VSOCK_CONNECTION_DIAL_FAILED;
}

/* --- Effects ---------------------------------------------------------------------------------- */

static void time_is_up(struct timer *timer)
{
	struct connection *connection = of_timer(timer);
	struct guest *guest = connection->guest;

	(void)connection_step(connection, VSOCK_CONNECTION_TIMEOUT, connection->armed);
	guest_serve(guest);
}

static void arm(struct connection *connection)
{
	uint64_t time = CALL_TIME;

	if (connection->machine.cs == VSOCK_CONNECTION_IN_DIALING)
		time = DIAL_TIME;
	else if (connection->machine.cs == VSOCK_CONNECTION_IN_DRAINING)
		time = DRAINING_TIME;
	else if (connection->machine.cs == VSOCK_CONNECTION_IN_CLOSING)
		time = CLOSING_TIME;
	connection->armed = connection->machine.timer;
	connection->timer.fired = time_is_up;
	timer_start(&connection->timer, connection->guest->loop, time);
}

/* A fresh socket has room for a line. */
static void greet(struct connection *connection)
{
	char line[HYBRID_HELLO_SIZE_MAX + 1];
	int size = snprintf(line, sizeof line, "OK %" PRIu32 "\n", connection->name.port);

	if (send(connection->watch.fd, line, (size_t)size, MSG_NOSIGNAL | MSG_DONTWAIT) != size)
		connection->due |= 1u << VSOCK_CONNECTION_SOCKET_LOST;
}

static void say(struct connection *connection, enum vsock_op op)
{
	if (op == VSOCK_OP_RST)
		connection->say = 0; /* nothing else counts then */
	connection->say |= 1u << op;
	guest_ask_turn(connection->guest, connection);
}

static void perform(struct connection *connection, uint32_t effects)
{
	static const struct {
		uint32_t effect;
		enum vsock_op op;
	} packets[] = {
		{VSOCK_CONNECTION_DO_SEND_REQUEST, VSOCK_OP_REQUEST},
		{VSOCK_CONNECTION_DO_SEND_RESPONSE, VSOCK_OP_RESPONSE},
		{VSOCK_CONNECTION_DO_SEND_CREDIT, VSOCK_OP_CREDIT_UPDATE},
		{VSOCK_CONNECTION_DO_SEND_SHUTDOWN, VSOCK_OP_SHUTDOWN},
		{VSOCK_CONNECTION_DO_SEND_RST, VSOCK_OP_RST},
	};

	if ((effects & VSOCK_CONNECTION_DO_DIAL) != 0)
		dial(connection);
	for (size_t i = 0; i < sizeof packets / sizeof *packets; i++)
		if ((effects & packets[i].effect) != 0)
			say(connection, packets[i].op);
	if ((effects & VSOCK_CONNECTION_DO_GREET) != 0)
		greet(connection);
	if ((effects & VSOCK_CONNECTION_DO_DELIVER) != 0)
		connection_deliver(connection, &connection->guest->payload);
	if ((effects & VSOCK_CONNECTION_DO_FLUSH) != 0)
		connection->wants_flushed = true;
	if ((effects & VSOCK_CONNECTION_DO_END_WRITE) != 0)
		(void)shutdown(connection->watch.fd, SHUT_WR);
	if ((effects & VSOCK_CONNECTION_DO_CLOSE) != 0)
		connection_close_socket(connection);
	if ((effects & VSOCK_CONNECTION_DO_ARM) != 0)
		arm(connection);
	if ((effects & VSOCK_CONNECTION_DO_FORGET) != 0)
		connections_remove(&connection->guest->connections, connection);
}

/* What effects have caused, one after the other; 0 when there is no more. */
static unsigned take_due(struct connection *connection)
{
	if (connection->wants_flushed && connection->held == 0) {
		connection->wants_flushed = false;
		connection->due |= 1u << VSOCK_CONNECTION_FLUSHED;
	}
	if (connection->machine.cs == VSOCK_CONNECTION_IN_OPEN &&
		(connection->say & 1u << VSOCK_OP_CREDIT_UPDATE) == 0 &&
		vsock_credit_due(&connection->credit))
		connection->due |= 1u << VSOCK_CONNECTION_CREDIT_DUE;
	for (unsigned event = 1; event <= VSOCK_CONNECTION_TIMEOUT; event++)
		if ((connection->due >> event & 1u) != 0) {
			connection->due &= ~(1u << event);
			return event;
		}
	return 0;
}

/* Gives back what has ended, once the guest was told. */
static void settle(struct connection *connection)
{
	if (vsock_connection_ended(&connection->machine) && connection->say == 0)
		connection_drop(connection);
	else
		connection_watch(connection);
}

uint32_t connection_step(
	struct connection *connection, enum vsock_connection_event event, uint32_t n)
{
	const uint64_t instance = (uint64_t)(connection - connection->guest->connections.list) + 1;
	uint32_t first = vsock_connection_drive(&connection->machine, instance, event, n);
	uint32_t effects = first;
	unsigned due;

	for (;;) {
		perform(connection, effects);
		due = take_due(connection);
		if (due == 0)
			break;
		effects = vsock_connection_drive(
			&connection->machine, instance, (enum vsock_connection_event)due, 0);
	}
	settle(connection);
	return first;
}

bool connection_stray(enum vsock_connection_event event)
{
	struct vsock_connection machine;

	vsock_connection_init(&machine);
	return (vsock_connection_drive(&machine, 0, event, 0) & VSOCK_CONNECTION_DO_SEND_RST) != 0;
}

void connection_drop(struct connection *connection)
{
	struct guest *guest = connection->guest;

	if (!connection->is_used)
		return;
	timer_stop(&connection->timer);
	guest_drop_turn(guest, connection);
	connection_close_socket(connection);
	connections_remove(&guest->connections, connection);
	connections_give_back(&guest->connections, connection);
	if (connection->origin == BY_HOST)
		callers_ended(&guest->callers);
	if (guest->is_gone && guest->connections.live[BY_GUEST] == 0 &&
		guest->connections.live[BY_HOST] == 0)
		loop_stop(guest->loop);
}

/* --- Telling the guest ------------------------------------------------------------------------ */

void connection_header(struct connection *connection, enum vsock_op op, struct vsock_packet *packet)
{
	*packet = (struct vsock_packet){.src_cid = connection->name.cid,
		.dst_cid = connection->guest->cid,
		.src_port = connection->name.port,
		.dst_port = connection->name.guest_port,
		.type = VSOCK_TYPE_STREAM,
		.op = (uint16_t)op,
		.buf_alloc = connection->credit.alloc,
		.fwd_cnt = vsock_credit_tell(&connection->credit)};
}

/* Says one thing of those that are due. False: there is no buffer. */
static bool say_one(struct connection *connection, enum vsock_op op)
{
	struct guest *guest = connection->guest;
	struct vsock_packet packet;

	if (!guest_take(guest))
		return false;
	connection_header(connection, op, &packet);
	if (op == VSOCK_OP_SHUTDOWN)
		packet.flags = connection->machine.said;
	guest_put(guest, &guest->chain, &packet);
	connection->say &= ~(1u << op);
	return true;
}

/* Before any bytes, what opens the connection; and behind all that were read its end, since no more
 * are read then. */
bool connection_turn(struct connection *connection)
{
	static const enum vsock_op order[] = {VSOCK_OP_REQUEST, VSOCK_OP_RESPONSE,
		VSOCK_OP_CREDIT_UPDATE, VSOCK_OP_SHUTDOWN, VSOCK_OP_RST};

	for (size_t i = 0; i < sizeof order / sizeof *order; i++)
		if ((connection->say >> order[i] & 1u) != 0 && !say_one(connection, order[i]))
			return false;
	if (connection->is_readable && !connection_receive(connection))
		return false;
	if (!connection->is_used || connection->say != 0)
		return true;
	guest_drop_turn(connection->guest, connection);
	settle(connection);
	return true;
}
