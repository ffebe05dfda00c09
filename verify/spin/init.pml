/* init: three units and the shutdown of PID 1, as services/init runs them.
 * machines: unit shutdown
 * run: safety
 * run: safety -DTRIES=0 -DASKS=1
 * run: safety -DBOUND=1
 * run: ltl -DTRIES=0
 *
 * The machines are those that were compiled (promela.py). What is written here by hand is the rest
 * of init and the world around it, and is an assumption (verify/README.md): processes, timers,
 * signals, faults, and services/init/units.c, whose decisions of order stand here a second time.
 *
 * Unit 1 requires unit 0, unit 2 comes after unit 1. A unit that fails may be tried again, as often
 * as TRIES; a process may be ready and end, in either way, at any time, or never; it may be found
 * unwell; ExecStop may never end; StopSignal may have no effect, SIGKILL has one in the end; every
 * timer that is armed may fire at any time, and does at last. An operator may ask ASKS times to stop
 * unit 0, and so unit 1, to restart them, or to start unit 1. With BOUND unit 1 is bound to unit 0.
 */
#define UNITS 3
#ifndef TRIES
#define TRIES 1
#endif
#ifndef ASKS
#define ASKS 0
#endif

#define STAY 0
#define WISH_STOP 1
#define WISH_RETURN 2

unit u[UNITS];
shutdown down;
byte tries[UNITS], wish[UNITS];
bool process[UNITS], armed[UNITS], asking[UNITS], killed[UNITS];
bool is_stopping, moved, down_armed, strays = true, all_killed, requested, over, late;
byte asks, i, comes, event, number; /* all but the first are of d_steps, which leave them at 0 */

/* --- services/init/units.c --------------------------------------------------------------------- */

#ifdef BOUND /* unit 1 is bound to unit 0: BindsTo */
#define LOSES(x) (LOST(x) || wish[x] == STAY && IN(x, DONE))
#else
#define LOSES(x) LOST(x)
#endif
#define IN(x, state) (u[x].cs == UNIT_IN_##state)
#define BUSY(x) (IN(x, STARTING) || IN(x, READY) || IN(x, STOPPING))
#define LOST(x) (wish[x] == STAY && (IN(x, INACTIVE) || IN(x, FAILED)))
#define WAITS(x) (wish[x] != STAY || \
	!(IN(x, INACTIVE) || IN(x, FAILED) || IN(x, READY) || IN(x, DONE)))
#define BEFORE(x) ((x + UNITS - 1) % UNITS)

#define IS_TO_STOP(x) (BUSY(x) && (is_stopping || wish[x] != STAY))
#define HOLDS(x) (IS_TO_STOP(x) || IN(x, STOPPING))
#define MAY_STOP(x) (x == UNITS - 1 || !HOLDS((x + 1) % UNITS))

#define FAILS(x) (IN(x, STOPPING) && u[x].then == UNIT_AS_FAILED)
#define IS_WANTED(x) (!is_stopping && wish[x] == STAY && (FAILS(x) || !IN(x, STOPPING)))

inline one_step(x, what, n)
{
	if
	:: (what == UNIT_STOP || what == UNIT_RESTART) && BUSY(x) && !IN(x, STOPPING) ->
		assert(late || MAY_STOP(x))      /* what depends on it has ended */
	:: what == UNIT_CLEAR ->
		assert(!process[x]);             /* never two */
		assert(!is_stopping);            /* none is started while all are stopped */
		assert(x != 1 || !LOSES(0) && !WAITS(0)) /* none without what it requires */
	:: else
	fi;
	comes = u[x].cs;
	unit_step(u[x], what, n);
	if
	:: comes != u[x].cs -> moved = true; armed[x] = false
	:: else
	fi;
	if
	:: effects & UNIT_DO_KILL -> killed[x] = true; asking[x] = false /* its answer is stale */
	:: else
	fi;
	if
	:: effects & UNIT_DO_ARM -> armed[x] = true
	:: else
	fi;
	if
	:: effects & UNIT_DO_ASK -> asking[x] = true
	:: else
	fi;
	if
	:: effects & UNIT_DO_SPAWN -> process[x] = true
	:: else
	fi;
	comes = 0
}

/* What was wished and came too late for the process is carried out after its end. */
inline end_process(x, well)
{
	process[x] = false;
	killed[x] = false;
	asking[x] = false;
	event = UNIT_EXITED;
	if
	:: IS_WANTED(x) && !(well && IN(x, READY)) && tries[x] < TRIES ->
		tries[x]++;
		number = UNIT_AGAIN
	:: else -> number = (well && IN(x, READY) -> UNIT_WELL : UNIT_BADLY)
	fi;
	do
	:: event != 0 ->
		one_step(x, event, number);
		number = 0;
		if
		:: event == UNIT_EXITED && wish[x] != STAY -> event = UNIT_RESET
		:: event == UNIT_RESET ->
			event = (wish[x] == WISH_RETURN -> UNIT_START : UNIT_STOP);
			wish[x] = STAY
		:: else -> event = 0
		fi
	:: else -> break
	od;
	advance()
}

inline advance()
{
	moved = true;
	do
	:: moved ->
		moved = false;
		i = 0;
		do
		:: i < UNITS ->
			if
#ifdef BOUND
			:: !is_stopping && i == 1 && wish[1] == STAY && (IN(1, STARTING) || IN(1, READY)) &&
			   !(wish[0] == STAY && IN(0, READY)) ->
				wish[1] = WISH_RETURN;
				moved = true;
				event = 0
#endif
			:: IS_TO_STOP(i) && MAY_STOP(i) ->
				event = (wish[i] == WISH_RETURN && !is_stopping -> UNIT_RESTART : UNIT_STOP);
				wish[i] = STAY
			:: is_stopping && (IN(i, BLOCKED) || IN(i, BACKOFF)) -> event = UNIT_STOP
			:: !is_stopping && IN(i, BLOCKED) && i == 1 && LOSES(0) -> event = UNIT_DENY
			:: !is_stopping && IN(i, BLOCKED) &&
			   (i == 0 || !WAITS(BEFORE(i)) && !(i == 1 && LOSES(0))) ->
				event = UNIT_CLEAR
			:: else -> event = 0
			fi;
			if
			:: event != 0 -> one_step(i, event, 0)
			:: else
			fi;
			i++
		:: else -> break
		od
	:: else -> break
	od;
	i = 0;
	event = 0;
	if
	:: is_stopping && !BUSY(0) && !BUSY(1) && !BUSY(2) -> down_step(SHUTDOWN_ALL_STOPPED, 0)
	:: else
	fi
}

inline deliver(x, what, n)
{
	one_step(x, what, n);
	advance()
}

/* --- services/init/units_ask.c ----------------------------------------------------------------- */

inline halt(how) /* unit 0, and unit 1, which requires it */
{
	i = 0;
	do
	:: i < 2 ->
		if
		:: BUSY(i) && !IN(i, STOPPING) -> wish[i] = how; event = 0
		:: IN(i, STOPPING) -> event = (how == WISH_STOP -> UNIT_STOP : UNIT_RESTART)
		:: else -> event = (how == WISH_STOP -> UNIT_STOP : 0)
		fi;
		if
		:: event != 0 -> one_step(i, event, 0)
		:: else
		fi;
		i++
	:: else -> break
	od;
	advance()
}

#define IS_DOWN(x) (IN(x, INACTIVE) || wish[x] != STAY || \
	IN(x, STOPPING) && u[x].then == UNIT_STAYS_DOWN)

inline ask_start() /* unit 1, and unit 0 where that is down */
{
	i = 0;
	do
	:: i < 2 ->
		event = (i == 1 || IS_DOWN(0) -> UNIT_RESET : 0);
		if
		:: event != 0 && wish[i] != STAY -> wish[i] = WISH_RETURN; event = 0
		:: else
		fi;
		do
		:: event != 0 ->
			one_step(i, event, 0);
			event = (event == UNIT_RESET -> UNIT_START : 0)
		:: else -> break
		od;
		i++
	:: else -> break
	od;
	advance()
}

/* --- services/init/shutdown.c ------------------------------------------------------------------ */

inline down_step(what, n)
{
	shutdown_step(down, what, n);
	if
	:: effects & SHUTDOWN_DO_ARM -> down_armed = true
	:: else
	fi;
	if
	:: effects & SHUTDOWN_DO_TERM_ALL ->
		late = down.forced == 1;
		assert(late || (!process[0] && !process[1] && !process[2]))
	:: else
	fi;
	if
	:: effects & SHUTDOWN_DO_KILL_ALL -> all_killed = true
	:: else
	fi;
	if
	:: effects & SHUTDOWN_DO_FINISH -> over = true
	:: else
	fi
}

/* --- The world --------------------------------------------------------------------------------- */

proctype life(byte x) /* a process: does what it likes, or nothing */
{
end:	do
	:: d_step { process[x] && IN(x, STARTING) -> deliver(x, UNIT_READY, 0) }
	:: d_step { process[x] -> end_process(x, 1) }
	:: d_step { process[x] -> end_process(x, 0) }
	:: d_step { process[x] && (IN(x, STARTING) || IN(x, READY)) -> deliver(x, UNIT_FAIL, 0) }
	:: d_step { asking[x] -> asking[x] = false; deliver(x, UNIT_ASKED, CURRENT) }
	:: process[x] -> skip
	od
}

proctype fate(byte x) /* SIGKILL */
{
end:	do
	:: d_step { (killed[x] || all_killed) && process[x] -> end_process(x, 0) }
	od
}

proctype clock(byte x) /* a unit's timer */
{
end:	do
	:: d_step { armed[x] -> armed[x] = false; deliver(x, UNIT_TIMEOUT, CURRENT) }
	od
}

proctype operator()
{
end:	do
	:: d_step { asks < ASKS && !is_stopping -> asks++; halt(WISH_STOP) }
	:: d_step { asks < ASKS && !is_stopping && BUSY(0) -> asks++; halt(WISH_RETURN) }
	:: d_step { asks < ASKS && !is_stopping && !IN(0, FAILED) -> asks++; ask_start() }
	od
}

proctype down_clock()
{
end:	do
	:: d_step { down_armed -> down_armed = false; down_step(SHUTDOWN_TIMEOUT, CURRENT) }
	od
}

#define EMPTY (!process[0] && !process[1] && !process[2] && !strays)

proctype system() /* asks for the end, or never; processes of no unit; disks; the host */
{
end:	do
	:: d_step { !requested -> requested = true; down_step(SHUTDOWN_REQUEST, SHUTDOWN_REBOOT);
		is_stopping = true; advance() }
	:: d_step { requested -> down_step(SHUTDOWN_REQUEST, SHUTDOWN_HALT) } /* a second one */
	:: d_step { strays -> strays = false }
	:: d_step { (down.cs == SHUTDOWN_IN_TERM || down.cs == SHUTDOWN_IN_KILL) && EMPTY ->
		down_step(SHUTDOWN_ALL_GONE, 0) }
	:: d_step { down.cs == SHUTDOWN_IN_SYNC -> down_step(SHUTDOWN_SYNCED, 0) }
	:: d_step { down.cs == SHUTDOWN_IN_UNMOUNT -> down_step(SHUTDOWN_UNMOUNTED, 0) }
	:: d_step { down.cs == SHUTDOWN_IN_FAREWELL -> down_step(SHUTDOWN_SAID, 0) }
	:: down.cs != SHUTDOWN_IN_OVER -> skip
	od
}

init
{
	d_step {
		unit_init(u[0]);
		unit_init(u[1]);
		unit_init(u[2]);
		shutdown_init(down);
		do
		:: i < UNITS -> one_step(i, UNIT_START, 0); i++
		:: else -> break
		od;
		advance()
	}
	atomic {
		run life(0); run life(1); run life(2);
		run fate(0); run fate(1); run fate(2);
		run clock(0); run clock(1); run clock(2);
		run down_clock();
		run operator();
		run system()
	}
}

/* --- What is shown ------------------------------------------------------------------------------ */

ltl a_stop_ends_stopped_0 { [] (IN(0, STOPPING) -> <> !IN(0, STOPPING)) }
ltl a_stop_ends_stopped_1 { [] (IN(1, STOPPING) -> <> !IN(1, STOPPING)) }
ltl a_stop_ends_stopped_2 { [] (IN(2, STOPPING) -> <> !IN(2, STOPPING)) }
ltl a_start_ends { [] (IN(0, STARTING) -> <> !IN(0, STARTING)) }
ltl a_wait_ends { [] (IN(0, BACKOFF) -> <> !IN(0, BACKOFF)) }
ltl nobody_waits_for_ever { [] (IN(2, BLOCKED) -> <> !IN(2, BLOCKED)) }
ltl a_request_ends_it { [] (requested -> <> over) }
ltl its_end_is_kept { [] (requested -> [] (down.how == SHUTDOWN_REBOOT)) }
