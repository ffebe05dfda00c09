/* health_line: decoder of the line by which an init tells how it is. Page: spec/health_line.md. */
#include "gen/health_line.h"

%%{
	machine health_line;
	alphtype unsigned char;
	access m->;
	getkey c;

	action is_starting { m->word = HEALTH_LINE_STARTING; }
	action is_ready { m->word = HEALTH_LINE_READY; }
	action is_degraded { m->word = HEALTH_LINE_DEGRADED; }
	action is_stopping { m->word = HEALTH_LINE_STOPPING; }
	action up_digit { m->up = 10u * m->up + (c - 48u); }
	action all_digit { m->all = 10u * m->all + (c - 48u); }
	action ignore { }

	# Ends are told apart by what keeps them, or else Ragel would merge them.
	action in_done { }
	action in_bad_word { }
	action in_bad_number { }
	action in_too_big { }

	action up_fits { m->up <= (4294967295u - (c - 48u)) / 10u }
	action all_fits { m->all <= (4294967295u - (c - 48u)) / 10u }

	action step { fbreak; }

	action names {
		(void)fentry(line::begin); (void)fentry(line::s);
		(void)fentry(line::st); (void)fentry(line::sta);
		(void)fentry(line::star); (void)fentry(line::star_t);
		(void)fentry(line::starti); (void)fentry(line::startin);
		(void)fentry(line::starting); (void)fentry(line::r);
		(void)fentry(line::re); (void)fentry(line::rea);
		(void)fentry(line::read); (void)fentry(line::ready);
		(void)fentry(line::d); (void)fentry(line::de);
		(void)fentry(line::deg); (void)fentry(line::degr);
		(void)fentry(line::degra); (void)fentry(line::degrad);
		(void)fentry(line::degrade); (void)fentry(line::degraded);
		(void)fentry(line::sto); (void)fentry(line::stop);
		(void)fentry(line::stopp); (void)fentry(line::stoppi);
		(void)fentry(line::stoppin); (void)fentry(line::stopping);
		(void)fentry(line::up_first); (void)fentry(line::up_zero);
		(void)fentry(line::up_more); (void)fentry(line::all_first);
		(void)fentry(line::all_zero); (void)fentry(line::all_more);
		(void)fentry(line::done); (void)fentry(line::bad_word);
		(void)fentry(line::bad_number); (void)fentry(line::too_big);
	}

	line = (
		start:   '' -> begin,
		begin: ( 'd' @ignore -> d
		   | 'r' @ignore -> r
		   | 's' @ignore -> s
		   | (any - ('d' | 'r' | 's')) @ignore -> bad_word ),
		s: ( 't' @ignore -> st | (any - 't') @ignore -> bad_word ),
		st: ( 'a' @ignore -> sta
		   | 'o' @ignore -> sto
		   | (any - ('a' | 'o')) @ignore -> bad_word ),
		sta: ( 'r' @ignore -> star | (any - 'r') @ignore -> bad_word ),
		star: ( 't' @ignore -> star_t | (any - 't') @ignore -> bad_word ),
		star_t: ( 'i' @ignore -> starti | (any - 'i') @ignore -> bad_word ),
		starti: ( 'n' @ignore -> startin | (any - 'n') @ignore -> bad_word ),
		startin: ( 'g' @ignore -> starting | (any - 'g') @ignore -> bad_word ),
		starting: ( ' ' @is_starting -> up_first | (any - ' ') @ignore -> bad_word ),
		r: ( 'e' @ignore -> re | (any - 'e') @ignore -> bad_word ),
		re: ( 'a' @ignore -> rea | (any - 'a') @ignore -> bad_word ),
		rea: ( 'd' @ignore -> read | (any - 'd') @ignore -> bad_word ),
		read: ( 'y' @ignore -> ready | (any - 'y') @ignore -> bad_word ),
		ready: ( ' ' @is_ready -> up_first | (any - ' ') @ignore -> bad_word ),
		d: ( 'e' @ignore -> de | (any - 'e') @ignore -> bad_word ),
		de: ( 'g' @ignore -> deg | (any - 'g') @ignore -> bad_word ),
		deg: ( 'r' @ignore -> degr | (any - 'r') @ignore -> bad_word ),
		degr: ( 'a' @ignore -> degra | (any - 'a') @ignore -> bad_word ),
		degra: ( 'd' @ignore -> degrad | (any - 'd') @ignore -> bad_word ),
		degrad: ( 'e' @ignore -> degrade | (any - 'e') @ignore -> bad_word ),
		degrade: ( 'd' @ignore -> degraded | (any - 'd') @ignore -> bad_word ),
		degraded: ( ' ' @is_degraded -> up_first | (any - ' ') @ignore -> bad_word ),
		sto: ( 'p' @ignore -> stop | (any - 'p') @ignore -> bad_word ),
		stop: ( 'p' @ignore -> stopp | (any - 'p') @ignore -> bad_word ),
		stopp: ( 'i' @ignore -> stoppi | (any - 'i') @ignore -> bad_word ),
		stoppi: ( 'n' @ignore -> stoppin | (any - 'n') @ignore -> bad_word ),
		stoppin: ( 'g' @ignore -> stopping | (any - 'g') @ignore -> bad_word ),
		stopping: ( ' ' @is_stopping -> up_first | (any - ' ') @ignore -> bad_word ),
		up_first: ( '0' @ignore -> up_zero
		           | '1'..'9' @up_digit -> up_more
		           | (any - digit) @ignore -> bad_number ),
		up_zero:  ( ' ' @ignore -> all_first
		           | (any - ' ') @ignore -> bad_number ),
		up_more:  ( (digit when up_fits) @up_digit -> up_more
		           | (digit when !up_fits) @ignore -> too_big
		           | ' ' @ignore -> all_first
		           | (any - (digit | ' ')) @ignore -> bad_number ),
		all_first: ( '0' @ignore -> all_zero
		           | '1'..'9' @all_digit -> all_more
		           | (any - digit) @ignore -> bad_number ),
		all_zero:  ( '\n' @ignore -> done
		           | (any - '\n') @ignore -> bad_number ),
		all_more:  ( (digit when all_fits) @all_digit -> all_more
		           | (digit when !all_fits) @ignore -> too_big
		           | '\n' @ignore -> done
		           | (any - (digit | '\n')) @ignore -> bad_number ),
		done:       ( any @in_done -> done ),
		bad_word:   ( any @in_bad_word -> bad_word ),
		bad_number: ( any @in_bad_number -> bad_number ),
		too_big:    ( any @in_too_big -> too_big )
	);
	main := line $step %names;
}%%

%% write data noerror nofinal;

void health_line_init(struct health_line *m)
{
	m->word = 0u;
	m->up = 0u;
	m->all = 0u;
	%% write init;
}

void health_line_step(struct health_line *m, uint8_t c)
{
	unsigned p = 0u;

	%% write exec noend;
}

#define MACHINE health_line
#include "fsm/feed.inc"
