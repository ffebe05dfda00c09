/* unit_words: parts a command line into words. Page: spec/unit_words.md. */
#include "gen/unit_words.h"

%%{
	machine unit_words;
	alphtype unsigned char;
	access m->;
	getkey c;

	action nothing { m->gives = UNIT_WORDS_NOTHING; }
	action byte { m->gives = UNIT_WORDS_BYTE; }
	action end { m->gives = UNIT_WORDS_END; }

	# Ends are told apart by what keeps them, or else Ragel would merge them.
	action in_done { }
	action in_open { }

	action step { fbreak; }

	action names {
		(void)fentry(line::between); (void)fentry(line::word); (void)fentry(line::single);
		(void)fentry(line::double); (void)fentry(line::escaped);
		(void)fentry(line::escaped_double); (void)fentry(line::done);
		(void)fentry(line::open);
	}

	blank = ' ' | '\t' | '\n';
	plain = any - (blank | 0 | '"' | "'" | '\\');

	line = (
		start:   '' -> between,
		between: ( blank @nothing         -> between
		         | 0 @nothing             -> done
		         | '"' @nothing           -> double
		         | "'" @nothing           -> single
		         | '\\' @nothing          -> escaped
		         | plain @byte            -> word ),
		word:    ( blank @end             -> between
		         | 0 @end                 -> done
		         | '"' @nothing           -> double
		         | "'" @nothing           -> single
		         | '\\' @nothing          -> escaped
		         | plain @byte            -> word ),
		single:  ( "'" @nothing           -> word
		         | 0 @nothing             -> open
		         | (any - ("'" | 0)) @byte -> single ),
		double:  ( '"' @nothing           -> word
		         | '\\' @nothing          -> escaped_double
		         | 0 @nothing             -> open
		         | (any - ('"' | '\\' | 0)) @byte -> double ),
		escaped: ( 0 @nothing             -> open
		         | (any - 0) @byte        -> word ),
		escaped_double: ( 0 @nothing      -> open
		         | (any - 0) @byte        -> double ),
		done:    ( any @in_done           -> done ),
		open:    ( any @in_open           -> open )
	);
	main := line $step %names;
}%%

%% write data noerror nofinal;

void unit_words_init(struct unit_words *m)
{
	m->gives = UNIT_WORDS_NOTHING;
	%% write init;
}

void unit_words_step(struct unit_words *m, uint8_t c)
{
	unsigned p = 0u;

	%% write exec noend;
}

#define MACHINE unit_words
#include "fsm/feed.inc"
