/* vsock_packet: see vsock_packet.h. */
#include "host/vsockd/vsock_packet.h"

#include "host/vsockd/little_endian.h"

void vsock_packet_decode(const uint8_t bytes[VSOCK_HEADER_SIZE], struct vsock_packet *packet)
{
	packet->src_cid = little_get64(bytes);
	packet->dst_cid = little_get64(bytes + 8);
	packet->src_port = little_get32(bytes + 16);
	packet->dst_port = little_get32(bytes + 20);
	packet->len = little_get32(bytes + 24);
	packet->type = little_get16(bytes + 28);
	packet->op = little_get16(bytes + 30);
	packet->flags = little_get32(bytes + 32);
	packet->buf_alloc = little_get32(bytes + 36);
	packet->fwd_cnt = little_get32(bytes + 40);
}

/* In parts, two to a function and the longer one last, since provers lose sight of a byte that many
 * calls might have written. */
static void put_cids(uint8_t bytes[16], const struct vsock_packet *packet)
{
	little_put64(bytes + 8, packet->dst_cid);
	little_put64(bytes, packet->src_cid);
}

static void put_ports(uint8_t bytes[8], const struct vsock_packet *packet)
{
	little_put32(bytes, packet->src_port);
	little_put32(bytes + 4, packet->dst_port);
}

static void put_addresses(uint8_t bytes[24], const struct vsock_packet *packet)
{
	put_ports(bytes + 16, packet);
	put_cids(bytes, packet);
}

static void put_kind(uint8_t bytes[12], const struct vsock_packet *packet)
{
	little_put32(bytes, packet->len);
	little_put16(bytes + 4, packet->type);
	little_put16(bytes + 6, packet->op);
	little_put32(bytes + 8, packet->flags);
}

static void put_credit(uint8_t bytes[8], const struct vsock_packet *packet)
{
	little_put32(bytes, packet->buf_alloc);
	little_put32(bytes + 4, packet->fwd_cnt);
}

static void put_rest(uint8_t bytes[20], const struct vsock_packet *packet)
{
	put_credit(bytes + 12, packet);
	put_kind(bytes, packet);
}

void vsock_packet_encode(const struct vsock_packet *packet, uint8_t bytes[VSOCK_HEADER_SIZE])
{
	put_rest(bytes + 24, packet);
	put_addresses(bytes, packet);
}

static bool is_well_formed(const struct vsock_packet *packet, uint64_t room)
{
	if (packet->type != VSOCK_TYPE_STREAM)
		return false;
	switch (packet->op) {
	case VSOCK_OP_RW:
		return packet->len <= room && packet->flags == 0u;
	case VSOCK_OP_SHUTDOWN:
		return packet->len == 0u && packet->flags >= VSOCK_SHUTDOWN_RCV &&
		       packet->flags <= VSOCK_SHUTDOWN_BOTH;
	case VSOCK_OP_REQUEST:
	case VSOCK_OP_RESPONSE:
	case VSOCK_OP_RST:
	case VSOCK_OP_CREDIT_UPDATE:
	case VSOCK_OP_CREDIT_REQUEST:
		return packet->len == 0u && packet->flags == 0u;
	default:
		return false;
	}
}

enum vsock_verdict vsock_packet_judge(
	const struct vsock_packet *packet, uint64_t guest, uint64_t room)
{
	if (packet->src_cid != guest)
		return VSOCK_DROP;
	if (is_well_formed(packet, room))
		return VSOCK_TAKE;
	return packet->op == VSOCK_OP_RST ? VSOCK_DROP : VSOCK_RESET;
}

enum vsock_connection_event vsock_packet_event(const struct vsock_packet *packet)
{
	switch (packet->op) {
	case VSOCK_OP_REQUEST:
		return VSOCK_CONNECTION_REQUEST;
	case VSOCK_OP_RESPONSE:
		return VSOCK_CONNECTION_RESPONSE;
	case VSOCK_OP_RST:
		return VSOCK_CONNECTION_RST;
	case VSOCK_OP_SHUTDOWN:
		if (packet->flags == VSOCK_SHUTDOWN_RCV)
			return VSOCK_CONNECTION_SHUTDOWN_RCV;
		if (packet->flags == VSOCK_SHUTDOWN_SEND)
			return VSOCK_CONNECTION_SHUTDOWN_SEND;
		if (packet->flags == VSOCK_SHUTDOWN_BOTH)
			return VSOCK_CONNECTION_SHUTDOWN_BOTH;
		return VSOCK_CONNECTION_BAD;
	case VSOCK_OP_RW:
		return VSOCK_CONNECTION_DATA;
	case VSOCK_OP_CREDIT_UPDATE:
		return VSOCK_CONNECTION_CREDIT_UPDATE;
	case VSOCK_OP_CREDIT_REQUEST:
		return VSOCK_CONNECTION_CREDIT_REQUEST;
	default:
		return VSOCK_CONNECTION_BAD;
	}
}

void vsock_packet_refuse(const struct vsock_packet *packet, struct vsock_packet *rst)
{
	rst->src_cid = packet->dst_cid;
	rst->dst_cid = packet->src_cid;
	rst->src_port = packet->dst_port;
	rst->dst_port = packet->src_port;
	rst->len = 0u;
	rst->type = packet->type;
	rst->op = VSOCK_OP_RST;
	rst->flags = 0u;
	rst->buf_alloc = 0u;
	rst->fwd_cnt = 0u;
}
