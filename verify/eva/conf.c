/* source: gen/conf.c */
/* flags: -eva-precision 2 -eva-auto-loop-unroll 64 -eva-slevel 50 */
/* The lexer on any bytes, for each length up to MOST: it reads none behind them. */
#include "__fc_builtin.h"
#include "fsm/conf.h"

#define MOST 24

static uint8_t room[MOST];

int main(void)
{
	size_t size;

	for (size_t n = 0; n <= MOST; n++) {
		Frama_C_make_unknown((char *)room, sizeof room);
		(void)conf_lex(room + MOST - n, n, &size);
	}
	return 0;
}
