/* env_line: one line of a file of variables. Page: spec/env_line.md. */
#include "gen/env_line.h"

%%{
	machine env_line;
	alphtype unsigned char;
	access m->;
	getkey c;

	action ignore { }

	# Ends are told apart by what keeps them, or else Ragel would merge them.
	action in_word { }
	action in_nothing { }
	action in_bad { }

	action step { fbreak; }

	action names {
		(void)fentry(line::begin); (void)fentry(line::comment); (void)fentry(line::name);
		(void)fentry(line::value); (void)fentry(line::word);
		(void)fentry(line::nothing); (void)fentry(line::bad);
	}

	line = (
		start:   '' -> begin,
		begin:   ( '\n' @ignore -> nothing
		         | '#' @ignore -> comment
		         | ('=' | 0) @ignore -> bad
		         | (any - ('\n' | '#' | '=' | 0)) @ignore -> name ),
		comment: ( '\n' @ignore -> nothing
		         | (any - '\n') @ignore -> comment ),
		name:    ( '=' @ignore -> value
		         | ('\n' | 0) @ignore -> bad
		         | (any - ('=' | '\n' | 0)) @ignore -> name ),
		value:   ( '\n' @ignore -> word
		         | 0 @ignore -> bad
		         | (any - ('\n' | 0)) @ignore -> value ),
		word:     ( any @in_word -> word ),
		nothing:  ( any @in_nothing -> nothing ),
		bad:      ( any @in_bad -> bad )
	);
	main := line $step %names;
}%%

%% write data noerror nofinal;

void env_line_init(struct env_line *m)
{
	%% write init;
}

void env_line_step(struct env_line *m, uint8_t c)
{
	unsigned p = 0u;

	%% write exec noend;
}

#define MACHINE env_line
#include "fsm/feed.inc"
