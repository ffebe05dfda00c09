/* address_text: takes the text of an address apart. Page: spec/address_text.md. */
#include "gen/address_text.h"

%%{
	machine address_text;
	alphtype unsigned char;
	access m->;
	getkey c;

	action ignore { }
	action is_vsock { m->kind = ADDRESS_TEXT_VSOCK; }
	action is_unix { m->kind = ADDRESS_TEXT_UNIX; m->first = 5u; }
	action is_abstract { m->kind = ADDRESS_TEXT_ABSTRACT; m->first = 6u; }
	action is_host { m->kind = ADDRESS_TEXT_HOST; m->first = 4u; }
	action is_v6 { m->kind = ADDRESS_TEXT_V6; m->first = 5u; }
	action is_hybrid { m->kind = ADDRESS_TEXT_HYBRID; m->first = 7u; }
	action cid { m->cid = 10u * m->cid + (c - 48u); }
	action any_cid { m->cid = ADDRESS_TEXT_CID_ANY; }
	action port { m->port = 10u * m->port + (c - 48u); }
	action no_port { m->port = 0u; }
	action length { m->length = m->length + 1u; }
	action colon { m->length = m->taken; }
	action taken { m->taken = m->taken + 1u; }

	# Ends are told apart by what keeps them, or else Ragel would merge them.
	action in_done { }
	action in_bad_scheme { }
	action in_bad_cid { }
	action in_bad_port { }
	action in_bad_host { }
	action in_bad_path { }
	action in_too_long { }

	action cid_fits { m->cid <= (ADDRESS_TEXT_CID_ANY - (c - 48u)) / 10u }
	action port_fits { m->port <= (ADDRESS_TEXT_PORT_MAX - (c - 48u)) / 10u }
	action tcp_fits { m->port <= (ADDRESS_TEXT_TCP_PORT_MAX - (c - 48u)) / 10u }
	action path_fits { m->length < ADDRESS_TEXT_PATH_MAX }
	action name_fits { m->length < ADDRESS_TEXT_NAME_MAX }
	action host_fits { m->length < ADDRESS_TEXT_HOST_MAX }
	action v6_fits { m->length < ADDRESS_TEXT_V6_MAX }
	action v6_long_enough { m->length >= 2u }
	action socket_fits { m->taken <= ADDRESS_TEXT_PATH_MAX }
	action room { m->taken < ADDRESS_TEXT_HYBRID_MAX }
	action room_and_fits {
		m->taken < ADDRESS_TEXT_HYBRID_MAX &&
		m->port <= (ADDRESS_TEXT_PORT_MAX - (c - 48u)) / 10u
	}

	action step { fbreak; }

	action names {
		(void)fentry(text::scheme); (void)fentry(text::v); (void)fentry(text::vs);
		(void)fentry(text::vso); (void)fentry(text::vsoc); (void)fentry(text::vsock);
		(void)fentry(text::u); (void)fentry(text::un); (void)fentry(text::uni);
		(void)fentry(text::unix); (void)fentry(text::t); (void)fentry(text::tc);
		(void)fentry(text::tcp); (void)fentry(text::h); (void)fentry(text::hy);
		(void)fentry(text::hyb); (void)fentry(text::hybr); (void)fentry(text::hybri);
		(void)fentry(text::hybrid); (void)fentry(text::cid); (void)fentry(text::cid_a);
		(void)fentry(text::cid_an); (void)fentry(text::cid_more);
		(void)fentry(text::cid_end); (void)fentry(text::port);
		(void)fentry(text::port_more); (void)fentry(text::port_end);
		(void)fentry(text::path_first); (void)fentry(text::path);
		(void)fentry(text::name_first); (void)fentry(text::name);
		(void)fentry(text::host_first); (void)fentry(text::host);
		(void)fentry(text::v6); (void)fentry(text::v6_end); (void)fentry(text::tcp_port);
		(void)fentry(text::tcp_more);
		(void)fentry(text::socket_first); (void)fentry(text::socket);
		(void)fentry(text::tail); (void)fentry(text::tail_more);
		(void)fentry(text::tail_zero); (void)fentry(text::done);
		(void)fentry(text::bad_scheme); (void)fentry(text::bad_cid);
		(void)fentry(text::bad_port); (void)fentry(text::bad_host);
		(void)fentry(text::bad_path); (void)fentry(text::too_long);
	}

	in_host = 'a'..'z' | 'A'..'Z' | '0'..'9' | '-' | '.' | '_';
	in_v6 = '0'..'9' | 'a'..'f' | 'A'..'F' | ':' | '.';

	text = (
		start:   '' -> scheme,
		scheme:  ( 'v' @ignore -> v | 'u' @ignore -> u | 't' @ignore -> t | 'h' @ignore -> h
		         | (any - ('v' | 'u' | 't' | 'h')) @ignore -> bad_scheme ),

		v:       ( 's' @ignore -> vs | (any - 's') @ignore -> bad_scheme ),
		vs:      ( 'o' @ignore -> vso | (any - 'o') @ignore -> bad_scheme ),
		vso:     ( 'c' @ignore -> vsoc | (any - 'c') @ignore -> bad_scheme ),
		vsoc:    ( 'k' @ignore -> vsock | (any - 'k') @ignore -> bad_scheme ),
		vsock:   ( ':' @is_vsock -> cid | (any - ':') @ignore -> bad_scheme ),
		cid:     ( 'a' @ignore -> cid_a
		         | '0' @ignore -> cid_end
		         | '1'..'9' @cid -> cid_more
		         | (any - ('a' | digit)) @ignore -> bad_cid ),
		cid_a:   ( 'n' @ignore -> cid_an | (any - 'n') @ignore -> bad_cid ),
		cid_an:  ( 'y' @any_cid -> cid_end | (any - 'y') @ignore -> bad_cid ),
		cid_more: ( (digit when cid_fits) @cid -> cid_more
		         | (digit when !cid_fits) @ignore -> bad_cid
		         | ':' @ignore -> port
		         | (any - (digit | ':')) @ignore -> bad_cid ),
		cid_end: ( ':' @ignore -> port | (any - ':') @ignore -> bad_cid ),

		port:    ( '0' @ignore -> port_end
		         | '1'..'9' @port -> port_more
		         | (any - digit) @ignore -> bad_port ),
		port_more: ( (digit when port_fits) @port -> port_more
		         | (digit when !port_fits) @ignore -> bad_port
		         | 0 @ignore -> done
		         | (any - (digit | 0)) @ignore -> bad_port ),
		port_end: ( 0 @ignore -> done | (any - 0) @ignore -> bad_port ),

		u:       ( 'n' @ignore -> un | (any - 'n') @ignore -> bad_scheme ),
		un:      ( 'i' @ignore -> uni | (any - 'i') @ignore -> bad_scheme ),
		uni:     ( 'x' @ignore -> unix | (any - 'x') @ignore -> bad_scheme ),
		unix:    ( ':' @is_unix -> path_first | (any - ':') @ignore -> bad_scheme ),
		path_first: ( '@' @is_abstract -> name_first
		         | 0 @ignore -> bad_path
		         | (any - ('@' | 0)) @length -> path ),
		path:    ( ((any - 0) when path_fits) @length -> path
		         | ((any - 0) when !path_fits) @ignore -> too_long
		         | 0 @ignore -> done ),
		name_first: ( 0 @ignore -> bad_path | (any - 0) @length -> name ),
		name:    ( ((any - 0) when name_fits) @length -> name
		         | ((any - 0) when !name_fits) @ignore -> too_long
		         | 0 @ignore -> done ),

		t:       ( 'c' @ignore -> tc | (any - 'c') @ignore -> bad_scheme ),
		tc:      ( 'p' @ignore -> tcp | (any - 'p') @ignore -> bad_scheme ),
		tcp:     ( ':' @is_host -> host_first | (any - ':') @ignore -> bad_scheme ),
		host_first: ( '[' @is_v6 -> v6
		         | in_host @length -> host
		         | (any - ('[' | in_host)) @ignore -> bad_host ),
		host:    ( (in_host when host_fits) @length -> host
		         | (in_host when !host_fits) @ignore -> too_long
		         | ':' @ignore -> tcp_port
		         | 0 @ignore -> bad_port
		         | (any - (in_host | ':' | 0)) @ignore -> bad_host ),
		v6:      ( (in_v6 when v6_fits) @length -> v6
		         | (in_v6 when !v6_fits) @ignore -> too_long
		         | (']' when v6_long_enough) @ignore -> v6_end
		         | (']' when !v6_long_enough) @ignore -> bad_host
		         | (any - (in_v6 | ']')) @ignore -> bad_host ),
		v6_end:  ( ':' @ignore -> tcp_port | (any - ':') @ignore -> bad_port ),
		tcp_port: ( '0' @ignore -> port_end
		         | '1'..'9' @port -> tcp_more
		         | (any - digit) @ignore -> bad_port ),
		tcp_more: ( (digit when tcp_fits) @port -> tcp_more
		         | (digit when !tcp_fits) @ignore -> bad_port
		         | 0 @ignore -> done
		         | (any - (digit | 0)) @ignore -> bad_port ),

		h:       ( 'y' @ignore -> hy | (any - 'y') @ignore -> bad_scheme ),
		hy:      ( 'b' @ignore -> hyb | (any - 'b') @ignore -> bad_scheme ),
		hyb:     ( 'r' @ignore -> hybr | (any - 'r') @ignore -> bad_scheme ),
		hybr:    ( 'i' @ignore -> hybri | (any - 'i') @ignore -> bad_scheme ),
		hybri:   ( 'd' @ignore -> hybrid | (any - 'd') @ignore -> bad_scheme ),
		hybrid:  ( ':' @is_hybrid -> socket_first | (any - ':') @ignore -> bad_scheme ),
		socket_first: ( (':' | 0) @ignore -> bad_path
		         | (any - (':' | 0)) @taken -> socket ),
		socket:  ( (':' when socket_fits) @colon @taken -> tail
		         | (':' when !socket_fits) @ignore -> too_long
		         | 0 @ignore -> bad_port
		         | ((any - (':' | 0)) when room) @taken -> socket
		         | ((any - (':' | 0)) when !room) @ignore -> too_long ),
		tail:    ( '0' @taken -> tail_zero
		         | '1'..'9' @port @taken -> tail_more
		         | (':' when socket_fits) @colon @taken -> tail
		         | (':' when !socket_fits) @ignore -> too_long
		         | 0 @ignore -> bad_port
		         | (any - (digit | ':' | 0)) @taken -> socket ),
		tail_zero: ( (':' when socket_fits) @colon @taken -> tail
		         | (':' when !socket_fits) @ignore -> too_long
		         | 0 @ignore -> done
		         | (any - (':' | 0)) @taken -> socket ),
		tail_more: ( (digit when room_and_fits) @port @taken -> tail_more
		         | ((digit when !room_and_fits) when room) @no_port @taken -> socket
		         | ((digit when !room_and_fits) when !room) @ignore -> too_long
		         | (':' when socket_fits) @no_port @colon @taken -> tail
		         | (':' when !socket_fits) @ignore -> too_long
		         | 0 @ignore -> done
		         | ((any - (digit | ':' | 0)) when room) @no_port @taken -> socket
		         | ((any - (digit | ':' | 0)) when !room) @ignore -> too_long ),

		done:       ( any @in_done -> done ),
		bad_scheme: ( any @in_bad_scheme -> bad_scheme ),
		bad_cid:    ( any @in_bad_cid -> bad_cid ),
		bad_port:   ( any @in_bad_port -> bad_port ),
		bad_host:   ( any @in_bad_host -> bad_host ),
		bad_path:   ( any @in_bad_path -> bad_path ),
		too_long:   ( any @in_too_long -> too_long )
	);
	main := text $step %names;
}%%

%% write data noerror nofinal;

void address_text_init(struct address_text *m)
{
	m->kind = 0u;
	m->first = 0u;
	m->length = 0u;
	m->taken = 0u;
	m->cid = 0u;
	m->port = 0u;
	%% write init;
}

void address_text_step(struct address_text *m, uint8_t c)
{
	unsigned p = 0u;

	%% write exec noend;
}

#define MACHINE address_text
#include "fsm/feed.inc"
