/* notify_text: decoder of the datagrams of sd_notify(3). Page: spec/notify_text.md. */
#ifndef CLOISTER_FSM_NOTIFY_TEXT_H
#define CLOISTER_FSM_NOTIFY_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* gives: what the last byte came to */
#define NOTIFY_TEXT_NOTHING  0u
#define NOTIFY_TEXT_READY    1u /* the line READY=1 has ended */
#define NOTIFY_TEXT_STOPPING 2u /* STOPPING=1 */
#define NOTIFY_TEXT_ALIVE    3u /* WATCHDOG=1 */
#define NOTIFY_TEXT_UNWELL   4u /* WATCHDOG=trigger */
#define NOTIFY_TEXT_STATUS   5u /* the text of STATUS begins behind it */
#define NOTIFY_TEXT_BYTE     6u /* it belongs to that text */

struct notify_text {
	int cs;
	uint32_t gives;
};

void notify_text_init(struct notify_text *m);

/* One byte. A machine that has ended (notify_text_ended) stays as it is. */
void notify_text_step(struct notify_text *m, uint8_t c);

/* Steps over bytes[0..n), the last of which are the newline and the NUL behind the datagram.
 * Returns bytes used. */
size_t notify_text_feed(struct notify_text *m, const uint8_t *bytes, size_t n);

#endif
