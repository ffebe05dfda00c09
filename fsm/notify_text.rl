/* notify_text: decoder of the datagrams of sd_notify(3). Page: spec/notify_text.md. */
#include "gen/notify_text.h"

%%{
	machine notify_text;
	alphtype unsigned char;
	access m->;
	getkey c;

	action ignore { }
	action nothing { m->gives = NOTIFY_TEXT_NOTHING; }
	action ready { m->gives = NOTIFY_TEXT_READY; }
	action stopping { m->gives = NOTIFY_TEXT_STOPPING; }
	action alive { m->gives = NOTIFY_TEXT_ALIVE; }
	action unwell { m->gives = NOTIFY_TEXT_UNWELL; }
	action status { m->gives = NOTIFY_TEXT_STATUS; }
	action byte { m->gives = NOTIFY_TEXT_BYTE; }

	# The end is told by what keeps it.
	action in_done { }

	action step { fbreak; }

	action names {
		(void)fentry(line::begin); (void)fentry(line::r); (void)fentry(line::re);
		(void)fentry(line::rea); (void)fentry(line::read); (void)fentry(line::ready);
		(void)fentry(line::ready_is); (void)fentry(line::ready_1);
		(void)fentry(line::s); (void)fentry(line::st); (void)fentry(line::sto);
		(void)fentry(line::stop); (void)fentry(line::stopp); (void)fentry(line::stoppi);
		(void)fentry(line::stoppin); (void)fentry(line::stopping);
		(void)fentry(line::stopping_is); (void)fentry(line::stopping_1);
		(void)fentry(line::sta); (void)fentry(line::stat); (void)fentry(line::statu);
		(void)fentry(line::status); (void)fentry(line::w); (void)fentry(line::wa);
		(void)fentry(line::wat); (void)fentry(line::watc); (void)fentry(line::watch);
		(void)fentry(line::watchd); (void)fentry(line::watchdo);
		(void)fentry(line::watchdog); (void)fentry(line::watchdog_is);
		(void)fentry(line::watchdog_1); (void)fentry(line::t); (void)fentry(line::tr);
		(void)fentry(line::tri); (void)fentry(line::trig); (void)fentry(line::trigg);
		(void)fentry(line::trigge); (void)fentry(line::trigger);
		(void)fentry(line::text); (void)fentry(line::other); (void)fentry(line::done);
	}

	line = (
		start:   '' -> begin,
		begin:   ( 'R' @nothing -> r | 'S' @nothing -> s | 'W' @nothing -> w
		         | '\n' @nothing -> begin | 0 @nothing -> done
		         | (any - ('R' | 'S' | 'W' | '\n' | 0)) @nothing -> other ),
		r: ( 'E' @ignore -> re | '\n' @ignore -> begin
		         | (any - ('E' | '\n')) @ignore -> other ),
		re: ( 'A' @ignore -> rea | '\n' @ignore -> begin
		         | (any - ('A' | '\n')) @ignore -> other ),
		rea: ( 'D' @ignore -> read | '\n' @ignore -> begin
		         | (any - ('D' | '\n')) @ignore -> other ),
		read: ( 'Y' @ignore -> ready | '\n' @ignore -> begin
		         | (any - ('Y' | '\n')) @ignore -> other ),
		ready: ( '=' @ignore -> ready_is | '\n' @ignore -> begin
		         | (any - ('=' | '\n')) @ignore -> other ),
		ready_is: ( '1' @ignore -> ready_1 | '\n' @ignore -> begin
		         | (any - ('1' | '\n')) @ignore -> other ),
		ready_1: ( '\n' @ready -> begin
		         | (any - '\n') @ignore -> other ),
		s: ( 'T' @ignore -> st | '\n' @ignore -> begin
		         | (any - ('T' | '\n')) @ignore -> other ),
		st: ( 'O' @ignore -> sto | 'A' @ignore -> sta | '\n' @ignore -> begin
		         | (any - ('O' | 'A' | '\n')) @ignore -> other ),
		sto: ( 'P' @ignore -> stop | '\n' @ignore -> begin
		         | (any - ('P' | '\n')) @ignore -> other ),
		stop: ( 'P' @ignore -> stopp | '\n' @ignore -> begin
		         | (any - ('P' | '\n')) @ignore -> other ),
		stopp: ( 'I' @ignore -> stoppi | '\n' @ignore -> begin
		         | (any - ('I' | '\n')) @ignore -> other ),
		stoppi: ( 'N' @ignore -> stoppin | '\n' @ignore -> begin
		         | (any - ('N' | '\n')) @ignore -> other ),
		stoppin: ( 'G' @ignore -> stopping | '\n' @ignore -> begin
		         | (any - ('G' | '\n')) @ignore -> other ),
		stopping: ( '=' @ignore -> stopping_is | '\n' @ignore -> begin
		         | (any - ('=' | '\n')) @ignore -> other ),
		stopping_is: ( '1' @ignore -> stopping_1 | '\n' @ignore -> begin
		         | (any - ('1' | '\n')) @ignore -> other ),
		stopping_1: ( '\n' @stopping -> begin
		         | (any - '\n') @ignore -> other ),
		sta: ( 'T' @ignore -> stat | '\n' @ignore -> begin
		         | (any - ('T' | '\n')) @ignore -> other ),
		stat: ( 'U' @ignore -> statu | '\n' @ignore -> begin
		         | (any - ('U' | '\n')) @ignore -> other ),
		statu: ( 'S' @ignore -> status | '\n' @ignore -> begin
		         | (any - ('S' | '\n')) @ignore -> other ),
		status: ( '=' @status -> text | '\n' @ignore -> begin
		         | (any - ('=' | '\n')) @ignore -> other ),
		w: ( 'A' @ignore -> wa | '\n' @ignore -> begin
		         | (any - ('A' | '\n')) @ignore -> other ),
		wa: ( 'T' @ignore -> wat | '\n' @ignore -> begin
		         | (any - ('T' | '\n')) @ignore -> other ),
		wat: ( 'C' @ignore -> watc | '\n' @ignore -> begin
		         | (any - ('C' | '\n')) @ignore -> other ),
		watc: ( 'H' @ignore -> watch | '\n' @ignore -> begin
		         | (any - ('H' | '\n')) @ignore -> other ),
		watch: ( 'D' @ignore -> watchd | '\n' @ignore -> begin
		         | (any - ('D' | '\n')) @ignore -> other ),
		watchd: ( 'O' @ignore -> watchdo | '\n' @ignore -> begin
		         | (any - ('O' | '\n')) @ignore -> other ),
		watchdo: ( 'G' @ignore -> watchdog | '\n' @ignore -> begin
		         | (any - ('G' | '\n')) @ignore -> other ),
		watchdog: ( '=' @ignore -> watchdog_is | '\n' @ignore -> begin
		         | (any - ('=' | '\n')) @ignore -> other ),
		watchdog_is: ( '1' @ignore -> watchdog_1 | 't' @ignore -> t | '\n' @ignore -> begin
		         | (any - ('1' | 't' | '\n')) @ignore -> other ),
		watchdog_1: ( '\n' @alive -> begin
		         | (any - '\n') @ignore -> other ),
		t: ( 'r' @ignore -> tr | '\n' @ignore -> begin
		         | (any - ('r' | '\n')) @ignore -> other ),
		tr: ( 'i' @ignore -> tri | '\n' @ignore -> begin
		         | (any - ('i' | '\n')) @ignore -> other ),
		tri: ( 'g' @ignore -> trig | '\n' @ignore -> begin
		         | (any - ('g' | '\n')) @ignore -> other ),
		trig: ( 'g' @ignore -> trigg | '\n' @ignore -> begin
		         | (any - ('g' | '\n')) @ignore -> other ),
		trigg: ( 'e' @ignore -> trigge | '\n' @ignore -> begin
		         | (any - ('e' | '\n')) @ignore -> other ),
		trigge: ( 'r' @ignore -> trigger | '\n' @ignore -> begin
		         | (any - ('r' | '\n')) @ignore -> other ),
		trigger: ( '\n' @unwell -> begin
		         | (any - '\n') @ignore -> other ),
		text:    ( '\n' @nothing -> begin | (any - '\n') @byte -> text ),
		other:   ( '\n' @ignore -> begin | (any - '\n') @ignore -> other ),
		done:    ( any @in_done -> done )
	);
	main := line $step %names;
}%%

%% write data noerror nofinal;

void notify_text_init(struct notify_text *m)
{
	m->gives = NOTIFY_TEXT_NOTHING;
	%% write init;
}

void notify_text_step(struct notify_text *m, uint8_t c)
{
	unsigned p = 0u;

	%% write exec noend;
}

#define MACHINE notify_text
#include "fsm/feed.inc"
