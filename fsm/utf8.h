/* utf8: tells whether bytes are UTF-8. Page: spec/utf8.md. */
#ifndef CLOISTER_FSM_UTF8_H
#define CLOISTER_FSM_UTF8_H

#include <stddef.h>
#include <stdint.h>

struct utf8 {
	int cs;
};

void utf8_init(struct utf8 *m);

/* One byte. A machine that has ended (utf8_ended) stays as it is. */
void utf8_step(struct utf8 *m, uint8_t c);

/* Steps over bytes[0..n) until they are used up or a byte was wrong. Returns bytes used; the text
 * is UTF-8 when the machine is then in UTF8_IN_WHOLE. */
size_t utf8_feed(struct utf8 *m, const uint8_t *bytes, size_t n);

#endif
