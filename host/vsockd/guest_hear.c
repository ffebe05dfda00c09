/* guest_hear: what the guest sends, packet by packet; see guest.h. */
#include <string.h>

#include "host/vsockd/connection.h"
#include "host/vsockd/guest.h"
#include "host/vsockd/vsock_chain.h"

#define CHAINS_OF_A_TURN 64u

static bool is_reachable(const struct guest *guest, const struct vsock_packet *packet)
{
	return packet->dst_cid < UINT32_MAX && packet->dst_cid != guest->cid;
}

static void answer(struct guest *guest, const struct vsock_packet *packet)
{
	uint32_t at = (guest->first_answer + guest->answer_count) % GUEST_ANSWERS_MAX;

	vsock_packet_refuse(packet, &guest->answers[at]);
	guest->answer_count++;
}

/* A packet of no connection: it may begin one. */
static void begin(struct guest *guest, const struct vsock_packet *packet,
	const struct connection_name *name, enum vsock_connection_event event)
{
	struct connection *connection = NULL;

	if (event == VSOCK_CONNECTION_REQUEST && is_reachable(guest, packet))
		connection = connections_take(&guest->connections, BY_GUEST);
	if (connection == NULL) {
		if (event == VSOCK_CONNECTION_REQUEST)
			event = VSOCK_CONNECTION_BAD;
		if (connection_stray(event))
			answer(guest, packet);
		return;
	}
	connection->guest = guest;
	connections_add(&guest->connections, connection, name);
	vsock_credit_heard(&connection->credit, packet->buf_alloc, packet->fwd_cnt);
	(void)connection_step(connection, event, 0);
}

/* A packet of a connection. */
static void go_on(struct connection *connection, const struct vsock_packet *packet,
	enum vsock_connection_event event)
{
	uint32_t size = event == VSOCK_CONNECTION_DATA ? packet->len : 0, effects;

	if (event != VSOCK_CONNECTION_BAD)
		vsock_credit_heard(&connection->credit, packet->buf_alloc, packet->fwd_cnt);
	if (size > 0 && !vsock_credit_received(&connection->credit, size)) {
		event = VSOCK_CONNECTION_BAD;
		size = 0;
	}
	effects = connection_step(connection, event, size);
	if (size > 0 && (effects & VSOCK_CONNECTION_DO_DELIVER) == 0 && connection->is_used)
		vsock_credit_consumed(&connection->credit, size);
}

static void hear(struct guest *guest, const struct vsock_packet *packet, uint32_t room)
{
	const struct connection_name name = {
		(uint32_t)packet->dst_cid, packet->dst_port, packet->src_port};
	enum vsock_verdict verdict = vsock_packet_judge(packet, guest->cid, room);
	enum vsock_connection_event event = VSOCK_CONNECTION_BAD;
	struct connection *connection = NULL;

	if (verdict == VSOCK_DROP)
		return;
	if (verdict == VSOCK_TAKE)
		event = vsock_packet_event(packet);
	if (packet->dst_cid <= UINT32_MAX)
		connection = connections_find(&guest->connections, &name);
	if (connection == NULL)
		begin(guest, packet, &name, event);
	else
		go_on(connection, packet, event);
}

/* Copies a packet's header, and finds its payload. */
static void hear_chain(struct guest *guest, const struct chain *chain)
{
	struct iovec parts[RING_PARTS_MAX];
	uint8_t header[VSOCK_HEADER_SIZE];
	struct vsock_packet packet;
	uint32_t done = 0;

	if (chain->size < sizeof header)
		return; /* it says not even whose it is */
	for (unsigned i = 0; done < sizeof header; i++) {
		uint32_t left = (uint32_t)sizeof header - done;
		uint32_t size = (uint32_t)chain->parts[i].iov_len;

		memcpy(header + done, chain->parts[i].iov_base, size < left ? size : left);
		done += size < left ? size : left;
	}
	vsock_packet_decode(header, &packet);
	guest->payload.parts = parts;
	guest->payload.size = packet.len;
	guest->payload.count = guest_parts_behind(chain, VSOCK_HEADER_SIZE, packet.len, parts);
	hear(guest, &packet, chain->size - VSOCK_HEADER_SIZE);
	guest->payload.count = 0;
	guest->payload.parts = NULL;
}

/* False: there is no more, or the guest must take answers first. */
static bool hear_some(struct guest *guest)
{
	struct ring *ring = &guest->rings[FROM_GUEST];
	unsigned left = CHAINS_OF_A_TURN;

	while (left > 0 && guest->answer_count < GUEST_ANSWERS_MAX &&
		ring_take(ring, &guest->chain) == RING_TAKEN) {
		uint16_t head = guest->chain.head;

		hear_chain(guest, &guest->chain);
		ring_give(ring, head, 0);
		left--;
	}
	ring_tell(ring);
	return left == 0;
}

void guest_hear(struct guest *guest)
{
	struct ring *ring = &guest->rings[FROM_GUEST];
	bool is_more;

	if (!ring_runs(ring))
		return;
	ring_mute(ring);
	is_more = hear_some(guest);
	guest_serve(guest);
	if (guest->answer_count == GUEST_ANSWERS_MAX)
		return; /* the kick for buffers has us come back */
	if (is_more || ring_ask(ring))
		timer_start(&guest->again, guest->loop, 0);
}

void guest_hear_rest(struct guest *guest)
{
	for (unsigned turn = 0; turn <= VSOCK_QUEUE_SIZE_MAX / CHAINS_OF_A_TURN; turn++)
		if (!hear_some(guest))
			return;
}
