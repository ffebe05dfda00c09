/* slc_hello: decoder of the payload of HELLO, the first frame of the secure local channel.
 * Page: spec/slc_hello.md; the protocol around it: spec/slc.md. */
#ifndef CLOISTER_FSM_SLC_HELLO_H
#define CLOISTER_FSM_SLC_HELLO_H

#include <stddef.h>
#include <stdint.h>

#define SLC_HELLO_SIZE          20u         /* bytes of the payload of this version */
#define SLC_HELLO_VERSION       1u          /* the one version that this end speaks */
#define SLC_HELLO_LIMIT_MIN     1024u       /* bytes of payload that every end must accept */
#define SLC_HELLO_LIMIT_MAX     1048576u    /* as SLC_FRAME_LIMIT_MAX */
#define SLC_HELLO_KEEPALIVE_MAX 3600u       /* seconds */
#define SLC_HELLO_CREDIT_MAX    1073741824u /* as SLC_CHANNEL_CREDIT_MAX */

struct slc_hello {
	int cs;
	uint32_t version;
	uint32_t features; /* bits of spec/slc.md; those that this end does not know mean nothing */
	uint32_t limit;    /* longest payload that the peer accepts, in bytes */
	uint32_t keepalive; /* seconds that the peer bears without hearing from us */
	uint32_t credit;    /* bytes that this end may send on each new channel */
};

void slc_hello_init(struct slc_hello *m);

/* One byte. A machine that has ended (slc_hello_ended) stays as it is. */
void slc_hello_step(struct slc_hello *m, uint8_t c);

/* Steps over bytes[0..n) until they are used up or the machine has ended. Returns bytes used. */
size_t slc_hello_feed(struct slc_hello *m, const uint8_t *bytes, size_t n);

#endif
