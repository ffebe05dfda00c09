/* guest: its memory, its rings, and its coming and going; see guest.h. */
#include "host/vsockd/guest.h"

#include <unistd.h>

#include "host/vsockd/connection.h"

static void rung(struct watch *watch, unsigned events)
{
	struct ring *ring = (struct ring *)((char *)watch - offsetof(struct ring, kick));
	struct guest *guest = ring->guest;
	uint64_t times;

	(void)events;
	if (read(watch->fd, &times, sizeof times) < 0 && (events & WATCH_READ) == 0)
		watch_stop(watch); /* a bell that is broken rings for ever */
	guest_serve(guest);
	guest_hear(guest);
}

static void goes_on(struct timer *timer)
{
	struct guest *guest = (struct guest *)((char *)timer - offsetof(struct guest, again));

	guest_serve(guest);
	guest_hear(guest);
}

int guest_open(struct guest *guest, struct loop *loop, const struct settings *settings,
	struct fault *fault)
{
	guest->loop = loop;
	guest->folder = settings->folder;
	guest->cid = settings->cid;
	guest->again.fired = goes_on;
	TAILQ_INIT(&guest->turns);
	for (unsigned i = 0; i < VHOST_QUEUES; i++) {
		struct ring *ring = &guest->rings[i];

		ring->guest = guest;
		ring->memory = &guest->memory;
		ring->is_written = i == TO_GUEST;
		ring->kick.ready = rung;
		ring_open(ring);
	}
	if (connections_open(&guest->connections, settings->connections, settings->buffer, fault) !=
		0)
		return -1;
	LOG(LOG_INFO, "memory is set aside",
		log_number("bytes", (int64_t)guest->connections.bytes));
	return callers_open(&guest->callers, guest, fault);
}

/* The guest, as those knew it who are connected to it, is gone. */
static void forget_all(struct guest *guest)
{
	struct connections *connections = &guest->connections;

	for (uint32_t i = 0; i < connections->unused; i++) {
		struct connection *connection = &connections->list[i];

		if (!connection->is_used || connection->machine.cs == VSOCK_CONNECTION_IN_IDLE)
			continue;
		connection->say = 0;
		guest_drop_turn(guest, connection);
		(void)connection_step(connection, VSOCK_CONNECTION_RST, 0);
	}
	guest->answer_count = 0;
}

/* What it has sent last may be why it went. */
bool guest_leave(struct guest *guest)
{
	struct connections *connections = &guest->connections;

	guest_hear_rest(guest);
	callers_close(&guest->callers);
	forget_all(guest);
	for (uint32_t i = 0; i < connections->unused; i++)
		if (connections->list[i].machine.cs != VSOCK_CONNECTION_IN_DRAINING)
			connection_drop(&connections->list[i]);
	guest->is_gone = true;
	return connections->live[BY_GUEST] + connections->live[BY_HOST] > 0;
}

void guest_close(struct guest *guest)
{
	if (guest->loop == NULL)
		return;
	timer_stop(&guest->again);
	callers_close(&guest->callers);
	for (uint32_t i = 0; guest->connections.list != NULL && i < guest->connections.unused; i++)
		connection_drop(&guest->connections.list[i]);
	for (unsigned i = 0; i < VHOST_QUEUES; i++)
		ring_close(&guest->rings[i]);
	memory_close(&guest->memory);
	connections_close(&guest->connections);
}

/* --- What the front-end says ------------------------------------------------------------------ */

void guest_features(struct guest *guest, bool has_events, bool are_enabled)
{
	for (unsigned i = 0; i < VHOST_QUEUES; i++) {
		guest->rings[i].has_events = has_events;
		if (are_enabled)
			guest->rings[i].is_enabled = true;
	}
}

static void find_rings(struct guest *guest)
{
	for (unsigned i = 0; i < VHOST_QUEUES; i++)
		ring_find(&guest->rings[i]);
}

void guest_changed(struct guest *guest)
{
	find_rings(guest);
	guest_serve(guest);
	guest_hear(guest);
}

int guest_memory(struct guest *guest, const struct vhost_memory *table,
	const int descriptors[VHOST_REGIONS_MAX], struct fault *fault)
{
	if (memory_set(&guest->memory, table, descriptors, fault) != 0) {
		find_rings(guest); /* the memory that they were in may be gone */
		return -1;
	}
	guest_changed(guest);
	return 0;
}

int guest_bell(struct guest *guest, struct ring *ring, int fd, struct fault *fault)
{
	watch_stop(&ring->kick);
	ring_set(&ring->kick.fd, fd);
	if (fd >= 0 && watch_start(&ring->kick, guest->loop, fd, WATCH_READ, fault) != 0)
		return -1;
	guest_changed(guest);
	return 0;
}

void guest_begin(struct guest *guest, struct ring *ring, uint16_t next)
{
	if (ring->next != next || ring->is_broken) {
		LOG(LOG_INFO, "the guest begins anew");
		forget_all(guest);
	}
	ring_begin(ring, next);
}

void guest_stop(struct guest *guest, struct ring *ring)
{
	if (ring == &guest->rings[FROM_GUEST])
		guest_hear_rest(guest);
	watch_stop(&ring->kick);
	ring_set(&ring->kick.fd, -1);
}
