/* slc_hello: decoder of the payload of HELLO. Page: spec/slc_hello.md. */
#include "gen/slc_hello.h"

%%{
	machine slc_hello;
	alphtype unsigned char;
	access m->;
	getkey c;

	action version { m->version = 256u * m->version + c; }
	action features { m->features = 256u * m->features + c; }
	action limit { m->limit = 256u * m->limit + c; }
	action keepalive { m->keepalive = 256u * m->keepalive + c; }
	action credit { m->credit = 256u * m->credit + c; }

	# Ends are told apart by what keeps them, or else Ragel would merge them.
	action in_done { }
	action in_other_version { }
	action in_bad_limit { }
	action in_bad_keepalive { }
	action in_bad_credit { }

	action our_version { 256u * m->version + c == SLC_HELLO_VERSION }
	action good_limit {
		SLC_HELLO_LIMIT_MIN <= 256u * m->limit + c &&
		256u * m->limit + c <= SLC_HELLO_LIMIT_MAX
	}
	action good_keepalive {
		1u <= 256u * m->keepalive + c &&
		256u * m->keepalive + c <= SLC_HELLO_KEEPALIVE_MAX
	}
	action good_credit {
		1u <= 256u * m->credit + c &&
		256u * m->credit + c <= SLC_HELLO_CREDIT_MAX
	}

	action step { fbreak; }

	action names {
		(void)fentry(hello::version3); (void)fentry(hello::version2);
		(void)fentry(hello::version1); (void)fentry(hello::version0);
		(void)fentry(hello::features3); (void)fentry(hello::features2);
		(void)fentry(hello::features1); (void)fentry(hello::features0);
		(void)fentry(hello::limit3); (void)fentry(hello::limit2);
		(void)fentry(hello::limit1); (void)fentry(hello::limit0);
		(void)fentry(hello::keepalive3); (void)fentry(hello::keepalive2);
		(void)fentry(hello::keepalive1); (void)fentry(hello::keepalive0);
		(void)fentry(hello::credit3); (void)fentry(hello::credit2);
		(void)fentry(hello::credit1); (void)fentry(hello::credit0);
		(void)fentry(hello::done); (void)fentry(hello::other_version);
		(void)fentry(hello::bad_limit); (void)fentry(hello::bad_keepalive);
		(void)fentry(hello::bad_credit);
	}

	hello = (
		start:      '' -> version3,
		version3:   ( any @version -> version2 ),
		version2:   ( any @version -> version1 ),
		version1:   ( any @version -> version0 ),
		version0:   ( (any when our_version) @version -> features3
		            | (any when !our_version) @version -> other_version ),
		features3:  ( any @features -> features2 ),
		features2:  ( any @features -> features1 ),
		features1:  ( any @features -> features0 ),
		features0:  ( any @features -> limit3 ),
		limit3:     ( any @limit -> limit2 ),
		limit2:     ( any @limit -> limit1 ),
		limit1:     ( any @limit -> limit0 ),
		limit0:     ( (any when good_limit) @limit -> keepalive3
		            | (any when !good_limit) @limit -> bad_limit ),
		keepalive3: ( any @keepalive -> keepalive2 ),
		keepalive2: ( any @keepalive -> keepalive1 ),
		keepalive1: ( any @keepalive -> keepalive0 ),
		keepalive0: ( (any when good_keepalive) @keepalive -> credit3
		            | (any when !good_keepalive) @keepalive -> bad_keepalive ),
		credit3:    ( any @credit -> credit2 ),
		credit2:    ( any @credit -> credit1 ),
		credit1:    ( any @credit -> credit0 ),
		credit0:    ( (any when good_credit) @credit -> done
		            | (any when !good_credit) @credit -> bad_credit ),
		done:          ( any @in_done -> done ),
		other_version: ( any @in_other_version -> other_version ),
		bad_limit:     ( any @in_bad_limit -> bad_limit ),
		bad_keepalive: ( any @in_bad_keepalive -> bad_keepalive ),
		bad_credit:    ( any @in_bad_credit -> bad_credit )
	);
	main := hello $step %names;
}%%

%% write data noerror nofinal;

void slc_hello_init(struct slc_hello *m)
{
	m->version = 0u;
	m->features = 0u;
	m->limit = 0u;
	m->keepalive = 0u;
	m->credit = 0u;
	%% write init;
}

void slc_hello_step(struct slc_hello *m, uint8_t c)
{
	unsigned p = 0u;

	%% write exec noend;
}

#define MACHINE slc_hello
#include "fsm/feed.inc"
