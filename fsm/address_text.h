/* address_text: takes the text of an address apart. Page: spec/address_text.md. */
#ifndef CLOISTER_FSM_ADDRESS_TEXT_H
#define CLOISTER_FSM_ADDRESS_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* kind; what a form has not is 0 */
#define ADDRESS_TEXT_VSOCK    1u /* vsock:CID:PORT */
#define ADDRESS_TEXT_UNIX     2u /* unix:PATH */
#define ADDRESS_TEXT_ABSTRACT 3u /* unix:@NAME */
#define ADDRESS_TEXT_HOST     4u /* tcp:HOST:PORT */
#define ADDRESS_TEXT_V6       5u /* tcp:[V6]:PORT */
#define ADDRESS_TEXT_HYBRID   6u /* hybrid:PATH:PORT */

#define ADDRESS_TEXT_CID_ANY      4294967295u
#define ADDRESS_TEXT_PORT_MAX     4294967295u
#define ADDRESS_TEXT_TCP_PORT_MAX 65535u
#define ADDRESS_TEXT_PATH_MAX     4095u /* bytes, here and below */
#define ADDRESS_TEXT_NAME_MAX     107u
#define ADDRESS_TEXT_HOST_MAX     253u
#define ADDRESS_TEXT_V6_MAX       45u
#define ADDRESS_TEXT_HYBRID_MAX   4106u /* a path, a colon, ten digits */
#define ADDRESS_TEXT_SIZE_MAX     4113u /* the longest text, without its NUL */

struct address_text {
	int cs;
	uint32_t kind;
	uint32_t first;  /* offset of the path, the name or the host in the text */
	uint32_t length; /* its bytes */
	uint32_t taken;  /* hybrid: bytes behind the scheme so far */
	uint32_t cid;
	uint32_t port;
};

void address_text_init(struct address_text *m);

/* One byte. A machine that has ended (address_text_ended) stays as it is. */
void address_text_step(struct address_text *m, uint8_t c);

/* Steps over bytes[0..n), the last of which is the NUL behind the text, until they are used up or
 * the machine has ended. Returns bytes used: the one that was wrong is the last of them. */
size_t address_text_feed(struct address_text *m, const uint8_t *bytes, size_t n);

#endif
