/* hybrid_hello: the greeting of Firecracker's hybrid vsock. Page: spec/hybrid_hello.md. */
#include "gen/hybrid_hello.h"

%%{
	machine hybrid_hello;
	alphtype unsigned char;
	access m->;
	getkey c;

	action digit { m->port = 10u * m->port + (c - 48u); }
	action ignore { }

	# Ends are told apart by what keeps them, or else Ragel would merge them.
	action in_done { }
	action in_bad_word { }
	action in_bad_port { }
	action in_too_big { }

	action wants_request { m->reply == HYBRID_HELLO_REQUEST }
	action fits { m->port <= (HYBRID_HELLO_PORT_MAX - (c - 48u)) / 10u }

	action step { fbreak; }

	action names {
		(void)fentry(hello::word); (void)fentry(hello::c); (void)fentry(hello::co);
		(void)fentry(hello::con); (void)fentry(hello::conn); (void)fentry(hello::conne);
		(void)fentry(hello::connec); (void)fentry(hello::o); (void)fentry(hello::space);
		(void)fentry(hello::first); (void)fentry(hello::zero); (void)fentry(hello::more);
		(void)fentry(hello::done); (void)fentry(hello::bad_word);
		(void)fentry(hello::bad_port);
		(void)fentry(hello::too_big);
	}

	hello = (
		start:  '' -> word,
		word:    ( ('C' when wants_request) @ignore -> c
		        | ('C' when !wants_request) @ignore -> bad_word
		        | ('O' when !wants_request) @ignore -> o
		        | ('O' when wants_request) @ignore -> bad_word
		        | (any - ('C' | 'O')) @ignore -> bad_word ),
		c:       ( 'O' @ignore -> co | (any - 'O') @ignore -> bad_word ),
		co:      ( 'N' @ignore -> con | (any - 'N') @ignore -> bad_word ),
		con:     ( 'N' @ignore -> conn | (any - 'N') @ignore -> bad_word ),
		conn:    ( 'E' @ignore -> conne | (any - 'E') @ignore -> bad_word ),
		conne:   ( 'C' @ignore -> connec | (any - 'C') @ignore -> bad_word ),
		connec:  ( 'T' @ignore -> space | (any - 'T') @ignore -> bad_word ),
		o:       ( 'K' @ignore -> space | (any - 'K') @ignore -> bad_word ),
		space:   ( ' ' @ignore -> first | (any - ' ') @ignore -> bad_word ),
		first:   ( '0' @ignore -> zero
		         | '1'..'9' @digit -> more
		         | (any - '0'..'9') @ignore -> bad_port ),
		zero:    ( '\n' @ignore -> done | (any - '\n') @ignore -> bad_port ),
		more:    ( ('0'..'9' when fits) @digit -> more
		         | ('0'..'9' when !fits) @ignore -> too_big
		         | '\n' @ignore -> done
		         | (any - ('0'..'9' | '\n')) @ignore -> bad_port ),
		done:     ( any @in_done -> done ),
		bad_word: ( any @in_bad_word -> bad_word ),
		bad_port: ( any @in_bad_port -> bad_port ),
		too_big:  ( any @in_too_big -> too_big )
	);
	main := hello $step %names;
}%%

%% write data noerror nofinal;

void hybrid_hello_init(struct hybrid_hello *m, uint32_t reply)
{
	m->reply = reply;
	m->port = 0u;
	%% write init;
}

void hybrid_hello_step(struct hybrid_hello *m, uint8_t c)
{
	unsigned p = 0u;

	%% write exec noend;
}

#define MACHINE hybrid_hello
#include "fsm/feed.inc"
