/* socks_hello: greeting and request of a SOCKS5 client. Page: spec/socks_hello.md. */
#include "gen/socks_hello.h"

%%{
	machine socks_hello;
	alphtype unsigned char;
	access m->;
	getkey c;

	action count { m->left = c; }
	action one { m->left = m->left - 1u; }
	action last { m->left = 0u; }
	action open { m->open = 1u; }
	action v4 { m->kind = SOCKS_HELLO_V4; m->left = 4u; m->length = 4u; }
	action v6 { m->kind = SOCKS_HELLO_V6; m->left = 16u; m->length = 16u; }
	action by_name { m->kind = SOCKS_HELLO_NAME; }
	action length { m->left = c; m->length = c; }
	action port_high { m->port = c; }
	action port_low { m->port = 256u * m->port + c; }
	action ignore { }

	# Ends are told apart by what keeps them, or else Ragel would merge them.
	action in_done { }
	action in_bad_version { }
	action in_no_method { }
	action in_bad_command { }
	action in_bad_request { }
	action in_bad_kind { }

	action more { m->left > 1u }
	action ready { m->open == 1u }
	action some { 256u * m->port + c >= 1u }

	action step { fbreak; }

	action names {
		(void)fentry(hello::version); (void)fentry(hello::count);
		(void)fentry(hello::methods); (void)fentry(hello::version2);
		(void)fentry(hello::command); (void)fentry(hello::reserved);
		(void)fentry(hello::kind); (void)fentry(hello::address);
		(void)fentry(hello::name_length); (void)fentry(hello::name);
		(void)fentry(hello::port1); (void)fentry(hello::port0);
		(void)fentry(hello::done); (void)fentry(hello::bad_version);
		(void)fentry(hello::no_method); (void)fentry(hello::bad_command);
		(void)fentry(hello::bad_request); (void)fentry(hello::bad_kind);
	}

	plain = '0'..'9' | 'A'..'Z' | 'a'..'z' | '-' | '.' | '_';

	hello = (
		start:   '' -> version,
		version: ( 5 @ignore -> count | (any - 5) @ignore -> bad_version ),
		count:   ( 0 @ignore -> no_method | (any - 0) @count -> methods ),
		methods: ( (0 when more) @one @open -> methods
		        | (0 when !more) @last @open -> version2
		        | ((any - 0) when more) @one -> methods
		        | ((any - 0) when !more when ready) @last -> version2
		        | ((any - 0) when !more when !ready) @ignore -> no_method ),
		version2: ( 5 @ignore -> command | (any - 5) @ignore -> bad_version ),
		command: ( 1 @ignore -> reserved | (any - 1) @ignore -> bad_command ),
		reserved: ( 0 @ignore -> kind | (any - 0) @ignore -> bad_request ),
		kind:    ( 1 @v4 -> address
		        | 3 @by_name -> name_length
		        | 4 @v6 -> address
		        | (any - (1 | 3 | 4)) @ignore -> bad_kind ),
		address: ( (any when more) @one -> address
		        | (any when !more) @last -> port1 ),
		name_length: ( 1..253 @length -> name
		        | (any - 1..253) @ignore -> bad_request ),
		name:    ( (plain when more) @one -> name
		        | (plain when !more) @last -> port1
		        | (any - plain) @ignore -> bad_request ),
		port1:   ( any @port_high -> port0 ),
		port0:   ( (any when some) @port_low -> done
		        | (any when !some) @ignore -> bad_request ),
		done:        ( any @in_done -> done ),
		bad_version: ( any @in_bad_version -> bad_version ),
		no_method:   ( any @in_no_method -> no_method ),
		bad_command: ( any @in_bad_command -> bad_command ),
		bad_request: ( any @in_bad_request -> bad_request ),
		bad_kind:    ( any @in_bad_kind -> bad_kind )
	);
	main := hello $step %names;
}%%

%% write data noerror nofinal;

void socks_hello_init(struct socks_hello *m)
{
	m->left = 0u;
	m->open = 0u;
	m->kind = 0u;
	m->length = 0u;
	m->port = 0u;
	%% write init;
}

void socks_hello_step(struct socks_hello *m, uint8_t c)
{
	unsigned p = 0u;

	%% write exec noend;
}

#define MACHINE socks_hello
#include "fsm/feed.inc"
