/* hybrid_hello: the greeting of Firecracker's hybrid vsock, either way.
 * Page: spec/hybrid_hello.md. */
#ifndef CLOISTER_FSM_HYBRID_HELLO_H
#define CLOISTER_FSM_HYBRID_HELLO_H

#include <stddef.h>
#include <stdint.h>

#define HYBRID_HELLO_REQUEST  0u /* "CONNECT 5005\n", from who connects */
#define HYBRID_HELLO_REPLY    1u /* "OK 1073741824\n", from who accepts */
#define HYBRID_HELLO_PORT_MAX 4294967295u
#define HYBRID_HELLO_SIZE_MAX 19u /* bytes of the longest greeting */

struct hybrid_hello {
	int cs;
	uint32_t reply; /* HYBRID_HELLO_REQUEST or HYBRID_HELLO_REPLY: the one that is expected */
	uint32_t port;  /* the number behind the word */
};

/* reply: HYBRID_HELLO_REQUEST or HYBRID_HELLO_REPLY. */
void hybrid_hello_init(struct hybrid_hello *m, uint32_t reply);

/* One byte. A machine that has ended (hybrid_hello_ended) stays as it is. */
void hybrid_hello_step(struct hybrid_hello *m, uint8_t c);

/* Steps over bytes[0..n) until they are used up or the machine has ended. Returns bytes used. */
size_t hybrid_hello_feed(struct hybrid_hello *m, const uint8_t *bytes, size_t n);

#endif
