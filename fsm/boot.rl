/* boot: what PID 1 does until all units are up. Page: spec/boot.md. */
#include "gen/boot.h"

%%{
	machine boot;
	alphtype unsigned char;
	import "boot_event.h";
	access m->;
	getkey symbol;

	action abandon { effects += BOOT_DO_ABANDON; }
	action warn { effects += BOOT_DO_WARN; }
	action devices { effects += BOOT_DO_DEVICES; }
	action console { effects += BOOT_DO_CONSOLE; }
	action nsm { effects += BOOT_DO_NSM; }
	action heartbeat { effects += BOOT_DO_HEARTBEAT; }
	action configuration { effects += BOOT_DO_CONFIGURATION; }
	action root { effects += BOOT_DO_ROOT; }
	action mounts { effects += BOOT_DO_MOUNTS; }
	action network { effects += BOOT_DO_NETWORK; }
	action measure { effects += BOOT_DO_MEASURE; }
	action units { effects += BOOT_DO_UNITS; }
	action arm { effects += BOOT_DO_ARM; m->timer += 1u; }
	action secured { m->secured += 1u; }
	action ready { effects += BOOT_DO_READY; }
	action report { effects += BOOT_DO_REPORT; }
	action shut_down { effects += BOOT_DO_SHUT_DOWN; }
	action ignore { }
	action in_failed { }
	action in_stopping { }

	action current { n == m->timer }

	action step { fbreak; }

	action names {
		(void)fentry(life::begin); (void)fentry(life::devices); (void)fentry(life::console);
		(void)fentry(life::nsm); (void)fentry(life::heartbeat);
		(void)fentry(life::configuration); (void)fentry(life::root);
		(void)fentry(life::mounts); (void)fentry(life::network);
		(void)fentry(life::measure); (void)fentry(life::units);
		(void)fentry(life::ready); (void)fentry(life::failed); (void)fentry(life::stopping);
	}

	answer = BOOT_DONE | BOOT_ABSENT | BOOT_FAILED | BOOT_TIMEOUT;
	there  = BOOT_DONE | BOOT_ABSENT;
	wrong  = BOOT_FAILED | BOOT_TIMEOUT;
	event  = answer | BOOT_BEGIN | BOOT_STOP;

	life = (
		start:   '' -> begin,
		begin:   ( BOOT_BEGIN @devices @arm                          -> devices
		         | BOOT_STOP @shut_down                              -> stopping
		         | answer @ignore                                    -> begin ),
		devices: ( (there when current) @secured @console @arm       -> console
		         | (wrong when current) @report @shut_down           -> failed
		         | (answer when !current) @ignore                    -> devices
		         | BOOT_BEGIN @ignore                                -> devices
		         | BOOT_STOP @shut_down                              -> stopping ),
		console: ( (there when current) @nsm @arm                    -> nsm
		         | (wrong when current) @abandon @warn @nsm @arm     -> nsm
		         | (answer when !current) @ignore                    -> console
		         | BOOT_BEGIN @ignore                                -> console
		         | BOOT_STOP @shut_down                              -> stopping ),
		nsm:     ( (there when current) @secured @heartbeat @arm     -> heartbeat
		         | (wrong when current) @report @shut_down           -> failed
		         | (answer when !current) @ignore                    -> nsm
		         | BOOT_BEGIN @ignore                                -> nsm
		         | BOOT_STOP @shut_down                              -> stopping ),
		heartbeat: ( (there when current) @configuration @arm        -> configuration
		         | (wrong when current) @abandon @warn @configuration @arm -> configuration
		         | (answer when !current) @ignore                    -> heartbeat
		         | BOOT_BEGIN @ignore                                -> heartbeat
		         | BOOT_STOP @shut_down                              -> stopping ),
		configuration: ( (BOOT_DONE when current) @secured @root @arm -> root
		         | ((answer - BOOT_DONE) when current) @report @shut_down -> failed
		         | (answer when !current) @ignore                    -> configuration
		         | BOOT_BEGIN @ignore                                -> configuration
		         | BOOT_STOP @shut_down                              -> stopping ),
		root:    ( (BOOT_DONE when current) @secured @mounts @arm    -> mounts
		         | ((answer - BOOT_DONE) when current) @report @shut_down -> failed
		         | (answer when !current) @ignore                    -> root
		         | BOOT_BEGIN @ignore                                -> root
		         | BOOT_STOP @shut_down                              -> stopping ),
		mounts:  ( (there when current) @secured @network @arm       -> network
		         | (wrong when current) @report @shut_down           -> failed
		         | (answer when !current) @ignore                    -> mounts
		         | BOOT_BEGIN @ignore                                -> mounts
		         | BOOT_STOP @shut_down                              -> stopping ),
		network: ( (there when current) @measure @arm                -> measure
		         | (wrong when current) @abandon @warn @measure @arm -> measure
		         | (answer when !current) @ignore                    -> network
		         | BOOT_BEGIN @ignore                                -> network
		         | BOOT_STOP @shut_down                              -> stopping ),
		measure: ( (there when current) @secured @units @arm         -> units
		         | (wrong when current) @report @shut_down           -> failed
		         | (answer when !current) @ignore                    -> measure
		         | BOOT_BEGIN @ignore                                -> measure
		         | BOOT_STOP @shut_down                              -> stopping ),
		units:   ( (there when current) @ready                       -> ready
		         | (wrong when current) @warn                        -> units
		         | (answer when !current) @ignore                    -> units
		         | BOOT_BEGIN @ignore                                -> units
		         | BOOT_STOP @shut_down                              -> stopping ),
		ready:   ( BOOT_STOP @shut_down                              -> stopping
		         | (event - BOOT_STOP) @ignore                       -> ready ),
		failed:   ( event @in_failed -> failed ),
		stopping: ( event @in_stopping -> stopping )
	);
	main := life $step %names;
}%%

%% write data noerror nofinal;

void boot_init(struct boot *m)
{
	m->timer = 0u;
	m->secured = 0u;
	%% write init;
}

uint32_t boot_step(struct boot *m, enum boot_event event, uint32_t n)
{
	const unsigned char symbol = (unsigned char)event;
	unsigned p = 0u;
	uint32_t effects = 0u;

	%% write exec noend;
	return effects;
}
