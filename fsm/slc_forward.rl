/* slc_forward: one forwarded connection at one end of a session. Page: spec/slc_forward.md. */
#include "gen/slc_forward.h"

%%{
	machine slc_forward;
	alphtype unsigned char;
	import "slc_forward_event.h";
	access m->;
	getkey symbol;

	action accept { effects += SLC_FORWARD_DO_ACCEPT; }
	action move { effects += SLC_FORWARD_DO_MOVE; }
	action pass_end { effects += SLC_FORWARD_DO_PASS_END; }
	action shut { effects += SLC_FORWARD_DO_SHUT; }
	action conclude { effects += SLC_FORWARD_DO_CONCLUDE; }
	action refuse { effects += SLC_FORWARD_DO_REFUSE; }
	action abort { effects += SLC_FORWARD_DO_ABORT; }
	action close { effects += SLC_FORWARD_DO_CLOSE; }
	action break_it { effects += SLC_FORWARD_DO_BREAK; }
	action ignore { }

	action is_opener { m->opens == 1u }

	action step { fbreak; }

	# Never runs, since the machine has no final state: it makes Ragel name the states' numbers.
	action names {
		(void)fentry(life::waiting); (void)fentry(life::flowing);
		(void)fentry(life::heard); (void)fentry(life::draining);
		(void)fentry(life::told); (void)fentry(life::flushing);
		(void)fentry(life::closing); (void)fentry(life::leaving);
		(void)fentry(life::gone);
	}

	READY = SLC_FORWARD_READY;
	HERE_ENDED = SLC_FORWARD_HERE_ENDED;
	HERE_FAILED = SLC_FORWARD_HERE_FAILED;
	THERE_ENDED = SLC_FORWARD_THERE_ENDED;
	WRITTEN = SLC_FORWARD_WRITTEN;
	DONE = SLC_FORWARD_DONE;
	LOST = SLC_FORWARD_LOST;
	STOP = SLC_FORWARD_STOP;

	event = READY | HERE_ENDED | HERE_FAILED | THERE_ENDED | WRITTEN | DONE | LOST | STOP;
	fault = HERE_FAILED | STOP;
	over = DONE | LOST;

	life = (
		start:  '' -> waiting,
		waiting: ( (READY when is_opener) @move                            -> flowing
		        | (READY when !is_opener) @accept @move                    -> flowing
		        | (fault when is_opener) @abort @break_it                  -> gone
		        | (fault when !is_opener) @refuse @break_it                -> gone
		        | over @break_it                                           -> gone
		        | (event - (READY | fault | over)) @ignore                 -> waiting ),

		flowing: ( HERE_ENDED @pass_end                                    -> heard
		        | THERE_ENDED @ignore                                      -> draining
		        | fault @abort @break_it                                   -> gone
		        | over @break_it                                           -> gone
		        | (READY | WRITTEN) @ignore                                -> flowing ),

		heard:  ( THERE_ENDED @ignore                                      -> flushing
		        | fault @abort @break_it                                   -> gone
		        | over @break_it                                           -> gone
		        | (READY | WRITTEN | HERE_ENDED) @ignore                   -> heard ),

		draining: ( WRITTEN @shut                                          -> told
		        | HERE_ENDED @pass_end                                     -> flushing
		        | fault @abort @break_it                                   -> gone
		        | over @break_it                                           -> gone
		        | (READY | THERE_ENDED) @ignore                            -> draining ),

		told:   ( (HERE_ENDED when is_opener) @pass_end                    -> closing
		        | (HERE_ENDED when !is_opener) @pass_end @conclude @close  -> gone
		        | fault @abort @break_it                                   -> gone
		        | over @break_it                                           -> gone
		        | (READY | WRITTEN | THERE_ENDED) @ignore                  -> told ),

		flushing: ( (WRITTEN when is_opener) @shut                         -> closing
		        | (WRITTEN when !is_opener) @shut @conclude @close         -> gone
		        | DONE @ignore                                             -> leaving
		        | fault @abort @break_it                                   -> gone
		        | LOST @break_it                                           -> gone
		        | (READY | HERE_ENDED | THERE_ENDED) @ignore               -> flushing ),

		closing: ( DONE @close                                             -> gone
		        | STOP @abort @break_it                                    -> gone
		        | LOST @break_it                                           -> gone
		        | (event - (over | STOP)) @ignore                          -> closing ),

		leaving: ( WRITTEN @shut @close                                    -> gone
		        | fault @break_it                                          -> gone
		        | (event - (WRITTEN | fault)) @ignore                      -> leaving ),

		gone:   ( event @ignore                                            -> gone )
	);
	main := life $step %names;
}%%

%% write data noerror nofinal;

void slc_forward_init(struct slc_forward *m, uint32_t opens)
{
	m->opens = opens;
	%% write init;
}

uint32_t slc_forward_step(struct slc_forward *m, enum slc_forward_event event, uint32_t n)
{
	const unsigned char symbol = (unsigned char)event;
	unsigned p = 0u;
	uint32_t effects = 0u;

	(void)n; /* a reason, which the effects pass on */
	%% write exec noend;
	return effects;
}
