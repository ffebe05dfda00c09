/* notice: decoder of the lines that an enclave's init says to its host. Page: spec/notice.md. */
#include "gen/notice.h"

%%{
	machine notice;
	alphtype unsigned char;
	access m->;
	getkey c;

	action is_ready { m->word = NOTICE_READY; }
	action is_farewell { m->word = NOTICE_FAREWELL; }
	action digit { m->number = 10u * m->number + (c - 48u); }
	action rest { m->rest = m->rest + 1u; }
	action ignore { }

	# Ends are told apart by what keeps them, or else Ragel would merge them.
	action in_done { }
	action in_bad_word { }
	action in_bad_number { }
	action in_too_big { }
	action in_bad_rest { }

	action fits { m->number <= (4294967295u - (c - 48u)) / 10u }
	action room { m->rest < NOTICE_REST_MAX }

	action step { fbreak; }

	action names {
		(void)fentry(line::begin); (void)fentry(line::r);
		(void)fentry(line::re); (void)fentry(line::rea);
		(void)fentry(line::read); (void)fentry(line::ready);
		(void)fentry(line::f); (void)fentry(line::fa);
		(void)fentry(line::far); (void)fentry(line::fare);
		(void)fentry(line::farew); (void)fentry(line::farewe);
		(void)fentry(line::farewel); (void)fentry(line::farewell);
		(void)fentry(line::first); (void)fentry(line::zero);
		(void)fentry(line::more); (void)fentry(line::words);
		(void)fentry(line::done); (void)fentry(line::bad_word);
		(void)fentry(line::bad_number); (void)fentry(line::too_big);
		(void)fentry(line::bad_rest);
	}

	text = 'a'..'z' | ' ';

	line = (
		start:   '' -> begin,
		begin:   ( 'r' @ignore -> r | 'f' @ignore -> f
		         | (any - ('r' | 'f')) @ignore -> bad_word ),
		r: ( 'e' @ignore -> re | (any - 'e') @ignore -> bad_word ),
		re: ( 'a' @ignore -> rea | (any - 'a') @ignore -> bad_word ),
		rea: ( 'd' @ignore -> read | (any - 'd') @ignore -> bad_word ),
		read: ( 'y' @ignore -> ready | (any - 'y') @ignore -> bad_word ),
		f: ( 'a' @ignore -> fa | (any - 'a') @ignore -> bad_word ),
		fa: ( 'r' @ignore -> far | (any - 'r') @ignore -> bad_word ),
		far: ( 'e' @ignore -> fare | (any - 'e') @ignore -> bad_word ),
		fare: ( 'w' @ignore -> farew | (any - 'w') @ignore -> bad_word ),
		farew: ( 'e' @ignore -> farewe | (any - 'e') @ignore -> bad_word ),
		farewe: ( 'l' @ignore -> farewel | (any - 'l') @ignore -> bad_word ),
		farewel: ( 'l' @ignore -> farewell | (any - 'l') @ignore -> bad_word ),
		ready:    ( ' ' @is_ready -> first | (any - ' ') @ignore -> bad_word ),
		farewell: ( ' ' @is_farewell -> first | (any - ' ') @ignore -> bad_word ),
		first:   ( '0' @ignore -> zero
		         | '1'..'9' @digit -> more
		         | (any - digit) @ignore -> bad_number ),
		zero:    ( '\n' @ignore -> done
		         | ' ' @ignore -> words
		         | (any - ('\n' | ' ')) @ignore -> bad_number ),
		more:    ( (digit when fits) @digit -> more
		         | (digit when !fits) @ignore -> too_big
		         | '\n' @ignore -> done
		         | ' ' @ignore -> words
		         | (any - (digit | '\n' | ' ')) @ignore -> bad_number ),
		words:   ( (text when room) @rest -> words
		         | (text when !room) @ignore -> bad_rest
		         | '\n' @ignore -> done
		         | (any - (text | '\n')) @ignore -> bad_rest ),
		done:       ( any @in_done -> done ),
		bad_word:   ( any @in_bad_word -> bad_word ),
		bad_number: ( any @in_bad_number -> bad_number ),
		too_big:    ( any @in_too_big -> too_big ),
		bad_rest:   ( any @in_bad_rest -> bad_rest )
	);
	main := line $step %names;
}%%

%% write data noerror nofinal;

void notice_init(struct notice *m)
{
	m->word = 0u;
	m->number = 0u;
	m->rest = 0u;
	%% write init;
}

void notice_step(struct notice *m, uint8_t c)
{
	unsigned p = 0u;

	%% write exec noend;
}

#define MACHINE notice
#include "fsm/feed.inc"
