/* slc_channel: one end of one channel of the secure local channel. Page: spec/slc_channel.md. */
#include "gen/slc_channel.h"

%%{
	machine slc_channel;
	alphtype unsigned char;
	import "slc_channel_event.h";
	access m->;
	getkey symbol;

	action send_open { effects += SLC_CHANNEL_DO_SEND_OPEN; }
	action send_accept { effects += SLC_CHANNEL_DO_SEND_ACCEPT; }
	action send_refuse { effects += SLC_CHANNEL_DO_SEND_REFUSE; m->reason = n; }
	action ask { effects += SLC_CHANNEL_DO_ASK; }
	action opened { effects += SLC_CHANNEL_DO_OPENED; }
	action deliver { effects += SLC_CHANNEL_DO_DELIVER; }
	action transmit { effects += SLC_CHANNEL_DO_TRANSMIT; }
	action send_end { effects += SLC_CHANNEL_DO_SEND_END; }
	action send_credit { effects += SLC_CHANNEL_DO_SEND_CREDIT; }
	action wake { effects += SLC_CHANNEL_DO_WAKE; }
	action send_message { effects += SLC_CHANNEL_DO_SEND_MESSAGE; }
	action send_status { effects += SLC_CHANNEL_DO_SEND_STATUS; }
	action send_reset { effects += SLC_CHANNEL_DO_SEND_RESET; }
	action arm { effects += SLC_CHANNEL_DO_ARM; m->timer += 1u; }
	action report { effects += SLC_CHANNEL_DO_REPORT; }
	action break_session { effects += SLC_CHANNEL_DO_BREAK_SESSION; }
	action release { effects += SLC_CHANNEL_DO_RELEASE; }

	# The opener has no error stream, so that its end of it is over from the start.
	action as_opener { m->opener = 1u; m->send_error_ended = 1u; }
	action as_accepter { m->receive_error_ended = 1u; }
	action receive { m->receive_window -= n; m->held += n; }
	action spend { m->send_credit -= n; }
	action credit { m->send_credit += n; }
	action consume { m->held -= n; m->owed += n; }
	action grant {
		m->granted = m->owed + n;
		m->receive_window += m->owed + n;
		m->held -= n;
		m->owed = 0u;
	}
	action receive_end { m->receive_ended = 1u; }
	action receive_error_end { m->receive_error_ended = 1u; }
	action send_ended { m->send_ended = 1u; }
	action send_error_ended { m->send_error_ended = 1u; }

	action for_protocol { m->reason = SLC_REASON_PROTOCOL; }
	action for_flow { m->reason = SLC_REASON_FLOW; }
	action for_timeout { m->reason = SLC_REASON_TIMEOUT; }
	action for_loss { m->reason = SLC_REASON_LOST; }
	action for_that { m->reason = n; }
	action ignore { }

	# Ends are told apart by what keeps them, or else Ragel would merge them.
	action in_done { }
	action in_refused { }
	action in_reset { }
	action in_lost { }

	action current { n == m->timer }
	action in_window { m->receive_ended == 0u && 0u < n && n <= m->receive_window }
	action error_in_window { m->receive_error_ended == 0u && 0u < n && n <= m->receive_window }
	action in_credit { m->send_ended == 0u && 0u < n && n <= m->send_credit }
	action error_in_credit { m->send_error_ended == 0u && 0u < n && n <= m->send_credit }
	action sends { m->send_ended == 0u }
	action sends_error { m->send_error_ended == 0u }
	action receives { m->receive_ended == 0u }
	action receives_error { m->receive_error_ended == 0u }
	action credit_fits { 0u < n && n <= SLC_CHANNEL_CREDIT_MAX - m->send_credit }
	action is_held { n <= m->held }
	action worth_a_frame { m->window <= 2u * (m->owed + n) }
	action may_conclude {
		m->opener == 0u && m->send_ended == 1u && m->send_error_ended == 1u
	}
	action may_be_told {
		m->opener == 1u && m->receive_ended == 1u && m->receive_error_ended == 1u
	}

	action step { fbreak; }

	# Never runs, since the machine has no final state: it makes Ragel name the states' numbers.
	action names {
		(void)fentry(life::idle); (void)fentry(life::opening); (void)fentry(life::asked);
		(void)fentry(life::open); (void)fentry(life::aborting); (void)fentry(life::done);
		(void)fentry(life::refused); (void)fentry(life::reset); (void)fentry(life::lost);
	}

	OPEN = SLC_CHANNEL_OPEN;
	ACCEPT = SLC_CHANNEL_ACCEPT;
	REFUSE = SLC_CHANNEL_REFUSE;
	SEND = SLC_CHANNEL_SEND;
	SEND_ERROR = SLC_CHANNEL_SEND_ERROR;
	FINISH = SLC_CHANNEL_FINISH;
	FINISH_ERROR = SLC_CHANNEL_FINISH_ERROR;
	CONSUMED = SLC_CHANNEL_CONSUMED;
	TELL = SLC_CHANNEL_TELL;
	CONCLUDE = SLC_CHANNEL_CONCLUDE;
	ABORT = SLC_CHANNEL_ABORT;
	ASKED = SLC_CHANNEL_ASKED;
	ACCEPTED = SLC_CHANNEL_ACCEPTED;
	REFUSED = SLC_CHANNEL_REFUSED;
	DATA = SLC_CHANNEL_DATA;
	DATA_ERROR = SLC_CHANNEL_DATA_ERROR;
	END = SLC_CHANNEL_END;
	END_ERROR = SLC_CHANNEL_END_ERROR;
	CREDIT = SLC_CHANNEL_CREDIT;
	MESSAGE = SLC_CHANNEL_MESSAGE;
	STATUS = SLC_CHANNEL_STATUS;
	RESET = SLC_CHANNEL_RESET;
	VIOLATION = SLC_CHANNEL_VIOLATION;
	TIMEOUT = SLC_CHANNEL_TIMEOUT;
	LOST = SLC_CHANNEL_LOST;

	use = SEND | SEND_ERROR | FINISH | FINISH_ERROR | CONSUMED | TELL | CONCLUDE;
	content = DATA | DATA_ERROR | END | END_ERROR | CREDIT | MESSAGE;
	event = OPEN | ACCEPT | REFUSE | use | ABORT | ASKED | ACCEPTED | REFUSED | content | STATUS
	      | RESET | VIOLATION | TIMEOUT | LOST;

	life = (
		start:  '' -> idle,
		idle:   ( OPEN @as_opener @send_open @arm                           -> opening
		        | ASKED @as_accepter @ask                                   -> asked
		        | (event - (OPEN | ASKED)) @ignore                          -> idle ),

		opening: ( ACCEPTED @opened                                         -> open
		        | REFUSED @for_that @report @release                        -> refused
		        | RESET @for_that @send_reset @report @release              -> reset
		        | ABORT @for_that @send_reset @arm @report                  -> aborting
		        | (ASKED | content | STATUS | VIOLATION)
		          @for_protocol @send_reset @arm @report                    -> aborting
		        | (TIMEOUT when current) @for_timeout @send_reset @arm @report -> aborting
		        | (TIMEOUT when !current) @ignore                           -> opening
		        | LOST @for_loss @report @release                           -> lost
		        | (OPEN | ACCEPT | REFUSE | use) @ignore                    -> opening ),

		asked:  ( ACCEPT @send_accept                                       -> open
		        | REFUSE @send_refuse @report @release                      -> refused
		        | RESET @for_that @send_reset @report @release              -> reset
		        | ABORT @for_that @send_reset @arm @report                  -> aborting
		        | (ASKED | ACCEPTED | REFUSED | content | STATUS | VIOLATION)
		          @for_protocol @send_reset @arm @report                    -> aborting
		        | LOST @for_loss @report @release                           -> lost
		        | (OPEN | use | TIMEOUT) @ignore                            -> asked ),

		open:   ( (SEND when in_credit) @spend @transmit                    -> open
		        | (SEND when !in_credit) @ignore                            -> open
		        | (SEND_ERROR when error_in_credit) @spend @transmit        -> open
		        | (SEND_ERROR when !error_in_credit) @ignore                -> open
		        | (FINISH when sends) @send_ended @send_end                 -> open
		        | (FINISH when !sends) @ignore                              -> open
		        | (FINISH_ERROR when sends_error) @send_error_ended @send_end -> open
		        | (FINISH_ERROR when !sends_error) @ignore                  -> open
		        | (CONSUMED when is_held when worth_a_frame) @grant @send_credit -> open
		        | (CONSUMED when is_held when !worth_a_frame) @consume      -> open
		        | (CONSUMED when !is_held) @ignore                          -> open
		        | TELL @send_message                                        -> open
		        | (CONCLUDE when may_conclude) @send_status @report @release -> done
		        | (CONCLUDE when !may_conclude) @ignore                     -> open
		        | ABORT @for_that @send_reset @arm @report                  -> aborting
		        | (DATA when in_window) @receive @deliver                   -> open
		        | (DATA when !in_window) @for_flow @send_reset @arm @report -> aborting
		        | (DATA_ERROR when error_in_window) @receive @deliver       -> open
		        | (DATA_ERROR when !error_in_window) @for_flow @send_reset @arm @report
		                                                                    -> aborting
		        | (END when receives) @receive_end @deliver                 -> open
		        | (END when !receives) @for_protocol @send_reset @arm @report -> aborting
		        | (END_ERROR when receives_error) @receive_error_end @deliver -> open
		        | (END_ERROR when !receives_error) @for_protocol @send_reset @arm @report
		                                                                    -> aborting
		        | (CREDIT when credit_fits) @credit @wake                   -> open
		        | (CREDIT when !credit_fits) @for_flow @send_reset @arm @report -> aborting
		        | MESSAGE @deliver                                          -> open
		        | (STATUS when may_be_told) @deliver @report @release       -> done
		        | (STATUS when !may_be_told) @for_protocol @send_reset @arm @report
		                                                                    -> aborting
		        | RESET @for_that @send_reset @report @release              -> reset
		        | (ASKED | ACCEPTED | REFUSED | VIOLATION)
		          @for_protocol @send_reset @arm @report                    -> aborting
		        | LOST @for_loss @report @release                           -> lost
		        | (OPEN | ACCEPT | REFUSE | TIMEOUT) @ignore                -> open ),

		aborting: ( (REFUSED | STATUS | RESET | LOST) @release              -> reset
		        | (TIMEOUT when current) @break_session @release            -> reset
		        | (TIMEOUT when !current) @ignore                           -> aborting
		        | (event - (REFUSED | STATUS | RESET | LOST | TIMEOUT)) @ignore
		                                                                    -> aborting ),

		done:    ( event @in_done                                           -> done ),
		refused: ( event @in_refused                                        -> refused ),
		reset:   ( event @in_reset                                          -> reset ),
		lost:    ( event @in_lost                                           -> lost )
	);
	main := life $step %names;
}%%

%% write data noerror nofinal;

void slc_channel_init(struct slc_channel *m, uint32_t credit, uint32_t window)
{
	m->opener = 0u;
	m->timer = 0u;
	m->send_credit = credit;
	m->window = window;
	m->receive_window = window;
	m->held = 0u;
	m->owed = 0u;
	m->granted = 0u;
	m->send_ended = 0u;
	m->send_error_ended = 0u;
	m->receive_ended = 0u;
	m->receive_error_ended = 0u;
	m->reason = 0u;
	%% write init;
}

uint32_t slc_channel_step(struct slc_channel *m, enum slc_channel_event event, uint32_t n)
{
	const unsigned char symbol = (unsigned char)event;
	unsigned p = 0u;
	uint32_t effects = 0u;

	%% write exec noend;
	return effects;
}
