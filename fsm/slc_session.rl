/* slc_session: one end of a session of the secure local channel. Page: spec/slc_session.md. */
#include "gen/slc_session.h"

%%{
	machine slc_session;
	alphtype unsigned char;
	import "slc_session_event.h";
	access m->;
	getkey symbol;

	action send_hello { effects += SLC_SESSION_DO_SEND_HELLO; }
	action start_auth { effects += SLC_SESSION_DO_START_AUTH; }
	action check_auth { effects += SLC_SESSION_DO_CHECK_AUTH; }
	action opened { effects += SLC_SESSION_DO_OPENED; m->heard = 1u; }
	action admit_channel { effects += SLC_SESSION_DO_ADMIT_CHANNEL; m->channels += 1u; }
	action refuse_channel { effects += SLC_SESSION_DO_REFUSE_CHANNEL; }
	action open_channel { effects += SLC_SESSION_DO_OPEN_CHANNEL; m->channels += 1u; }
	action deliver { effects += SLC_SESSION_DO_DELIVER; }
	action transmit { effects += SLC_SESSION_DO_TRANSMIT; }
	action send_ping { effects += SLC_SESSION_DO_SEND_PING; m->ping = 1u; }
	action send_pong { effects += SLC_SESSION_DO_SEND_PONG; }
	action measured { effects += SLC_SESSION_DO_MEASURED; m->ping = 0u; }
	action fail_channels { effects += SLC_SESSION_DO_FAIL_CHANNELS; m->channels = 0u; }
	action send_goodbye { effects += SLC_SESSION_DO_SEND_GOODBYE; }
	action close_transport { effects += SLC_SESSION_DO_CLOSE_TRANSPORT; }
	action arm { effects += SLC_SESSION_DO_ARM; m->timer += 1u; }
	action report { effects += SLC_SESSION_DO_REPORT; }

	action proved { m->proved = 1u; }
	action accepted { m->accepted = 1u; }
	action hear { m->heard = 1u; }
	action listen { m->heard = 0u; }
	action channel_ended { m->channels -= 1u; }

	action for_version { m->reason = SLC_REASON_VERSION; }
	action for_protocol { m->reason = SLC_REASON_PROTOCOL; }
	action for_timeout { m->reason = SLC_REASON_TIMEOUT; }
	action for_loss { m->reason = SLC_REASON_LOST; }
	action for_no_auth { m->reason = SLC_REASON_AUTH_REQUIRED; }
	action for_that { m->reason = n; }
	action ignore { }

	# Ends are told apart by what keeps them, or else Ragel would merge them.
	action in_closed { }
	action in_failed { }

	action our_version { n == SLC_VERSION }
	action may_skip { m->must_prove == 0u }
	action is_proved { m->proved == 1u }
	action is_accepted { m->accepted == 1u }
	action current { n == m->timer }
	action has_room { m->channels < m->limit }
	action has_channels { m->channels > 0u }
	action has_several { m->channels > 1u }
	action was_heard { m->heard == 1u }
	action awaits_pong { m->ping == 1u }
	action orderly { m->reason == 0u }

	action step { fbreak; }

	# Never runs, since the machine has no final state: it makes Ragel name the states' numbers.
	action names {
		(void)fentry(life::idle); (void)fentry(life::hello); (void)fentry(life::auth);
		(void)fentry(life::open); (void)fentry(life::draining); (void)fentry(life::closing);
		(void)fentry(life::closed); (void)fentry(life::failed);
	}

	START = SLC_SESSION_START;
	PEER_HELLO = SLC_SESSION_PEER_HELLO;
	AUTH = SLC_SESSION_AUTH;
	OPEN = SLC_SESSION_OPEN;
	FRAME = SLC_SESSION_FRAME;
	PING = SLC_SESSION_PING;
	PONG = SLC_SESSION_PONG;
	BAD_FRAME = SLC_SESSION_BAD_FRAME;
	GOODBYE = SLC_SESSION_GOODBYE;
	CLOSE = SLC_SESSION_CLOSE;
	AUTH_FAILED = SLC_SESSION_AUTH_FAILED;
	NO_AUTH = SLC_SESSION_NO_AUTH;
	PROVED = SLC_SESSION_PROVED;
	ACCEPTED = SLC_SESSION_ACCEPTED;
	WANT = SLC_SESSION_WANT;
	SEND = SLC_SESSION_SEND;
	PROBE = SLC_SESSION_PROBE;
	CHANNEL_ENDED = SLC_SESSION_CHANNEL_ENDED;
	TIMEOUT = SLC_SESSION_TIMEOUT;
	LOST = SLC_SESSION_LOST;

	verdict = AUTH_FAILED | NO_AUTH | PROVED | ACCEPTED;
	later = OPEN | FRAME | PING | PONG;    # frames that only an open session takes
	wish = WANT | SEND | PROBE;
	event = START | PEER_HELLO | AUTH | later | BAD_FRAME | GOODBYE | CLOSE | verdict | wish
	      | CHANNEL_ENDED | TIMEOUT | LOST;

	life = (
		start:  '' -> idle,
		idle:   ( START @send_hello @arm                                   -> hello
		        | (event - START) @ignore                                  -> idle ),

		hello:  ( (PEER_HELLO when our_version) @start_auth                -> auth
		        | (PEER_HELLO when !our_version) @for_version @send_goodbye @arm -> closing
		        | (AUTH | later) @for_protocol @send_goodbye @arm          -> closing
		        | (BAD_FRAME | GOODBYE | CLOSE) @for_that @send_goodbye @arm -> closing
		        | (TIMEOUT when current) @for_timeout @send_goodbye @arm   -> closing
		        | (TIMEOUT when !current) @ignore                          -> hello
		        | LOST @for_loss @close_transport @report                  -> failed
		        | (START | verdict | wish | CHANNEL_ENDED) @ignore         -> hello ),

		auth:   ( AUTH @check_auth                                         -> auth
		        | (NO_AUTH when may_skip) @opened @arm                     -> open
		        | (NO_AUTH when !may_skip) @for_no_auth @send_goodbye @arm -> closing
		        | (PROVED when is_accepted) @proved @opened @arm           -> open
		        | (PROVED when !is_accepted) @proved                       -> auth
		        | (ACCEPTED when is_proved) @accepted @opened @arm         -> open
		        | (ACCEPTED when !is_proved) @accepted                     -> auth
		        | (PEER_HELLO | later) @for_protocol @send_goodbye @arm    -> closing
		        | (BAD_FRAME | GOODBYE | CLOSE | AUTH_FAILED) @for_that @send_goodbye @arm
		                                                                   -> closing
		        | (TIMEOUT when current) @for_timeout @send_goodbye @arm   -> closing
		        | (TIMEOUT when !current) @ignore                          -> auth
		        | LOST @for_loss @close_transport @report                  -> failed
		        | (START | wish | CHANNEL_ENDED) @ignore                   -> auth ),

		open:   ( (OPEN when has_room) @admit_channel @hear                -> open
		        | (OPEN when !has_room) @refuse_channel @hear              -> open
		        | FRAME @deliver @hear                                     -> open
		        | PING @send_pong @hear                                    -> open
		        | PONG @measured @hear                                     -> open
		        | (WANT when has_room) @open_channel                       -> open
		        | (WANT when !has_room) @ignore                            -> open
		        | SEND @transmit                                           -> open
		        | (PROBE when !awaits_pong) @send_ping @arm                -> open
		        | (PROBE when awaits_pong) @ignore                         -> open
		        | (CHANNEL_ENDED when has_channels) @channel_ended         -> open
		        | (CHANNEL_ENDED when !has_channels) @ignore               -> open
		        | (CLOSE when has_channels) @for_that @arm                 -> draining
		        | (CLOSE when !has_channels) @for_that @send_goodbye @arm  -> closing
		        | (BAD_FRAME | GOODBYE) @for_that @fail_channels @send_goodbye @arm
		                                                                   -> closing
		        | (PEER_HELLO | AUTH) @for_protocol @fail_channels @send_goodbye @arm
		                                                                   -> closing
		        | (TIMEOUT when current when was_heard) @listen @arm       -> open
		        | (TIMEOUT when current when !was_heard when !awaits_pong) @send_ping @arm
		                                                                   -> open
		        | (TIMEOUT when current when !was_heard when awaits_pong)
		          @for_timeout @fail_channels @close_transport @report     -> failed
		        | (TIMEOUT when !current) @ignore                          -> open
		        | LOST @for_loss @fail_channels @close_transport @report   -> failed
		        | (START | verdict) @ignore                                -> open ),

		draining: ( OPEN @refuse_channel                                   -> draining
		        | FRAME @deliver                                           -> draining
		        | PING @send_pong                                          -> draining
		        | SEND @transmit                                           -> draining
		        | (CHANNEL_ENDED when has_several) @channel_ended          -> draining
		        | (CHANNEL_ENDED when !has_several) @channel_ended @send_goodbye @arm
		                                                                   -> closing
		        | (BAD_FRAME | GOODBYE) @for_that @fail_channels @send_goodbye @arm
		                                                                   -> closing
		        | (PEER_HELLO | AUTH) @for_protocol @fail_channels @send_goodbye @arm
		                                                                   -> closing
		        | (TIMEOUT when current) @for_timeout @fail_channels @send_goodbye @arm
		                                                                   -> closing
		        | (TIMEOUT when !current) @ignore                          -> draining
		        | LOST @for_loss @fail_channels @close_transport @report   -> failed
		        | (START | PONG | CLOSE | verdict | WANT | PROBE) @ignore  -> draining ),

		closing: ( (LOST when orderly) @close_transport @report            -> closed
		        | (LOST when !orderly) @close_transport @report            -> failed
		        | (TIMEOUT when current when orderly) @close_transport @report -> closed
		        | (TIMEOUT when current when !orderly) @close_transport @report -> failed
		        | (TIMEOUT when !current) @ignore                          -> closing
		        | (event - (LOST | TIMEOUT)) @ignore                       -> closing ),

		closed: ( event @in_closed                                         -> closed ),
		failed: ( event @in_failed                                         -> failed )
	);
	main := life $step %names;
}%%

%% write data noerror nofinal;

void slc_session_init(struct slc_session *m, uint32_t must_prove, uint32_t limit)
{
	m->must_prove = must_prove;
	m->limit = limit;
	m->timer = 0u;
	m->proved = 0u;
	m->accepted = 0u;
	m->channels = 0u;
	m->heard = 0u;
	m->ping = 0u;
	m->reason = 0u;
	%% write init;
}

uint32_t slc_session_step(struct slc_session *m, enum slc_session_event event, uint32_t n)
{
	const unsigned char symbol = (unsigned char)event;
	unsigned p = 0u;
	uint32_t effects = 0u;

	%% write exec noend;
	return effects;
}
