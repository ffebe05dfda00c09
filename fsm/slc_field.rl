/* slc_field: decoder of the header of a field. Page: spec/slc_field.md. */
#include "gen/slc_field.h"

%%{
	machine slc_field;
	alphtype unsigned char;
	access m->;
	getkey c;

	action tag { m->tag = 256u * m->tag + c; }
	action length { m->length = 256u * m->length + c; }
	action ignore { }

	# Ends are told apart by what keeps them, or else Ragel would merge them.
	action in_done { }
	action in_too_long { }

	action fits { 256u * m->length + c <= m->limit }

	action step { fbreak; }

	action names {
		(void)fentry(header::tag1); (void)fentry(header::tag0);
		(void)fentry(header::length3);
		(void)fentry(header::length2); (void)fentry(header::length1);
		(void)fentry(header::length0);
		(void)fentry(header::done); (void)fentry(header::too_long);
	}

	header = (
		start:    '' -> tag1,
		tag1:     ( any @tag -> tag0 ),
		tag0:     ( any @tag -> length3 ),
		length3:  ( any @length -> length2 ),
		length2:  ( any @length -> length1 ),
		length1:  ( any @length -> length0 ),
		length0:  ( (any when fits) @length -> done
		          | (any when !fits) @ignore -> too_long ),
		done:     ( any @in_done -> done ),
		too_long: ( any @in_too_long -> too_long )
	);
	main := header $step %names;
}%%

%% write data noerror nofinal;

void slc_field_init(struct slc_field *m, uint32_t limit)
{
	m->tag = 0u;
	m->length = 0u;
	m->limit = limit;
	%% write init;
}

void slc_field_step(struct slc_field *m, uint8_t c)
{
	unsigned p = 0u;

	%% write exec noend;
}

#define MACHINE slc_field
#include "fsm/feed.inc"
