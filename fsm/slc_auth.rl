/* slc_auth: the order of the proofs at one end of a session. Page: spec/slc_auth.md. */
#include "gen/slc_auth.h"

%%{
	machine slc_auth;
	alphtype unsigned char;
	import "slc_auth_event.h";
	access m->;
	getkey symbol;

	action send_nonce { effects += SLC_AUTH_DO_SEND_NONCE; }
	action make_document { effects += SLC_AUTH_DO_MAKE_DOCUMENT; }
	action send_document { effects += SLC_AUTH_DO_SEND_DOCUMENT; }
	action judge { effects += SLC_AUTH_DO_JUDGE; }
	action send_key { effects += SLC_AUTH_DO_SEND_KEY; }
	action check { effects += SLC_AUTH_DO_CHECK; }
	action send_accepted { effects += SLC_AUTH_DO_SEND_ACCEPTED; }
	action tell_proved { effects += SLC_AUTH_DO_TELL_PROVED; m->proved = 1u; }
	action tell_accepted { effects += SLC_AUTH_DO_TELL_ACCEPTED; }
	action fail { effects += SLC_AUTH_DO_FAIL; }

	action for_protocol { m->reason = SLC_REASON_PROTOCOL; }
	action for_no_key { m->reason = SLC_REASON_AUTH_REQUIRED; }
	action for_that { m->reason = n; }
	action ignore { }

	# Ends are told apart by what keeps them, or else Ragel would merge them.
	action in_done { }
	action in_failed { }

	action is_server { m->serves == 1u }
	action needs_key { m->wants_key == 1u }
	action for_a_reason { n != 0u }

	action step { fbreak; }

	# Never runs, since the machine has no final state: it makes Ragel name the states' numbers.
	action names {
		(void)fentry(life::idle); (void)fentry(life::asked); (void)fentry(life::judging);
		(void)fentry(life::answered); (void)fentry(life::listening);
		(void)fentry(life::making); (void)fentry(life::shown); (void)fentry(life::checking);
		(void)fentry(life::done); (void)fentry(life::failed);
	}

	START = SLC_AUTH_START;
	NONCE = SLC_AUTH_NONCE;
	DOCUMENT = SLC_AUTH_DOCUMENT;
	KEY = SLC_AUTH_KEY;
	NO_KEY = SLC_AUTH_NO_KEY;
	ACCEPTED = SLC_AUTH_ACCEPTED;
	MALFORMED = SLC_AUTH_MALFORMED;
	MADE = SLC_AUTH_MADE;
	GOOD = SLC_AUTH_GOOD;
	BAD = SLC_AUTH_BAD;

	frame = NONCE | DOCUMENT | KEY | NO_KEY | ACCEPTED | MALFORMED;
	own = START | MADE | GOOD | BAD;

	life = (
		start:  '' -> idle,
		idle:   ( (START when !is_server) @send_nonce                      -> asked
		        | (START when is_server) @ignore                           -> listening
		        | frame @for_protocol @fail                                -> failed
		        | (own - START) @ignore                                    -> idle ),

		asked:  ( DOCUMENT @judge                                          -> judging
		        | (frame - DOCUMENT) @for_protocol @fail                   -> failed
		        | own @ignore                                              -> asked ),

		judging: ( GOOD @send_key @tell_proved                             -> answered
		        | (BAD when for_a_reason) @for_that @fail                  -> failed
		        | (BAD when !for_a_reason) @for_protocol @fail             -> failed
		        | frame @for_protocol @fail                                -> failed
		        | (START | MADE) @ignore                                   -> judging ),

		answered: ( ACCEPTED @tell_accepted                                -> done
		        | (frame - ACCEPTED) @for_protocol @fail                   -> failed
		        | own @ignore                                              -> answered ),

		listening: ( NONCE @make_document                                  -> making
		        | (frame - NONCE) @for_protocol @fail                      -> failed
		        | own @ignore                                              -> listening ),

		making: ( MADE @send_document                                      -> shown
		        | (BAD when for_a_reason) @for_that @fail                  -> failed
		        | (BAD when !for_a_reason) @for_protocol @fail             -> failed
		        | frame @for_protocol @fail                                -> failed
		        | (START | GOOD) @ignore                                   -> making ),

		shown:  ( KEY @check                                               -> checking
		        | (NO_KEY when needs_key) @for_no_key @fail                -> failed
		        | (NO_KEY when !needs_key) @send_accepted @tell_proved @tell_accepted
		                                                                   -> done
		        | (frame - (KEY | NO_KEY)) @for_protocol @fail             -> failed
		        | own @ignore                                              -> shown ),

		checking: ( GOOD @send_accepted @tell_proved @tell_accepted        -> done
		        | (BAD when for_a_reason) @for_that @fail                  -> failed
		        | (BAD when !for_a_reason) @for_protocol @fail             -> failed
		        | frame @for_protocol @fail                                -> failed
		        | (START | MADE) @ignore                                   -> checking ),

		done:   ( (frame | own) @in_done                                   -> done ),
		failed: ( (frame | own) @in_failed                                 -> failed )
	);
	main := life $step %names;
}%%

%% write data noerror nofinal;

void slc_auth_init(struct slc_auth *m, uint32_t serves, uint32_t wants_key)
{
	m->serves = serves;
	m->wants_key = wants_key;
	m->proved = 0u;
	m->reason = 0u;
	%% write init;
}

uint32_t slc_auth_step(struct slc_auth *m, enum slc_auth_event event, uint32_t n)
{
	const unsigned char symbol = (unsigned char)event;
	unsigned p = 0u;
	uint32_t effects = 0u;

	%% write exec noend;
	return effects;
}
