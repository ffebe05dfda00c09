/* conf_line: the order of tokens in a configuration text. Page: spec/conf_line.md. */
#include "gen/conf_line.h"

%%{
	machine conf_line;
	alphtype unsigned char;
	import "conf_line_event.h";
	access m->;
	getkey symbol;

	action key { effects += CONF_LINE_DO_KEY; }
	action value { effects += CONF_LINE_DO_VALUE; }
	action array { effects += CONF_LINE_DO_ARRAY; }
	action element { effects += CONF_LINE_DO_ELEMENT; }
	action header { effects += CONF_LINE_DO_HEADER; m->pair = 0u; }
	action pair_header { effects += CONF_LINE_DO_HEADER; m->pair = 1u; }
	action name { effects += CONF_LINE_DO_NAME; }
	action table { effects += CONF_LINE_DO_TABLE; }
	action entry { effects += CONF_LINE_DO_ENTRY; }
	action refuse { effects += CONF_LINE_DO_REFUSE; }
	action ignore { }
	action in_done { }
	action in_failed { }

	action single { m->pair == 0u }

	action step { fbreak; }

	action names {
		(void)fentry(text::line); (void)fentry(text::key); (void)fentry(text::value);
		(void)fentry(text::array); (void)fentry(text::element); (void)fentry(text::header);
		(void)fentry(text::name); (void)fentry(text::rest); (void)fentry(text::done);
		(void)fentry(text::failed);
	}

	scalar = CONF_LINE_INTEGER | CONF_LINE_BOOLEAN | CONF_LINE_STRING;
	plain  = CONF_LINE_WORD | scalar;
	close  = CONF_LINE_CLOSE | CONF_LINE_CLOSE_PAIR;
	mark   = CONF_LINE_EQUALS | CONF_LINE_DOT | CONF_LINE_COMMA | CONF_LINE_OPEN
	       | CONF_LINE_OPEN_PAIR | close;
	event  = plain | mark | CONF_LINE_NEWLINE | CONF_LINE_END;
	begin  = plain | CONF_LINE_OPEN | CONF_LINE_OPEN_PAIR | CONF_LINE_NEWLINE | CONF_LINE_END;

	text = (
		start:   '' -> line,
		line:    ( plain @key                                          -> key
		         | CONF_LINE_OPEN @header                              -> header
		         | CONF_LINE_OPEN_PAIR @pair_header                    -> header
		         | CONF_LINE_NEWLINE @ignore                           -> line
		         | CONF_LINE_END @ignore                               -> done
		         | (event - begin) @refuse                             -> failed ),
		key:     ( CONF_LINE_EQUALS @ignore                            -> value
		         | (event - CONF_LINE_EQUALS) @refuse                  -> failed ),
		value:   ( scalar @value                                       -> rest
		         | CONF_LINE_OPEN @array                               -> array
		         | (event - (scalar | CONF_LINE_OPEN)) @refuse         -> failed ),
		array:   ( scalar @element                                     -> element
		         | CONF_LINE_NEWLINE @ignore                           -> array
		         | CONF_LINE_CLOSE @ignore                             -> rest
		         | (event - (scalar | CONF_LINE_NEWLINE | CONF_LINE_CLOSE)) @refuse
		                                                               -> failed ),
		element: ( CONF_LINE_COMMA @ignore                             -> array
		         | CONF_LINE_NEWLINE @ignore                           -> element
		         | CONF_LINE_CLOSE @ignore                             -> rest
		         | (event - (CONF_LINE_COMMA | CONF_LINE_NEWLINE | CONF_LINE_CLOSE)) @refuse
		                                                               -> failed ),
		header:  ( plain @name                                         -> name
		         | (event - plain) @refuse                             -> failed ),
		name:    ( CONF_LINE_DOT @ignore                               -> header
		         | (CONF_LINE_CLOSE when single) @table                -> rest
		         | (CONF_LINE_CLOSE when !single) @refuse              -> failed
		         | (CONF_LINE_CLOSE_PAIR when !single) @entry          -> rest
		         | (CONF_LINE_CLOSE_PAIR when single) @refuse          -> failed
		         | (event - (CONF_LINE_DOT | close)) @refuse           -> failed ),
		rest:    ( CONF_LINE_NEWLINE @ignore                           -> line
		         | CONF_LINE_END @ignore                               -> done
		         | (event - (CONF_LINE_NEWLINE | CONF_LINE_END)) @refuse -> failed ),
		done:    ( event @in_done                                      -> done ),
		failed:  ( event @in_failed                                    -> failed )
	);
	main := text $step %names;
}%%

%% write data noerror nofinal;

void conf_line_init(struct conf_line *m)
{
	m->pair = 0u;
	%% write init;
}

uint32_t conf_line_step(struct conf_line *m, enum conf_line_event event, uint32_t n)
{
	const unsigned char symbol = (unsigned char)event;
	unsigned p = 0u;
	uint32_t effects = 0u;

	(void)n;
	%% write exec noend;
	return effects;
}
