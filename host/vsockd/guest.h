/* guest: the virtual machine: its memory and rings, the connections that it has, and what it and
 * the host have to say to each other. */
#ifndef CLOISTER_HOST_VSOCKD_GUEST_H
#define CLOISTER_HOST_VSOCKD_GUEST_H

#include "host/vsockd/callers.h"
#include "host/vsockd/connections.h"
#include "host/vsockd/ring.h"
#include "host/vsockd/settings.h"
#include "host/vsockd/vsock_packet.h"

#define GUEST_CID_HOST    3u   /* what callers of the host are to the guest: its parent */
#define GUEST_CID_OTHERS  4u   /* from here on: guests */
#define GUEST_ANSWERS_MAX 256u /* RSTs for packets that belong to no connection, and wait */
#define GUEST_BATCH       32u  /* chains of one reading from a socket */

enum guest_ring { TO_GUEST, FROM_GUEST };

/* The payload of the packet at hand. */
struct guest_payload {
	const struct iovec *parts;
	unsigned count;
	uint32_t size;
};

struct guest {
	struct loop *loop;
	const char *folder;
	uint32_t cid;
	struct memory memory;
	struct ring rings[VHOST_QUEUES];
	struct connections connections;
	struct connection_turns turns; /* those that have something for the guest, in their order */
	struct callers callers;
	struct guest_payload payload;
	struct vsock_packet answers[GUEST_ANSWERS_MAX];
	uint32_t first_answer, answer_count;
	struct timer again; /* more waits in FROM_GUEST than one turn takes */
	bool is_gone;       /* with the last connection the loop is to stop */
	struct chain chain, batch[GUEST_BATCH];
};

/* Zeroed before. Faults: "memory", those of callers_open. */
int guest_open(struct guest *guest, struct loop *loop, const struct settings *settings,
	struct fault *fault);
void guest_close(struct guest *guest);

/* --- What the front-end says ------------------------------------------------------------------ */

void guest_features(struct guest *guest, bool has_events, bool are_enabled);
int guest_memory(struct guest *guest, const struct vhost_memory *table,
	const int descriptors[VHOST_REGIONS_MAX], struct fault *fault);

/* A ring has a bell; its descriptor is ours from now on, -1 for none. Fault: "limit", "io". */
int guest_bell(struct guest *guest, struct ring *ring, int fd, struct fault *fault);

/* A ring has moved, or was turned on or off. */
void guest_changed(struct guest *guest);

/* A ring begins at a place: at another one than where it stopped, the driver is a new one, and
 * knows none of its predecessor's connections. */
void guest_begin(struct guest *guest, struct ring *ring, uint16_t next);
void guest_stop(struct guest *guest, struct ring *ring);

/* The guest is gone for good. True: something that it has sent is still being written. */
bool guest_leave(struct guest *guest);

/* --- Packets ---------------------------------------------------------------------------------- */

/* Hears what the guest has sent, for the length of a turn. */
void guest_hear(struct guest *guest);

/* The same for all that it has sent, before its ring is left. */
void guest_hear_rest(struct guest *guest);

/* Tells the guest what connections have for it, as far as it has put buffers in. */
void guest_serve(struct guest *guest);

/* Has guest_serve take this connection's turn, behind those of others. */
void guest_ask_turn(struct guest *guest, struct connection *connection);
void guest_drop_turn(struct guest *guest, struct connection *connection);

/* Puts the header of a packet into a chain to the guest, and gives the chain back. */
void guest_put(struct guest *guest, const struct chain *chain, const struct vsock_packet *packet);

/* Takes a chain with room for a header into guest->chain. False: there is none. */
bool guest_take(struct guest *guest);

/* The parts of at most `most` bytes of a chain behind its first `skip`. How many. */
unsigned guest_parts_behind(
	const struct chain *chain, uint32_t skip, uint32_t most, struct iovec *parts);

#endif
