/* unit_words: parts a command line of a unit file into words. Page: spec/unit_words.md. */
#ifndef CLOISTER_FSM_UNIT_WORDS_H
#define CLOISTER_FSM_UNIT_WORDS_H

#include <stddef.h>
#include <stdint.h>

/* gives: what the last byte came to */
#define UNIT_WORDS_NOTHING 0u
#define UNIT_WORDS_BYTE    1u /* it belongs to the word */
#define UNIT_WORDS_END     2u /* the word ends here, and it is not part of it */

struct unit_words {
	int cs;
	uint32_t gives;
};

void unit_words_init(struct unit_words *m);

/* One byte. A machine that has ended (unit_words_ended) stays as it is. */
void unit_words_step(struct unit_words *m, uint8_t c);

/* Steps over bytes[0..n), the last of which is the NUL behind the text. Returns bytes used. */
size_t unit_words_feed(struct unit_words *m, const uint8_t *bytes, size_t n);

#endif
