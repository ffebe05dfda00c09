/* unit: the lifecycle of one supervised unit. Page: spec/unit.md. */
#include "gen/unit.h"

%%{
	machine unit;
	alphtype unsigned char;
	import "unit_event.h";
	access m->;
	getkey symbol;

	action spawn { effects += UNIT_DO_SPAWN; }
	action ask { effects += UNIT_DO_ASK; }
	action term { effects += UNIT_DO_TERM; }
	action kill { effects += UNIT_DO_KILL; }
	action arm { effects += UNIT_DO_ARM; m->timer += 1u; }
	action stay_down { m->then = UNIT_STAYS_DOWN; }
	action return { m->then = UNIT_RETURNS; }
	action fail { m->then = UNIT_AS_FAILED; }
	action ignore { }

	# done takes the steps of inactive, and is told apart by what keeps it.
	action in_done { }

	action current { n == m->timer }
	action well { n == UNIT_WELL }
	action again { n >= UNIT_AGAIN }
	action stays_down { m->then == UNIT_STAYS_DOWN }
	action fails { m->then >= UNIT_AS_FAILED }

	action step { fbreak; }

	# Never runs, since the machine has no final state: it makes Ragel name the states' numbers.
	action names {
		(void)fentry(life::inactive); (void)fentry(life::blocked);
		(void)fentry(life::starting); (void)fentry(life::ready);
		(void)fentry(life::stopping); (void)fentry(life::backoff);
		(void)fentry(life::failed); (void)fentry(life::done);
		(void)fentry(life::disabled);
	}

	START = UNIT_START;
	STOP = UNIT_STOP;
	RESTART = UNIT_RESTART;
	CLEAR = UNIT_CLEAR;
	DENY = UNIT_DENY;
	READY = UNIT_READY;
	ASKED = UNIT_ASKED;
	EXITED = UNIT_EXITED;
	FAIL = UNIT_FAIL;
	TIMEOUT = UNIT_TIMEOUT;
	RESET = UNIT_RESET;
	DISABLE = UNIT_DISABLE;
	ENABLE = UNIT_ENABLE;

	event = START | STOP | RESTART | CLEAR | DENY | READY | ASKED | EXITED | FAIL | TIMEOUT
	      | RESET | DISABLE | ENABLE;

	life = (
		start:    '' -> inactive,

		inactive: ( (START | RESTART) @ignore                               -> blocked
		          | DISABLE @ignore                                         -> disabled
		          | (event - (START | RESTART | DISABLE)) @ignore           -> inactive ),

		blocked:  ( CLEAR @spawn @arm                                       -> starting
		          | DENY @ignore                                            -> failed
		          | STOP @ignore                                            -> inactive
		          | DISABLE @ignore                                         -> disabled
		          | (event - (CLEAR | DENY | STOP | DISABLE)) @ignore       -> blocked ),

		starting: ( READY @ignore                                           -> ready
		          | (EXITED when well) @ignore                              -> done
		          | (EXITED when !well when !again) @ignore                 -> failed
		          | (EXITED when !well when again) @arm                     -> backoff
		          | STOP @term @arm                                         -> stopping
		          | RESTART @term @arm @return                              -> stopping
		          | FAIL @term @arm @fail                                   -> stopping
		          | (TIMEOUT when current) @term @arm @fail                 -> stopping
		          | (TIMEOUT when !current) @ignore                         -> starting
		          | (START | CLEAR | DENY | ASKED | RESET | DISABLE | ENABLE) @ignore
		                                                                    -> starting ),

		ready:    ( (EXITED when well) @ignore                              -> done
		          | (EXITED when !well when !again) @ignore                 -> failed
		          | (EXITED when !well when again) @arm                     -> backoff
		          | STOP @ask @arm                                          -> stopping
		          | RESTART @ask @arm @return                               -> stopping
		          | FAIL @term @arm @fail                                   -> stopping
		          | (event - (EXITED | STOP | RESTART | FAIL)) @ignore      -> ready ),

		stopping: ( (EXITED when stays_down when !fails) @ignore            -> inactive
		          | (EXITED when !stays_down when !fails) @stay_down        -> blocked
		          | (EXITED when fails when again) @arm @stay_down          -> backoff
		          | (EXITED when fails when !again) @stay_down              -> failed
		          | (ASKED when current) @term                              -> stopping
		          | (ASKED when !current) @ignore                           -> stopping
		          | (TIMEOUT when current) @kill @arm                       -> stopping
		          | (TIMEOUT when !current) @ignore                         -> stopping
		          | (START | RESTART) @return                               -> stopping
		          | STOP @stay_down                                         -> stopping
		          | (CLEAR | DENY | READY | FAIL | RESET | DISABLE | ENABLE) @ignore
		                                                                    -> stopping ),

		backoff:  ( (TIMEOUT when current) @ignore                          -> blocked
		          | (TIMEOUT when !current) @ignore                         -> backoff
		          | (START | RESTART) @ignore                               -> blocked
		          | STOP @ignore                                            -> inactive
		          | DISABLE @ignore                                         -> disabled
		          | (CLEAR | DENY | READY | ASKED | EXITED | FAIL | RESET | ENABLE) @ignore
		                                                                    -> backoff ),

		failed:   ( RESET @ignore                                           -> inactive
		          | (event - RESET) @ignore                                 -> failed ),

		done:     ( (START | RESTART) @ignore                               -> blocked
		          | STOP @ignore                                            -> inactive
		          | DISABLE @ignore                                         -> disabled
		          | (event - (START | RESTART | STOP | DISABLE)) @in_done   -> done ),

		disabled: ( ENABLE @ignore                                          -> inactive
		          | (event - ENABLE) @ignore                                -> disabled )
	);
	main := life $step %names;
}%%

%% write data noerror nofinal;

void unit_init(struct unit *m)
{
	m->timer = 0u;
	m->then = UNIT_STAYS_DOWN;
	%% write init;
}

uint32_t unit_step(struct unit *m, enum unit_event event, uint32_t n)
{
	const unsigned char symbol = (unsigned char)event;
	unsigned p = 0u;
	uint32_t effects = 0u;

	%% write exec noend;
	return effects;
}
