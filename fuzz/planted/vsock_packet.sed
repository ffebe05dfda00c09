# host/vsockd/vsock_packet.c: the upper byte of an op is lost on its way out
s/little_put16(bytes + 6, packet->op)/little_put16(bytes + 6, (uint8_t)packet->op)/
