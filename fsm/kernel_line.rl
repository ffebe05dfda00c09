/* kernel_line: what a kernel's console says of its end. Page: spec/kernel_line.md. */
#include "gen/kernel_line.h"

%%{
	machine kernel_line;
	alphtype unsigned char;
	access m->;
	getkey c;

	action ignore { }

	# Ends are told apart by what keeps them, and so are states that Ragel would merge.
	action in_panics { }
	action in_leaves { }

	action step { fbreak; }

	action names {
		(void)fentry(line::begin); (void)fentry(line::time);
		(void)fentry(line::after_time); (void)fentry(line::text);
		(void)fentry(line::skip); (void)fentry(line::k);
		(void)fentry(line::ke); (void)fentry(line::ker);
		(void)fentry(line::kern); (void)fentry(line::kerne);
		(void)fentry(line::kernel); (void)fentry(line::kernel_);
		(void)fentry(line::kernel_p); (void)fentry(line::kernel_pa);
		(void)fentry(line::kernel_pan); (void)fentry(line::kernel_pani);
		(void)fentry(line::r); (void)fentry(line::re);
		(void)fentry(line::reb); (void)fentry(line::rebo);
		(void)fentry(line::reboo); (void)fentry(line::reboot);
		(void)fentry(line::reboot_colon); (void)fentry(line::panicking);
		(void)fentry(line::leaving); (void)fentry(line::panics);
		(void)fentry(line::leaves);
	}

	line = (
		start:   '' -> begin,
		begin:   ( '[' @ignore -> time | 'K' @ignore -> k | 'r' @ignore -> r
		         | '\n' @ignore -> begin
		         | (any - ('[' | 'K' | 'r' | '\n')) @ignore -> skip ),
		time:    ( ']' @ignore -> after_time | '\n' @ignore -> begin
		         | (any - (']' | '\n')) @ignore -> time ),
		after_time: ( ' ' @ignore -> text | ']' @ignore -> after_time
		         | '\n' @ignore -> begin
		         | (any - (' ' | ']' | '\n')) @ignore -> time ),
		text:    ( 'K' @ignore -> k | 'r' @ignore -> r | '\n' @ignore -> begin
		         | (any - ('K' | 'r' | '\n')) @ignore -> skip ),
		skip:    ( '\n' @ignore -> begin | (any - '\n') @ignore -> skip ),
		k: ( 'e' @ignore -> ke | '\n' @ignore -> begin
		         | (any - ('e' | '\n')) @ignore -> skip ),
		ke: ( 'r' @ignore -> ker | '\n' @ignore -> begin
		         | (any - ('r' | '\n')) @ignore -> skip ),
		ker: ( 'n' @ignore -> kern | '\n' @ignore -> begin
		         | (any - ('n' | '\n')) @ignore -> skip ),
		kern: ( 'e' @ignore -> kerne | '\n' @ignore -> begin
		         | (any - ('e' | '\n')) @ignore -> skip ),
		kerne: ( 'l' @ignore -> kernel | '\n' @ignore -> begin
		         | (any - ('l' | '\n')) @ignore -> skip ),
		kernel: ( ' ' @ignore -> kernel_ | '\n' @ignore -> begin
		         | (any - (' ' | '\n')) @ignore -> skip ),
		kernel_: ( 'p' @ignore -> kernel_p | '\n' @ignore -> begin
		         | (any - ('p' | '\n')) @ignore -> skip ),
		kernel_p: ( 'a' @ignore -> kernel_pa | '\n' @ignore -> begin
		         | (any - ('a' | '\n')) @ignore -> skip ),
		kernel_pa: ( 'n' @ignore -> kernel_pan | '\n' @ignore -> begin
		         | (any - ('n' | '\n')) @ignore -> skip ),
		kernel_pan: ( 'i' @ignore -> kernel_pani | '\n' @ignore -> begin
		         | (any - ('i' | '\n')) @ignore -> skip ),
		kernel_pani: ( 'c' @ignore -> panicking | '\n' @ignore -> begin
		         | (any - ('c' | '\n')) @ignore -> skip ),
		r: ( 'e' @ignore -> re | '\n' @ignore -> begin
		         | (any - ('e' | '\n')) @ignore -> skip ),
		re: ( 'b' @ignore -> reb | '\n' @ignore -> begin
		         | (any - ('b' | '\n')) @ignore -> skip ),
		reb: ( 'o' @ignore -> rebo | '\n' @ignore -> begin
		         | (any - ('o' | '\n')) @ignore -> skip ),
		rebo: ( 'o' @ignore -> reboo | '\n' @ignore -> begin
		         | (any - ('o' | '\n')) @ignore -> skip ),
		reboo: ( 't' @ignore -> reboot | '\n' @ignore -> begin
		         | (any - ('t' | '\n')) @ignore -> skip ),
		reboot: ( ':' @ignore -> reboot_colon | '\n' @ignore -> begin
		         | (any - (':' | '\n')) @ignore -> skip ),
		reboot_colon: ( ' ' @ignore -> leaving | '\n' @ignore -> begin
		         | (any - (' ' | '\n')) @ignore -> skip ),
		panicking: ( '\n' @ignore -> panics | (any - '\n') @ignore -> panicking ),
		leaving:   ( '\n' @ignore -> leaves | (any - '\n') @ignore -> leaving ),
		panics:    ( any @in_panics -> panics ),
		leaves:    ( any @in_leaves -> leaves )
	);
	main := line $step %names;
}%%

%% write data noerror nofinal;

void kernel_line_init(struct kernel_line *m)
{
	%% write init;
}

void kernel_line_step(struct kernel_line *m, uint8_t c)
{
	unsigned p = 0u;

	%% write exec noend;
}

#define MACHINE kernel_line
#include "fsm/feed.inc"
