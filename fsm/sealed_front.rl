/* sealed_front: decoder of what stands in front of the parts of a sealed log.
 * Page: spec/sealed_front.md. */
#include "gen/sealed_front.h"

%%{
	machine sealed_front;
	alphtype unsigned char;
	access m->;
	getkey c;

	action share { m->left = m->left - 1u; }
	action size { m->size = 256u * m->size + c; }
	action ignore { }

	# Ends are told apart by what keeps them, or else Ragel would merge them.
	action in_done { }
	action in_no_log { }
	action in_bad_size { }

	action wants_head { m->part == SEALED_FRONT_HEAD }
	action goes_on { m->left > 1u }
	action is_document { 256u * m->size + c <= SEALED_FRONT_DOCUMENT_MAX }
	action is_record { SEALED_FRONT_RECORD_MIN <= 256u * m->size + c &&
		256u * m->size + c <= SEALED_FRONT_RECORD_MAX }

	action step { fbreak; }

	action names {
		(void)fentry(front::begin); (void)fentry(front::c); (void)fentry(front::cl);
		(void)fentry(front::cls); (void)fentry(front::clse); (void)fentry(front::clsea);
		(void)fentry(front::clseal); (void)fentry(front::clseal1);
		(void)fentry(front::share);
		(void)fentry(front::document3); (void)fentry(front::document2);
		(void)fentry(front::document1); (void)fentry(front::document0);
		(void)fentry(front::record2); (void)fentry(front::record1);
		(void)fentry(front::record0);
		(void)fentry(front::done); (void)fentry(front::no_log);
		(void)fentry(front::bad_size);
	}

	front = (
		start:  '' -> begin,
		begin:   ( ('C' when wants_head) @ignore -> c
		         | ((any - 'C') when wants_head) @ignore -> no_log
		         | (any when !wants_head) @size -> record2 ),
		c:       ( 'L' @ignore -> cl | (any - 'L') @ignore -> no_log ),
		cl:      ( 'S' @ignore -> cls | (any - 'S') @ignore -> no_log ),
		cls:     ( 'E' @ignore -> clse | (any - 'E') @ignore -> no_log ),
		clse:    ( 'A' @ignore -> clsea | (any - 'A') @ignore -> no_log ),
		clsea:   ( 'L' @ignore -> clseal | (any - 'L') @ignore -> no_log ),
		clseal:  ( '1' @ignore -> clseal1 | (any - '1') @ignore -> no_log ),
		clseal1: ( '\n' @ignore -> share | (any - '\n') @ignore -> no_log ),
		share:   ( (any when goes_on) @share -> share
		         | (any when !goes_on) @share -> document3 ),
		document3: ( any @size -> document2 ),
		document2: ( any @size -> document1 ),
		document1: ( any @size -> document0 ),
		document0: ( (any when is_document) @size -> done
		           | (any when !is_document) @size -> bad_size ),
		record2:   ( any @size -> record1 ),
		record1:   ( any @size -> record0 ),
		record0:   ( (any when is_record) @size -> done
		           | (any when !is_record) @size -> bad_size ),
		done:     ( any @in_done -> done ),
		no_log:   ( any @in_no_log -> no_log ),
		bad_size: ( any @in_bad_size -> bad_size )
	);
	main := front $step %names;
}%%

%% write data noerror nofinal;

void sealed_front_init(struct sealed_front *m, uint32_t part)
{
	m->part = part;
	m->left = SEALED_FRONT_SHARE;
	m->size = 0u;
	%% write init;
}

void sealed_front_step(struct sealed_front *m, uint8_t c)
{
	unsigned p = 0u;

	%% write exec noend;
}

#define MACHINE sealed_front
#include "fsm/feed.inc"
