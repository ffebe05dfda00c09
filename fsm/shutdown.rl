/* shutdown: how PID 1 takes the system down. Page: spec/shutdown.md. */
#include "gen/shutdown.h"

%%{
	machine shutdown;
	alphtype unsigned char;
	import "shutdown_event.h";
	access m->;
	getkey symbol;

	action how { m->how = n; }
	action stop_units { effects += SHUTDOWN_DO_STOP_UNITS; }
	action term_all { effects += SHUTDOWN_DO_TERM_ALL; }
	action kill_all { effects += SHUTDOWN_DO_KILL_ALL; }
	action sync { effects += SHUTDOWN_DO_SYNC; m->synced = 1u; }
	action synced { m->synced = 2u; }
	action unmount { effects += SHUTDOWN_DO_UNMOUNT; }
	action farewell { effects += SHUTDOWN_DO_FAREWELL; }
	action arm { effects += SHUTDOWN_DO_ARM; m->timer += 1u; }
	action finish { effects += SHUTDOWN_DO_FINISH; }
	action forced { m->forced = 1u; }
	action ignore { }
	action in_over { }

	action known { n >= SHUTDOWN_REBOOT && n <= SHUTDOWN_HALT }
	action current { n == m->timer }

	action step { fbreak; }

	action names {
		(void)fentry(life::running); (void)fentry(life::units); (void)fentry(life::term);
		(void)fentry(life::kill); (void)fentry(life::sync); (void)fentry(life::unmount);
		(void)fentry(life::farewell); (void)fentry(life::over);
	}

	event = SHUTDOWN_REQUEST | SHUTDOWN_ALL_STOPPED | SHUTDOWN_ALL_GONE | SHUTDOWN_SYNCED
	      | SHUTDOWN_UNMOUNTED | SHUTDOWN_SAID | SHUTDOWN_TIMEOUT;

	life = (
		start:    '' -> running,
		running:  ( (SHUTDOWN_REQUEST when known) @how @stop_units @arm  -> units
		          | (SHUTDOWN_REQUEST when !known) @ignore               -> running
		          | (event - SHUTDOWN_REQUEST) @ignore                   -> running ),
		units:    ( SHUTDOWN_ALL_STOPPED @term_all @arm                  -> term
		          | (SHUTDOWN_TIMEOUT when current) @forced @term_all @arm -> term
		          | (SHUTDOWN_TIMEOUT when !current) @ignore             -> units
		          | (event - (SHUTDOWN_ALL_STOPPED | SHUTDOWN_TIMEOUT)) @ignore -> units ),
		term:     ( SHUTDOWN_ALL_GONE @sync @arm                         -> sync
		          | (SHUTDOWN_TIMEOUT when current) @forced @kill_all @arm -> kill
		          | (SHUTDOWN_TIMEOUT when !current) @ignore             -> term
		          | (event - (SHUTDOWN_ALL_GONE | SHUTDOWN_TIMEOUT)) @ignore -> term ),
		kill:     ( (SHUTDOWN_ALL_GONE | (SHUTDOWN_TIMEOUT when current)) @sync @arm -> sync
		          | (SHUTDOWN_TIMEOUT when !current) @ignore             -> kill
		          | (event - (SHUTDOWN_ALL_GONE | SHUTDOWN_TIMEOUT)) @ignore -> kill ),
		sync:     ( SHUTDOWN_SYNCED @synced @unmount @arm                -> unmount
		          | (SHUTDOWN_TIMEOUT when current) @forced @unmount @arm -> unmount
		          | (SHUTDOWN_TIMEOUT when !current) @ignore             -> sync
		          | (event - (SHUTDOWN_SYNCED | SHUTDOWN_TIMEOUT)) @ignore -> sync ),
		unmount:  ( SHUTDOWN_UNMOUNTED @farewell @arm                    -> farewell
		          | (SHUTDOWN_TIMEOUT when current) @forced @farewell @arm -> farewell
		          | (SHUTDOWN_TIMEOUT when !current) @ignore             -> unmount
		          | (event - (SHUTDOWN_UNMOUNTED | SHUTDOWN_TIMEOUT)) @ignore -> unmount ),
		farewell: ( (SHUTDOWN_SAID | (SHUTDOWN_TIMEOUT when current)) @finish -> over
		          | (SHUTDOWN_TIMEOUT when !current) @ignore             -> farewell
		          | (event - (SHUTDOWN_SAID | SHUTDOWN_TIMEOUT)) @ignore -> farewell ),
		over:     ( event @in_over -> over )
	);
	main := life $step %names;
}%%

%% write data noerror nofinal;

void shutdown_init(struct shutdown *m)
{
	m->timer = 0u;
	m->how = 0u;
	m->forced = 0u;
	m->synced = 0u;
	%% write init;
}

uint32_t shutdown_step(struct shutdown *m, enum shutdown_event event, uint32_t n)
{
	const unsigned char symbol = (unsigned char)event;
	unsigned p = 0u;
	uint32_t effects = 0u;

	%% write exec noend;
	return effects;
}
