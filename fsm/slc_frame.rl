/* slc_frame: decoder of the frame header of the secure local channel. Page: spec/slc_frame.md. */
#include "gen/slc_frame.h"

%%{
	machine slc_frame;
	alphtype unsigned char;
	access m->;
	getkey c;

	action type { m->type = c; }
	action stream { m->stream = c; }
	action channel { m->channel = 256u * m->channel + c; }
	action length { m->length = 256u * m->length + c; }
	action ignore { }

	# Ends are told apart by what keeps them: without names of their own Ragel would merge
	# them.
	action in_done { }
	action in_bad_type { }
	action in_bad_stream { }
	action in_bad_channel { }
	action in_bad_length { }

	action right_channel {
		(m->type <= SLC_FRAME_SESSION_LAST) == (m->channel == 0u && c == 0u)
	}
	action fits { 256u * m->length + c <= m->limit }

	action step { fbreak; }

	action names {
		(void)fentry(header::type); (void)fentry(header::stream);
		(void)fentry(header::channel1); (void)fentry(header::channel0);
		(void)fentry(header::length3); (void)fentry(header::length2);
		(void)fentry(header::length1); (void)fentry(header::length0);
		(void)fentry(header::done); (void)fentry(header::bad_type);
		(void)fentry(header::bad_stream); (void)fentry(header::bad_channel);
		(void)fentry(header::bad_length);
	}

	header = (
		start:    '' -> type,
		type:     ( 1..14 @type -> stream
		          | (any - 1..14) @ignore -> bad_type ),
		stream:   ( 0..2 @stream -> channel1
		          | (any - 0..2) @ignore -> bad_stream ),
		channel1: ( any @channel -> channel0 ),
		channel0: ( (any when right_channel) @channel -> length3
		          | (any when !right_channel) @ignore -> bad_channel ),
		length3:  ( any @length -> length2 ),
		length2:  ( any @length -> length1 ),
		length1:  ( any @length -> length0 ),
		length0:  ( (any when fits) @length -> done
		          | (any when !fits) @ignore -> bad_length ),
		done:        ( any @in_done -> done ),
		bad_type:    ( any @in_bad_type -> bad_type ),
		bad_stream:  ( any @in_bad_stream -> bad_stream ),
		bad_channel: ( any @in_bad_channel -> bad_channel ),
		bad_length:  ( any @in_bad_length -> bad_length )
	);
	main := header $step %names;
}%%

%% write data noerror nofinal;

void slc_frame_init(struct slc_frame *m, uint32_t limit)
{
	m->type = 0u;
	m->stream = 0u;
	m->channel = 0u;
	m->length = 0u;
	m->limit = limit;
	%% write init;
}

void slc_frame_step(struct slc_frame *m, uint8_t c)
{
	unsigned p = 0u;

	%% write exec noend;
}

#define MACHINE slc_frame
#include "fsm/feed.inc"
