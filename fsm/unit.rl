/* unit: the lifecycle of one supervised unit. Page: spec/unit.md. */
#include "gen/unit.h"

%%{
	machine unit;
	alphtype unsigned char;
	import "unit_event.h";
	access m->;
	getkey symbol;

	action spawn { effects += UNIT_DO_SPAWN; }
	action term { effects += UNIT_DO_TERM; }
	action kill { effects += UNIT_DO_KILL; }
	action arm { effects += UNIT_DO_ARM; m->timer += 1u; }
	action tell { effects += UNIT_DO_TELL; }
	action failing { m->failing = 1u; }
	action settle { m->failing = 0u; }
	action ignore { }

	action current { n == m->timer }
	action success { n == 0u }
	action wanted { m->failing == 0u }

	action step { fbreak; }

	# Never runs, since the machine has no final state: it makes Ragel name the states' numbers.
	action names {
		(void)fentry(life::inactive); (void)fentry(life::starting); (void)fentry(life::up);
		(void)fentry(life::stopping); (void)fentry(life::failed);
	}

	event = UNIT_START | UNIT_STOP | UNIT_SPAWNED | UNIT_NO_PROCESS | UNIT_EXITED
	      | UNIT_TIMEOUT | UNIT_RESET;

	life = (
		start:    '' -> inactive,
		inactive: ( UNIT_START @spawn @arm                              -> starting
		          | (event - UNIT_START) @ignore                        -> inactive ),
		starting: ( UNIT_SPAWNED @tell                                  -> up
		          | (UNIT_NO_PROCESS | UNIT_EXITED) @tell               -> failed
		          | UNIT_STOP @term @arm                                -> stopping
		          | (UNIT_TIMEOUT when current) @term @arm @failing     -> stopping
		          | (UNIT_TIMEOUT when !current) @ignore                -> starting
		          | (UNIT_START | UNIT_RESET) @ignore                   -> starting ),
		up:       ( (UNIT_EXITED when success) @tell                    -> inactive
		          | (UNIT_EXITED when !success) @tell                   -> failed
		          | UNIT_STOP @term @arm @tell                          -> stopping
		          | (event - (UNIT_EXITED | UNIT_STOP)) @ignore         -> up ),
		stopping: ( ((UNIT_EXITED | UNIT_NO_PROCESS) when wanted) @tell -> inactive
		          | ((UNIT_EXITED | UNIT_NO_PROCESS) when !wanted) @tell @settle -> failed
		          | (UNIT_TIMEOUT when current) @kill @arm              -> stopping
		          | (UNIT_TIMEOUT when !current) @ignore                -> stopping
		          | (UNIT_START | UNIT_STOP | UNIT_SPAWNED | UNIT_RESET) @ignore
		                                                                -> stopping ),
		failed:   ( UNIT_RESET @tell                                    -> inactive
		          | (event - UNIT_RESET) @ignore                        -> failed )
	);
	main := life $step %names;
}%%

%% write data noerror nofinal;

void unit_init(struct unit *m)
{
	m->timer = 0u;
	m->failing = 0u;
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
