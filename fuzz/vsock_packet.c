/* vsock_packet: any 44 bytes from any guest: encoding gives the bytes back, and the verdict is the
 * one of the rules written down a second time. */
#include "host/vsockd/vsock_packet.h"

#include "fuzz/input.h"

/* What each op may have: a payload, the largest of its flags, whether 0 is among them. */
static const struct rule {
	int payload;
	uint32_t flags;
	int none;
	enum vsock_connection_event event;
} rules[] = {
	[VSOCK_OP_REQUEST] = {0, 0, 1, VSOCK_CONNECTION_REQUEST},
	[VSOCK_OP_RESPONSE] = {0, 0, 1, VSOCK_CONNECTION_RESPONSE},
	[VSOCK_OP_RST] = {0, 0, 1, VSOCK_CONNECTION_RST},
	[VSOCK_OP_SHUTDOWN] = {0, 3, 0, VSOCK_CONNECTION_SHUTDOWN_RCV},
	[VSOCK_OP_RW] = {1, 0, 1, VSOCK_CONNECTION_DATA},
	[VSOCK_OP_CREDIT_UPDATE] = {0, 0, 1, VSOCK_CONNECTION_CREDIT_UPDATE},
	[VSOCK_OP_CREDIT_REQUEST] = {0, 0, 1, VSOCK_CONNECTION_CREDIT_REQUEST},
};

static enum vsock_verdict expected(const struct vsock_packet *packet, uint64_t guest, uint64_t room)
{
	const struct rule *rule = &rules[packet->op % 8u];
	int right = packet->op >= 1 && packet->op <= 7 && packet->type == VSOCK_TYPE_STREAM;

	if (packet->src_cid != guest)
		return VSOCK_DROP;
	right = right && packet->len <= (rule->payload ? room : 0);
	right = right && packet->flags <= rule->flags && (packet->flags != 0 || rule->none);
	if (right)
		return VSOCK_TAKE;
	return packet->op == VSOCK_OP_RST ? VSOCK_DROP : VSOCK_RESET;
}

/* Of a packet that was taken. */
static enum vsock_connection_event event_of(const struct vsock_packet *packet)
{
	unsigned more = packet->op == VSOCK_OP_SHUTDOWN ? packet->flags - 1u : 0u;

	return (enum vsock_connection_event)(rules[packet->op % 8u].event + more);
}

static void check_rst(const struct vsock_packet *packet)
{
	struct vsock_packet rst, back;

	vsock_packet_refuse(packet, &rst);
	vsock_packet_refuse(&rst, &back);
	FUZZ_REQUIRE(rst.op == VSOCK_OP_RST && rst.len == 0 && rst.flags == 0);
	FUZZ_REQUIRE(back.src_cid == packet->src_cid && back.dst_cid == packet->dst_cid);
	FUZZ_REQUIRE(back.src_port == packet->src_port && back.dst_port == packet->dst_port);
	FUZZ_REQUIRE(vsock_packet_judge(&rst, rst.src_cid, 0) != VSOCK_RESET);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t seed = fuzz_seed(&data, &size);
	uint8_t bytes[VSOCK_HEADER_SIZE] = {0}, again[VSOCK_HEADER_SIZE];
	struct vsock_packet packet;
	uint64_t guest, room = fuzz_amount((uint8_t)(seed / 2u));
	enum vsock_verdict verdict;

	if (size > 0)
		memcpy(bytes, data, size < sizeof bytes ? size : sizeof bytes);
	vsock_packet_decode(bytes, &packet);
	vsock_packet_encode(&packet, again);
	FUZZ_REQUIRE(memcmp(bytes, again, sizeof bytes) == 0);
	guest = seed % 2u == 0 ? packet.src_cid : 16u;
	verdict = vsock_packet_judge(&packet, guest, room);
	FUZZ_REQUIRE(verdict == expected(&packet, guest, room));
	if (verdict == VSOCK_TAKE)
		FUZZ_REQUIRE(vsock_packet_event(&packet) == event_of(&packet));
	check_rst(&packet);
	return 0;
}
