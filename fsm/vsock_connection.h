/* vsock_connection: the life of one stream connection between a guest's port and a Unix socket of
 * the host, as vsockd sees it. Page: spec/vsock_connection.md. */
#ifndef CLOISTER_FSM_VSOCK_CONNECTION_H
#define CLOISTER_FSM_VSOCK_CONNECTION_H

#include <stdint.h>

#include "fsm/vsock_connection_event.h"

/* The flags of a SHUTDOWN, as the wire has them. */
#define VSOCK_CONNECTION_SAYS_RCV  1u
#define VSOCK_CONNECTION_SAYS_SEND 2u
#define VSOCK_CONNECTION_SAYS_BOTH 3u

/* What the plumbing must do after a step, lowest bit first. What these cause (FLUSHED, CONNECTED,
 * DIAL_FAILED) is fed when all effects of the step are carried out. */
enum vsock_connection_effect {
	VSOCK_CONNECTION_DO_DIAL = 1,            /* the Unix socket: CONNECTED or DIAL_FAILED */
	VSOCK_CONNECTION_DO_SEND_REQUEST = 2,    /* packets to the guest, here and below */
	VSOCK_CONNECTION_DO_SEND_RESPONSE = 4,   /* begin to read the socket, as credit allows */
	VSOCK_CONNECTION_DO_GREET = 8,           /* tell the host's caller OK; begin to read too */
	VSOCK_CONNECTION_DO_DELIVER = 16,        /* the payload at hand: behind what waits for the
	                                          socket; a DATA without this effect is dropped */
	VSOCK_CONNECTION_DO_SEND_DATA = 32,      /* the bytes at hand, to the guest: RW */
	VSOCK_CONNECTION_DO_SEND_CREDIT = 64,    /* CREDIT_UPDATE */
	VSOCK_CONNECTION_DO_SEND_SHUTDOWN = 128, /* with the flags `said` */
	VSOCK_CONNECTION_DO_SEND_RST = 256,
	VSOCK_CONNECTION_DO_FLUSH = 512,      /* FLUSHED, as soon as nothing waits for the socket */
	VSOCK_CONNECTION_DO_END_WRITE = 1024, /* of the socket: its reader sees the end */
	VSOCK_CONNECTION_DO_CLOSE = 2048,     /* the socket, if there is one or will be, and what
	                                         waits for it; once */
	VSOCK_CONNECTION_DO_ARM = 4096,       /* the state's timer: TIMEOUT carries n = timer */
	VSOCK_CONNECTION_DO_FORGET = 8192 /* the addresses are free: the guest's next packet with
	                                         them is another connection's; once */
};

struct vsock_connection {
	int cs;
	uint32_t timer; /* generation of the newest timer; an older one that fires is ignored */
	uint32_t ended; /* 1: the guest has said that it sends no more */
	uint32_t deaf;  /* 1: the guest has said that it receives no more */
	uint32_t shut;  /* 1: nothing is written to the socket any more */
	uint32_t eof;   /* 1: the socket has given its last byte */
	uint32_t said;  /* flags of the SHUTDOWN that the guest was sent last; 0: none */
};

void vsock_connection_init(struct vsock_connection *m);

/* One event; n is what it carries (page: Alphabet), 0 where it carries nothing. Returns effects. */
uint32_t vsock_connection_step(
	struct vsock_connection *m, enum vsock_connection_event event, uint32_t n);

#endif
