/* enclave: the life of one enclave, as its launcher sees it. Page: spec/enclave.md. */
#include "gen/enclave.h"

%%{
	machine enclave;
	alphtype unsigned char;
	import "enclave_event.h";
	access m->;
	getkey symbol;

	action listen { effects += ENCLAVE_DO_LISTEN; }
	action launch { effects += ENCLAVE_DO_START; }
	action answer { effects += ENCLAVE_DO_ANSWER; }
	action ask_stop { effects += ENCLAVE_DO_ASK_STOP; }
	action kill { effects += ENCLAVE_DO_KILL; }
	action probe { effects += ENCLAVE_DO_PROBE; }
	action arm { effects += ENCLAVE_DO_ARM; m->timer += 1u; }
	action clean_up { effects += ENCLAVE_DO_CLEAN_UP; }
	action tell_ready { effects += ENCLAVE_DO_TELL_READY; }
	action tell_health { effects += ENCLAVE_DO_TELL_HEALTH; m->down = n; }
	action tell_silent { effects += ENCLAVE_DO_TELL_SILENT; }
	action tell_late { effects += ENCLAVE_DO_TELL_LATE; }
	action tell_ended { effects += ENCLAVE_DO_TELL_ENDED; }
	action tell_failed { effects += ENCLAVE_DO_TELL_FAILED; }
	action no_listener { m->reason = ENCLAVE_REASON_LISTEN; }
	action no_start { m->reason = ENCLAVE_REASON_START; }
	action no_heartbeat { m->reason = ENCLAVE_REASON_HEARTBEAT; }
	action panicked { m->reason = ENCLAVE_REASON_PANIC; }
	action died { m->reason = ENCLAVE_REASON_EXITED; }
	action left { m->reason = ENCLAVE_REASON_LEFT; }
	action stuck { m->reason = ENCLAVE_REASON_STUCK; }
	action ignore { }
	action in_ended { }
	action in_failed { }

	action current { n == m->timer }
	action orderly { n == 0u }
	action news { n != m->down }
	action blamed { m->reason != ENCLAVE_REASON_NONE }

	action step { fbreak; }

	action names {
		(void)fentry(life::created); (void)fentry(life::listening);
		(void)fentry(life::starting); (void)fentry(life::booting);
		(void)fentry(life::running); (void)fentry(life::ready);
		(void)fentry(life::unreachable); (void)fentry(life::stopping);
		(void)fentry(life::leaving); (void)fentry(life::killing);
		(void)fentry(life::ended); (void)fentry(life::failed);
	}

	event = ENCLAVE_START | ENCLAVE_LISTENING | ENCLAVE_LISTEN_FAILED | ENCLAVE_STARTED
	      | ENCLAVE_HEARTBEAT | ENCLAVE_READY | ENCLAVE_HEALTHY | ENCLAVE_SILENT
	      | ENCLAVE_FAREWELL | ENCLAVE_START_FAILED | ENCLAVE_EXITED | ENCLAVE_PANIC
	      | ENCLAVE_TERMINATE | ENCLAVE_TIMEOUT;
	gone  = ENCLAVE_EXITED | ENCLAVE_START_FAILED;

	life = (
		start:     '' -> created,
		created:   ( ENCLAVE_START @listen @arm                       -> listening
		           | ENCLAVE_TERMINATE @clean_up @tell_ended          -> ended
		           | (event - (ENCLAVE_START | ENCLAVE_TERMINATE)) @ignore -> created ),
		listening: ( ENCLAVE_LISTENING @launch @arm                   -> starting
		           | ENCLAVE_LISTEN_FAILED @no_listener @clean_up @tell_failed -> failed
		           | (ENCLAVE_TIMEOUT when current) @no_listener @clean_up @tell_failed
		                                                              -> failed
		           | (ENCLAVE_TIMEOUT when !current) @ignore          -> listening
		           | ENCLAVE_TERMINATE @clean_up @tell_ended          -> ended
		           | (event - (ENCLAVE_LISTENING | ENCLAVE_LISTEN_FAILED
		             | ENCLAVE_TIMEOUT | ENCLAVE_TERMINATE)) @ignore  -> listening ),
		starting:  ( ENCLAVE_STARTED @arm                             -> booting
		           | ENCLAVE_HEARTBEAT @answer @arm                   -> running
		           | ENCLAVE_READY @arm @tell_ready                   -> ready
		           | gone @no_start @clean_up @tell_failed            -> failed
		           | (ENCLAVE_TIMEOUT when current) @no_start @kill @arm -> killing
		           | (ENCLAVE_TIMEOUT when !current) @ignore          -> starting
		           | ENCLAVE_TERMINATE @kill @arm                     -> killing
		           | (event - (ENCLAVE_STARTED | ENCLAVE_HEARTBEAT | ENCLAVE_READY | gone
		             | ENCLAVE_TIMEOUT | ENCLAVE_TERMINATE)) @ignore  -> starting ),
		booting:   ( ENCLAVE_HEARTBEAT @answer @arm                   -> running
		           | ENCLAVE_READY @arm @tell_ready                   -> ready
		           | gone @died @clean_up @tell_failed                -> failed
		           | (ENCLAVE_TIMEOUT when current) @no_heartbeat @kill @arm -> killing
		           | (ENCLAVE_TIMEOUT when !current) @ignore          -> booting
		           | ENCLAVE_PANIC @panicked @kill @arm               -> killing
		           | ENCLAVE_FAREWELL @left @arm                      -> leaving
		           | ENCLAVE_TERMINATE @kill @arm                     -> killing
		           | (event - (ENCLAVE_HEARTBEAT | ENCLAVE_READY | gone | ENCLAVE_TIMEOUT
		             | ENCLAVE_PANIC | ENCLAVE_FAREWELL | ENCLAVE_TERMINATE)) @ignore
		                                                              -> booting ),
		running:   ( ENCLAVE_READY @arm @tell_ready                   -> ready
		           | gone @died @clean_up @tell_failed                -> failed
		           | (ENCLAVE_TIMEOUT when current) @tell_late        -> running
		           | (ENCLAVE_TIMEOUT when !current) @ignore          -> running
		           | ENCLAVE_PANIC @panicked @kill @arm               -> killing
		           | (ENCLAVE_FAREWELL when orderly) @arm             -> leaving
		           | (ENCLAVE_FAREWELL when !orderly) @left @arm      -> leaving
		           | ENCLAVE_TERMINATE @ask_stop @arm                 -> stopping
		           | (event - (ENCLAVE_READY | gone | ENCLAVE_TIMEOUT | ENCLAVE_PANIC
		             | ENCLAVE_FAREWELL | ENCLAVE_TERMINATE)) @ignore -> running ),
		ready:     ( ENCLAVE_SILENT @arm @tell_silent                 -> unreachable
		           | (ENCLAVE_HEALTHY when news) @tell_health         -> ready
		           | (ENCLAVE_HEALTHY when !news) @ignore             -> ready
		           | gone @died @clean_up @tell_failed                -> failed
		           | (ENCLAVE_TIMEOUT when current) @probe @arm       -> ready
		           | (ENCLAVE_TIMEOUT when !current) @ignore          -> ready
		           | ENCLAVE_PANIC @panicked @kill @arm               -> killing
		           | (ENCLAVE_FAREWELL when orderly) @arm             -> leaving
		           | (ENCLAVE_FAREWELL when !orderly) @left @arm      -> leaving
		           | ENCLAVE_TERMINATE @ask_stop @arm                 -> stopping
		           | (event - (ENCLAVE_SILENT | ENCLAVE_HEALTHY | gone | ENCLAVE_TIMEOUT
		             | ENCLAVE_PANIC | ENCLAVE_FAREWELL | ENCLAVE_TERMINATE)) @ignore
		                                                              -> ready ),
		unreachable: ( ENCLAVE_HEALTHY @arm @tell_health              -> ready
		           | gone @died @clean_up @tell_failed                -> failed
		           | (ENCLAVE_TIMEOUT when current) @probe @arm       -> unreachable
		           | (ENCLAVE_TIMEOUT when !current) @ignore          -> unreachable
		           | ENCLAVE_PANIC @panicked @kill @arm               -> killing
		           | (ENCLAVE_FAREWELL when orderly) @arm             -> leaving
		           | (ENCLAVE_FAREWELL when !orderly) @left @arm      -> leaving
		           | ENCLAVE_TERMINATE @ask_stop @arm                 -> stopping
		           | (event - (ENCLAVE_HEALTHY | gone | ENCLAVE_TIMEOUT | ENCLAVE_PANIC
		             | ENCLAVE_FAREWELL | ENCLAVE_TERMINATE)) @ignore -> unreachable ),
		stopping:  ( ENCLAVE_FAREWELL @arm                            -> leaving
		           | gone @clean_up @tell_ended                       -> ended
		           | (ENCLAVE_TIMEOUT when current) @kill @arm        -> killing
		           | (ENCLAVE_TIMEOUT when !current) @ignore          -> stopping
		           | (event - (ENCLAVE_FAREWELL | gone | ENCLAVE_TIMEOUT)) @ignore
		                                                              -> stopping ),
		leaving:   ( (gone when !blamed) @clean_up @tell_ended        -> ended
		           | (gone when blamed) @clean_up @tell_failed        -> failed
		           | (ENCLAVE_TIMEOUT when current) @kill @arm        -> killing
		           | (ENCLAVE_TIMEOUT when !current) @ignore          -> leaving
		           | (event - (gone | ENCLAVE_TIMEOUT)) @ignore       -> leaving ),
		killing:   ( (gone when !blamed) @clean_up @tell_ended        -> ended
		           | (gone when blamed) @clean_up @tell_failed        -> failed
		           | ENCLAVE_STARTED @kill @arm                       -> killing
		           | (ENCLAVE_TIMEOUT when current) @stuck @clean_up @tell_failed
		                                                              -> failed
		           | (ENCLAVE_TIMEOUT when !current) @ignore          -> killing
		           | (event - (gone | ENCLAVE_STARTED | ENCLAVE_TIMEOUT)) @ignore
		                                                              -> killing ),
		ended:     ( event @in_ended -> ended ),
		failed:    ( event @in_failed -> failed )
	);
	main := life $step %names;
}%%

%% write data noerror nofinal;

void enclave_init(struct enclave *m)
{
	m->timer = 0u;
	m->reason = ENCLAVE_REASON_NONE;
	m->down = 0u;
	%% write init;
}

uint32_t enclave_step(struct enclave *m, enum enclave_event event, uint32_t n)
{
	const unsigned char symbol = (unsigned char)event;
	unsigned p = 0u;
	uint32_t effects = 0u;

	%% write exec noend;
	return effects;
}
