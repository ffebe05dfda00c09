/* vsock_connection: the life of a guest's stream connection. Page: spec/vsock_connection.md. */
#include "gen/vsock_connection.h"

%%{
	machine vsock_connection;
	alphtype unsigned char;
	import "vsock_connection_event.h";
	access m->;
	getkey symbol;

	action dial { effects += VSOCK_CONNECTION_DO_DIAL; }
	action request { effects += VSOCK_CONNECTION_DO_SEND_REQUEST; }
	action respond { effects += VSOCK_CONNECTION_DO_SEND_RESPONSE; }
	action greet { effects += VSOCK_CONNECTION_DO_GREET; }
	action deliver { effects += VSOCK_CONNECTION_DO_DELIVER; }
	action send { effects += VSOCK_CONNECTION_DO_SEND_DATA; }
	action grant { effects += VSOCK_CONNECTION_DO_SEND_CREDIT; }
	action say_rcv { effects += VSOCK_CONNECTION_DO_SEND_SHUTDOWN;
		m->said = VSOCK_CONNECTION_SAYS_RCV; }
	action say_send { effects += VSOCK_CONNECTION_DO_SEND_SHUTDOWN;
		m->said = VSOCK_CONNECTION_SAYS_SEND; }
	action say_both { effects += VSOCK_CONNECTION_DO_SEND_SHUTDOWN;
		m->said = VSOCK_CONNECTION_SAYS_BOTH; }
	action rst { effects += VSOCK_CONNECTION_DO_SEND_RST; }
	action flush { effects += VSOCK_CONNECTION_DO_FLUSH; }
	action end_write { effects += VSOCK_CONNECTION_DO_END_WRITE; }
	action close { effects += VSOCK_CONNECTION_DO_CLOSE; }
	action arm { effects += VSOCK_CONNECTION_DO_ARM; m->timer += 1u; }
	action forget { effects += VSOCK_CONNECTION_DO_FORGET; }
	action guest_ended { m->ended = 1u; }
	action guest_deaf { m->deaf = 1u; }
	action socket_shut { m->shut = 1u; }
	action socket_eof { m->eof = 1u; }
	action ignore { }
	action in_closed { }

	action current { n == m->timer }
	action ended { m->ended == 1u }
	action deaf { m->deaf == 1u }
	action shut { m->shut == 1u }
	action at_eof { m->eof == 1u }
	action no_more_down { m->deaf == 1u || m->eof == 1u }
	action flush_asked { m->ended == 1u && m->shut == 0u }

	action step { fbreak; }

	action names {
		(void)fentry(life::idle); (void)fentry(life::dialing);
		(void)fentry(life::calling); (void)fentry(life::open);
		(void)fentry(life::draining); (void)fentry(life::closing);
		(void)fentry(life::closed);
	}

	REQUEST = VSOCK_CONNECTION_REQUEST;
	RESPONSE = VSOCK_CONNECTION_RESPONSE;
	RST = VSOCK_CONNECTION_RST;
	SHUTDOWN_RCV = VSOCK_CONNECTION_SHUTDOWN_RCV;
	SHUTDOWN_SEND = VSOCK_CONNECTION_SHUTDOWN_SEND;
	SHUTDOWN_BOTH = VSOCK_CONNECTION_SHUTDOWN_BOTH;
	DATA = VSOCK_CONNECTION_DATA;
	CREDIT_UPDATE = VSOCK_CONNECTION_CREDIT_UPDATE;
	CREDIT_REQUEST = VSOCK_CONNECTION_CREDIT_REQUEST;
	BAD = VSOCK_CONNECTION_BAD;
	CALL = VSOCK_CONNECTION_CALL;
	CONNECTED = VSOCK_CONNECTION_CONNECTED;
	DIAL_FAILED = VSOCK_CONNECTION_DIAL_FAILED;
	SOCKET_DATA = VSOCK_CONNECTION_SOCKET_DATA;
	SOCKET_END = VSOCK_CONNECTION_SOCKET_END;
	SOCKET_DEAF = VSOCK_CONNECTION_SOCKET_DEAF;
	SOCKET_LOST = VSOCK_CONNECTION_SOCKET_LOST;
	WRITTEN = VSOCK_CONNECTION_WRITTEN;
	FLUSHED = VSOCK_CONNECTION_FLUSHED;
	CREDIT_DUE = VSOCK_CONNECTION_CREDIT_DUE;
	TIMEOUT = VSOCK_CONNECTION_TIMEOUT;

	shutdown = SHUTDOWN_RCV | SHUTDOWN_SEND | SHUTDOWN_BOTH;
	credit = CREDIT_UPDATE | CREDIT_REQUEST;
	dialed = CONNECTED | DIAL_FAILED;
	socket = SOCKET_DATA | SOCKET_END | SOCKET_DEAF | SOCKET_LOST | WRITTEN | FLUSHED
	       | CREDIT_DUE;
	event = REQUEST | RESPONSE | RST | shutdown | DATA | credit | BAD | CALL | dialed | socket
	      | TIMEOUT;

	life = (
		start:    '' -> idle,
		idle:     ( REQUEST @dial @arm                               -> dialing
		          | CALL @request @arm                               -> calling
		          | (RESPONSE | shutdown | DATA | credit | BAD) @rst -> closed
		          | RST @ignore                                      -> closed
		          | (dialed | socket | TIMEOUT) @ignore              -> idle ),
		dialing:  ( CONNECTED @respond                               -> open
		          | (DIAL_FAILED | SOCKET_LOST) @rst @close @forget  -> closed
		          | (REQUEST | RESPONSE | shutdown | DATA | BAD) @rst @close @forget
		                                                             -> closed
		          | RST @close @forget                               -> closed
		          | (TIMEOUT when current) @rst @close @forget       -> closed
		          | (TIMEOUT when !current) @ignore                  -> dialing
		          | (credit | CALL | (socket - SOCKET_LOST)) @ignore -> dialing ),
		calling:  ( RESPONSE @greet                                  -> open
		          | SOCKET_LOST @rst @close @forget                  -> closed
		          | (REQUEST | shutdown | DATA | BAD) @rst @close @forget
		                                                             -> closed
		          | RST @close @forget                               -> closed
		          | (TIMEOUT when current) @rst @close @forget       -> closed
		          | (TIMEOUT when !current) @ignore                  -> calling
		          | (credit | CALL | dialed | (socket - SOCKET_LOST)) @ignore
		                                                             -> calling ),
		open:     ( (DATA when !ended when !shut) @deliver           -> open
		          | (DATA when !ended when shut) @ignore             -> open
		          | (DATA when ended) @rst @close @forget            -> closed
		          | (SOCKET_DATA when !no_more_down) @send           -> open
		          | (SOCKET_DATA when no_more_down) @ignore          -> open
		          | (SOCKET_END when !shut) @socket_eof @say_send    -> open
		          | (SOCKET_END when shut) @socket_eof @say_both @close @arm
		                                                             -> closing
		          | (SOCKET_DEAF when !no_more_down) @socket_shut @say_rcv
		                                                             -> open
		          | (SOCKET_DEAF when no_more_down) @socket_shut @say_both @close @arm
		                                                             -> closing
		          | (SHUTDOWN_SEND when !deaf) @guest_ended @flush   -> open
		          | (SHUTDOWN_SEND when deaf) @guest_ended @rst @flush @arm @forget
		                                                             -> draining
		          | (SHUTDOWN_RCV when !ended when !shut) @guest_deaf -> open
		          | (SHUTDOWN_RCV when ended when !shut) @guest_deaf @rst @flush @arm
			    @forget
		                                                             -> draining
		          | (SHUTDOWN_RCV when shut) @guest_deaf @rst @close @forget
		                                                             -> closed
		          | (SHUTDOWN_BOTH when !shut) @guest_ended @guest_deaf @rst @flush @arm
			    @forget                                          -> draining
		          | (SHUTDOWN_BOTH when shut) @guest_ended @guest_deaf @rst @close @forget
		                                                             -> closed
		          | (FLUSHED when flush_asked when !at_eof) @socket_shut @end_write
		                                                             -> open
		          | (FLUSHED when flush_asked when at_eof) @socket_shut @say_both @close
			    @arm
		                                                             -> closing
		          | (FLUSHED when !flush_asked) @ignore              -> open
		          | (CREDIT_REQUEST | CREDIT_DUE) @grant             -> open
		          | (RST when !shut) @flush @arm @forget             -> draining
		          | (RST when shut) @close @forget                   -> closed
		          | (SOCKET_LOST | REQUEST | RESPONSE | BAD) @rst @close @forget
		                                                             -> closed
		          | (CREDIT_UPDATE | CALL | dialed | WRITTEN | TIMEOUT) @ignore
		                                                             -> open ),
		draining: ( WRITTEN @arm                                     -> draining
		          | (FLUSHED | SOCKET_DEAF | SOCKET_LOST) @close     -> closed
		          | (TIMEOUT when current) @close                    -> closed
		          | (TIMEOUT when !current) @ignore                  -> draining
		          | (REQUEST | RESPONSE | RST | shutdown | DATA | credit | BAD | CALL
		            | dialed | SOCKET_DATA | SOCKET_END | CREDIT_DUE) @ignore -> draining ),
		closing:  ( RST @forget                                      -> closed
		          | (SHUTDOWN_BOTH | REQUEST | RESPONSE | BAD) @rst @forget
		                                                             -> closed
		          | (TIMEOUT when current) @rst @forget              -> closed
		          | (TIMEOUT when !current) @ignore                  -> closing
		          | (SHUTDOWN_RCV | SHUTDOWN_SEND | DATA | credit | CALL | dialed | socket)
			    @ignore                                          -> closing ),
		closed:   ( event @in_closed                                 -> closed )
	);
	main := life $step %names;
}%%

%% write data noerror nofinal;

void vsock_connection_init(struct vsock_connection *m)
{
	m->timer = 0u;
	m->ended = 0u;
	m->deaf = 0u;
	m->shut = 0u;
	m->eof = 0u;
	m->said = 0u;
	%% write init;
}

uint32_t vsock_connection_step(
	struct vsock_connection *m, enum vsock_connection_event event, uint32_t n)
{
	const unsigned char symbol = (unsigned char)event;
	unsigned p = 0u;
	uint32_t effects = 0u;

	%% write exec noend;
	return effects;
}
