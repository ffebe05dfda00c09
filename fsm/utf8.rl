/* utf8: tells whether bytes are UTF-8. Page: spec/utf8.md. */
#include "gen/utf8.h"

%%{
	machine utf8;
	alphtype unsigned char;
	access m->;
	getkey c;

	action ignore { }
	action in_bad { }

	action step { fbreak; }

	action names {
		(void)fentry(text::whole); (void)fentry(text::last1); (void)fentry(text::last2);
		(void)fentry(text::last3); (void)fentry(text::after_e0);
		(void)fentry(text::after_ed);
		(void)fentry(text::after_f0); (void)fentry(text::after_f4); (void)fentry(text::bad);
	}

	more = 0x80..0xbf;
	lead = 0x00..0x7f | 0xc2..0xf4;

	text = (
		start:    '' -> whole,
		whole:    ( 0x00..0x7f @ignore -> whole
		          | 0xc2..0xdf @ignore -> last1
		          | 0xe0 @ignore -> after_e0
		          | (0xe1..0xec | 0xee..0xef) @ignore -> last2
		          | 0xed @ignore -> after_ed
		          | 0xf0 @ignore -> after_f0
		          | 0xf1..0xf3 @ignore -> last3
		          | 0xf4 @ignore -> after_f4
		          | (any - lead) @ignore -> bad ),
		last1:    ( more @ignore -> whole | (any - more) @ignore -> bad ),
		last2:    ( more @ignore -> last1 | (any - more) @ignore -> bad ),
		last3:    ( more @ignore -> last2 | (any - more) @ignore -> bad ),
		after_e0: ( 0xa0..0xbf @ignore -> last1 | (any - 0xa0..0xbf) @ignore -> bad ),
		after_ed: ( 0x80..0x9f @ignore -> last1 | (any - 0x80..0x9f) @ignore -> bad ),
		after_f0: ( 0x90..0xbf @ignore -> last2 | (any - 0x90..0xbf) @ignore -> bad ),
		after_f4: ( 0x80..0x8f @ignore -> last2 | (any - 0x80..0x8f) @ignore -> bad ),
		bad:      ( any @in_bad -> bad )
	);
	main := text $step %names;
}%%

%% write data noerror nofinal;

void utf8_init(struct utf8 *m)
{
	%% write init;
}

void utf8_step(struct utf8 *m, uint8_t c)
{
	unsigned p = 0u;

	%% write exec noend;
}

#define MACHINE utf8
#include "fsm/feed.inc"
