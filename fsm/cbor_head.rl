/* cbor_head: decoder of one CBOR head (RFC 8949). Page: spec/cbor_head.md. */
#include "gen/cbor_head.h"

%%{
	machine cbor_head;
	alphtype unsigned char;
	access m->;
	getkey c;

	action major { m->major = c / 32u; }
	action inline { m->argument = c % 32u; }
	action one { m->width = 1u; m->left = 1u; m->shorter = 23u; }
	action two { m->width = 2u; m->left = 2u; m->shorter = 255u; }
	action four { m->width = 4u; m->left = 4u; m->shorter = 65535u; }
	action eight { m->width = 8u; m->left = 8u; m->shorter = 4294967295u; }
	action argument { m->argument = 256u * m->argument + c; m->left -= 1u; }
	action ignore { }

	# Ends are told apart by what keeps them: unnamed, Ragel would merge them.
	action in_done { }
	action in_open { }
	action in_stop { }
	action in_real { }
	action in_bad_minimal { }
	action in_bad_reserved { }
	action in_bad_indefinite { }
	action in_bad_simple { }

	action may_be_open { m->indefinite == 1u }
	action more { m->left > 1u }
	action minimal { 256u * m->argument + c > m->shorter }

	action step { fbreak; }

	action names {
		(void)fentry(item::head); (void)fentry(item::argument); (void)fentry(item::bits);
		(void)fentry(item::simple); (void)fentry(item::done); (void)fentry(item::open);
		(void)fentry(item::stop); (void)fentry(item::real); (void)fentry(item::bad_minimal);
		(void)fentry(item::bad_reserved); (void)fentry(item::bad_indefinite);
		(void)fentry(item::bad_simple);
	}

	short    = 0x00..0x17 | 0x20..0x37 | 0x40..0x57 | 0x60..0x77 | 0x80..0x97 | 0xa0..0xb7
	         | 0xc0..0xd7 | 0xe0..0xf7;
	in_one   = 0x18 | 0x38 | 0x58 | 0x78 | 0x98 | 0xb8 | 0xd8;
	in_two   = 0x19 | 0x39 | 0x59 | 0x79 | 0x99 | 0xb9 | 0xd9;
	in_four  = 0x1a | 0x3a | 0x5a | 0x7a | 0x9a | 0xba | 0xda;
	in_eight = 0x1b | 0x3b | 0x5b | 0x7b | 0x9b | 0xbb | 0xdb;
	reserved = 0x1c..0x1e | 0x3c..0x3e | 0x5c..0x5e | 0x7c..0x7e | 0x9c..0x9e | 0xbc..0xbe
	         | 0xdc..0xde | 0xfc..0xfe;
	endless  = 0x1f | 0x3f | 0x5f | 0x7f | 0xdf;

	item = (
		start:    '' -> head,
		head:     ( short @major @inline                      -> done
		          | in_one @major @one                        -> argument
		          | in_two @major @two                        -> argument
		          | in_four @major @four                      -> argument
		          | in_eight @major @eight                    -> argument
		          | 0xf8 @major @one                          -> simple
		          | 0xf9 @major @two                          -> bits
		          | 0xfa @major @four                         -> bits
		          | 0xfb @major @eight                        -> bits
		          | ((0x9f | 0xbf) when may_be_open) @major   -> open
		          | (0xff when may_be_open) @major            -> stop
		          | ((0x9f | 0xbf | 0xff) when !may_be_open) @ignore -> bad_indefinite
		          | endless @ignore                           -> bad_indefinite
		          | reserved @ignore                          -> bad_reserved ),
		argument: ( (any when more) @argument                 -> argument
		          | ((any when !more) when minimal) @argument -> done
		          | ((any when !more) when !minimal) @ignore  -> bad_minimal ),
		bits:     ( (any when more) @argument                 -> bits
		          | (any when !more) @argument                -> real ),
		simple:   ( 0x20..0xff @argument                      -> done
		          | 0x00..0x1f @ignore                        -> bad_simple ),
		done:           ( any @in_done -> done ),
		open:           ( any @in_open -> open ),
		stop:           ( any @in_stop -> stop ),
		real:           ( any @in_real -> real ),
		bad_minimal:    ( any @in_bad_minimal -> bad_minimal ),
		bad_reserved:   ( any @in_bad_reserved -> bad_reserved ),
		bad_indefinite: ( any @in_bad_indefinite -> bad_indefinite ),
		bad_simple:     ( any @in_bad_simple -> bad_simple )
	);
	main := item $step %names;
}%%

%% write data noerror nofinal;

void cbor_head_init(struct cbor_head *m, uint32_t indefinite)
{
	m->major = 0u;
	m->argument = 0u;
	m->width = 0u;
	m->left = 0u;
	m->shorter = 0u;
	m->indefinite = indefinite;
	%% write init;
}

void cbor_head_step(struct cbor_head *m, uint8_t c)
{
	unsigned p = 0u;

	%% write exec noend;
}

#define MACHINE cbor_head
#include "fsm/feed.inc"
