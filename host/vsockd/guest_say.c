/* guest_say: what the guest is told, in the order of asking, as far as it has put buffers in; see
 * guest.h. */
#include <string.h>

#include "host/vsockd/connection.h"
#include "host/vsockd/guest.h"

#define ROUNDS_OF_A_TURN 8u

void guest_ask_turn(struct guest *guest, struct connection *connection)
{
	if (connection->has_turn)
		return;
	connection->has_turn = true;
	TAILQ_INSERT_TAIL(&guest->turns, connection, turn);
}

void guest_drop_turn(struct guest *guest, struct connection *connection)
{
	if (!connection->has_turn)
		return;
	connection->has_turn = false;
	TAILQ_REMOVE(&guest->turns, connection, turn);
}

unsigned guest_parts_behind(
	const struct chain *chain, uint32_t skip, uint32_t most, struct iovec *parts)
{
	unsigned count = 0;

	for (unsigned i = 0; i < chain->count && most > 0; i++) {
		uint32_t size = (uint32_t)chain->parts[i].iov_len;
		uint32_t skipped = skip < size ? skip : size;
		uint32_t rest = size - skipped < most ? size - skipped : most;

		skip -= skipped;
		if (rest == 0)
			continue;
		parts[count].iov_base = (uint8_t *)chain->parts[i].iov_base + skipped;
		parts[count++].iov_len = rest;
		most -= rest;
	}
	return count;
}

void guest_put(struct guest *guest, const struct chain *chain, const struct vsock_packet *packet)
{
	uint8_t header[VSOCK_HEADER_SIZE];
	uint32_t done = 0;

	vsock_packet_encode(packet, header);
	for (unsigned i = 0; i < chain->count && done < sizeof header; i++) {
		uint32_t left = (uint32_t)sizeof header - done;
		uint32_t size = (uint32_t)chain->parts[i].iov_len;

		memcpy(chain->parts[i].iov_base, header + done, size < left ? size : left);
		done += size < left ? size : left;
	}
	ring_give(&guest->rings[TO_GUEST], chain->head, VSOCK_HEADER_SIZE + packet->len);
}

bool guest_take(struct guest *guest)
{
	struct ring *ring = &guest->rings[TO_GUEST];

	if (ring_take(ring, &guest->chain) != RING_TAKEN)
		return false;
	if (guest->chain.size >= VSOCK_HEADER_SIZE)
		return true;
	(void)ring_give_up(ring, "a buffer has no room for a header");
	return false;
}

/* RSTs for packets that belong to no connection. False: there are no more buffers. */
static bool answer(struct guest *guest)
{
	while (guest->answer_count > 0) {
		if (!guest_take(guest))
			return false;
		guest_put(guest, &guest->chain, &guest->answers[guest->first_answer]);
		guest->first_answer = (guest->first_answer + 1) % GUEST_ANSWERS_MAX;
		guest->answer_count--;
	}
	return true;
}

/* True: all is said. */
static bool say_all(struct guest *guest)
{
	struct connection *connection;

	if (!answer(guest))
		return false;
	while ((connection = TAILQ_FIRST(&guest->turns)) != NULL)
		if (!connection_turn(connection))
			return false;
	return true;
}

void guest_serve(struct guest *guest)
{
	struct ring *ring = &guest->rings[TO_GUEST];
	unsigned rounds = ROUNDS_OF_A_TURN;
	bool is_said;

	if (!ring_runs(ring) || (TAILQ_EMPTY(&guest->turns) && guest->answer_count == 0))
		return;
	ring_mute(ring);
	do {
		is_said = say_all(guest);
		ring_tell(ring);
	} while (!is_said && ring_ask(ring) && --rounds > 0);
	if (rounds == 0)
		timer_start(&guest->again, guest->loop, 0);
}
