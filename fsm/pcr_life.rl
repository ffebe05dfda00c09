/* pcr_life: the life of one register of a simulated NSM. Page: spec/pcr_life.md. */
#include "gen/pcr_life.h"

%%{
	machine pcr_life;
	alphtype unsigned char;
	import "pcr_life_event.h";
	access m->;
	getkey symbol;

	action extend { effects += PCR_LIFE_DO_EXTEND; }
	action grant { effects += PCR_LIFE_DO_GRANT; }
	action refuse { effects += PCR_LIFE_DO_REFUSE; }
	action list { effects += PCR_LIFE_DO_LIST; }
	action ignore { }

	action step { fbreak; }

	# Never runs, since the machine has no final state: it makes Ragel name the states' numbers.
	action names {
		(void)fentry(life::free); (void)fentry(life::locked);
	}

	life = (
		start:  '' -> free,
		free:   ( PCR_LIFE_EXTEND @extend @grant                   -> free
		        | (PCR_LIFE_LOCK | PCR_LIFE_LOCK_RANGE) @grant     -> locked
		        | PCR_LIFE_LIST @ignore                            -> free ),
		locked: ( (PCR_LIFE_EXTEND | PCR_LIFE_LOCK) @refuse        -> locked
		        | PCR_LIFE_LOCK_RANGE @grant                       -> locked
		        | PCR_LIFE_LIST @list                              -> locked )
	);
	main := life $step %names;
}%%

%% write data noerror nofinal;

void pcr_life_init(struct pcr_life *m)
{
	%% write init;
}

uint32_t pcr_life_step(struct pcr_life *m, enum pcr_life_event event, uint32_t n)
{
	const unsigned char symbol = (unsigned char)event;
	unsigned p = 0u;
	uint32_t effects = 0u;

	(void)n;
	%% write exec noend;
	return effects;
}
