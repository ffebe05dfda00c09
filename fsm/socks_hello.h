/* socks_hello: what a client of a SOCKS5 proxy says before its bytes are its target's.
 * Page: spec/socks_hello.md. */
#ifndef CLOISTER_FSM_SOCKS_HELLO_H
#define CLOISTER_FSM_SOCKS_HELLO_H

#include <stddef.h>
#include <stdint.h>

#define SOCKS_HELLO_V4       1u
#define SOCKS_HELLO_NAME     3u
#define SOCKS_HELLO_V6       4u
#define SOCKS_HELLO_SIZE_MAX 517u /* bytes of greeting and request */

struct socks_hello {
	int cs;
	uint32_t left;   /* bytes of the methods, or of the address, that have not come */
	uint32_t open;   /* 1: the client offers to prove nothing */
	uint32_t kind;   /* SOCKS_HELLO_V4, SOCKS_HELLO_NAME or SOCKS_HELLO_V6 */
	uint32_t length; /* bytes of the address, which stand right before the port */
	uint32_t port;
};

void socks_hello_init(struct socks_hello *m);

/* One byte. A machine that has ended (socks_hello_ended) stays as it is. */
void socks_hello_step(struct socks_hello *m, uint8_t c);

/* Steps over bytes[0..n) until they are used up or the machine has ended. Returns bytes used. */
size_t socks_hello_feed(struct socks_hello *m, const uint8_t *bytes, size_t n);

#endif
