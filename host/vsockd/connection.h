/* connection: one stream between a port of the guest and a Unix socket of the host. What it does is
 * decided by the machine vsock_connection; here its effects are carried out, and what happens is
 * fed to it. */
#ifndef CLOISTER_HOST_VSOCKD_CONNECTION_H
#define CLOISTER_HOST_VSOCKD_CONNECTION_H

#include "host/vsockd/guest.h"

/* Feeds an event, and those that its effects cause. Returns the effects of the first. The
 * connection may be given back then: is_used tells. */
uint32_t connection_step(
	struct connection *connection, enum vsock_connection_event event, uint32_t n);

/* A packet that belongs to no connection. Returns whether an RST is due. */
bool connection_stray(enum vsock_connection_event event);

/* Takes over a connected socket. Fault: "limit", "io". */
int connection_socket(struct connection *connection, int fd, struct fault *fault);

/* The same for one that is watched already. */
void connection_take_socket(struct connection *connection);

/* Takes its turn to tell the guest something. False: the guest has no buffer left for it. */
bool connection_turn(struct connection *connection);

/* Bytes at hand to the socket, and what it does not take to where they wait. */
void connection_deliver(struct connection *connection, const struct guest_payload *payload);

/* Sets what the socket is watched for, after anything has changed. */
void connection_watch(struct connection *connection);

/* Gives all up, whatever the machine says. One that is not used may be dropped. */
void connection_drop(struct connection *connection);

/* --- Inside: connection.c, connection_socket.c ------------------------------------------------ */

/* The socket's bytes to the guest. False: the guest has no buffer left. */
bool connection_receive(struct connection *connection);

/* The header of a packet to the guest, with what it is to know of our credit. */
void connection_header(
	struct connection *connection, enum vsock_op op, struct vsock_packet *packet);

void connection_close_socket(struct connection *connection);

#endif
