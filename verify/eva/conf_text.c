/* source: runtime/kernel/conf_text.c */
/* flags: -eva-precision 8 -eva-auto-loop-unroll 64 -eva-slevel 100000 */
/* The decoders of tokens on any bytes, for each length up to MOST, where out ends as bytes do. */
#include "__fc_builtin.h"
#include "runtime/kernel/conf_text.h"

#define MOST 6

static uint8_t room[MOST];
static char out[MOST];

int main(void)
{
	size_t size, at;
	int64_t number;

	for (size_t n = 0; n <= MOST; n++) {
		Frama_C_make_unknown((char *)room, sizeof room);
		(void)conf_text_string(room + MOST - n, n, out + MOST - n, &size, &at);
		(void)conf_text_integer(room + MOST - n, n, &number);
	}
	return 0;
}
