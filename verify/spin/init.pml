/* init: three units and the shutdown of PID 1, as services/init runs them.
 * machines: unit shutdown
 * run: safety
 * run: ltl -DTRIES=0
 *
 * The machines are those that were compiled (promela.py). What is written here by hand is the rest
 * of init and the world around it, and is an assumption (verify/README.md): processes, timers,
 * signals, faults, and services/init/units.c, whose decisions of order stand here a second time.
 *
 * Unit 1 requires unit 0, unit 2 comes after unit 1. A unit that fails may be tried again, as often
 * as TRIES; a process may end in either way at any time, or never; SIGTERM may have no effect,
 * SIGKILL has one in the end; every timer that is armed may fire at any time, and does at last.
 */
#define UNITS 3
#ifndef TRIES
#define TRIES 1
#endif

#define WAITING 0
#define IS_UP 1
#define DONE 2
#define LOST 3

#define NO_PROCESS 0
#define ASKED 1
#define RUNS 2

unit u[UNITS];
shutdown down;
byte standing[UNITS], process[UNITS], tries[UNITS];
bool busy[UNITS], armed[UNITS], again[UNITS], killed[UNITS];
bool is_stopping, moved, down_armed, strays = true, all_killed, requested, over, late;
byte i, needs_that; /* of d_steps, which leave them at 0 */

/* --- services/init/units.c --------------------------------------------------------------------- */

inline may_start(x, verdict) /* 0 never, 1 later, 2 now */
{
	if
	:: x == 0 -> verdict = 2
	:: x == 1 && standing[0] == LOST -> verdict = 0
	:: x > 0 && !(x == 1 && standing[0] == LOST) && standing[x - 1] == WAITING -> verdict = 1
	:: else -> verdict = 2
	fi
}

#define MAY_STOP(x) (x == UNITS - 1 || !busy[(x + 1) % UNITS])

inline settle(x)
{
	armed[x] = false;
	killed[x] = false;
	if
	:: !is_stopping && u[x].cs == UNIT_IN_FAILED && tries[x] < TRIES ->
		tries[x]++;
		standing[x] = WAITING;
		again[x] = true
	:: else ->
		standing[x] = (u[x].cs == UNIT_IN_FAILED -> LOST : DONE)
	fi
}

inline one_step(x, what, n)
{
	unit_step(u[x], what, n);
	busy[x] = u[x].cs == UNIT_IN_STARTING || u[x].cs == UNIT_IN_UP || u[x].cs == UNIT_IN_STOPPING;
	if
	:: effects & UNIT_DO_TERM ->
		/* what depends on it has ended */
		assert(!is_stopping || late || MAY_STOP(x) || what == UNIT_TIMEOUT)
	:: else
	fi;
	if
	:: effects & UNIT_DO_KILL -> killed[x] = true
	:: else
	fi;
	if
	:: effects & UNIT_DO_ARM -> armed[x] = true
	:: else
	fi;
	if
	:: effects & UNIT_DO_TELL ->
		moved = true;
		if
		:: u[x].cs == UNIT_IN_UP -> standing[x] = IS_UP
		:: else
		fi
	:: else
	fi;
	if
	:: what == UNIT_EXITED || what == UNIT_NO_PROCESS -> settle(x)
	:: else
	fi;
	if
	:: effects & UNIT_DO_SPAWN ->
		assert(process[x] == NO_PROCESS); /* never two */
		assert(!is_stopping);             /* none is started while all are stopped */
		assert(x != 1 || standing[0] != LOST); /* none without what it requires */
		process[x] = ASKED
	:: else
	fi
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
			:: is_stopping && busy[i] && MAY_STOP(i) -> one_step(i, UNIT_STOP, 0)
			:: !is_stopping && !busy[i] && standing[i] == WAITING && !again[i] ->
				may_start(i, needs_that);
				if
				:: needs_that == 0 -> standing[i] = LOST; moved = true
				:: needs_that == 1
				:: needs_that == 2 ->
					if
					:: u[i].cs == UNIT_IN_FAILED -> one_step(i, UNIT_RESET, 0)
					:: else
					fi;
					one_step(i, UNIT_START, 0)
				fi;
				needs_that = 0
			:: else
			fi;
			i++
		:: else -> break
		od
	:: else -> break
	od;
	i = 0;
	if
	:: is_stopping && !busy[0] && !busy[1] && !busy[2] -> down_step(SHUTDOWN_ALL_STOPPED, 0)
	:: else
	fi
}

inline deliver(x, what, n)
{
	one_step(x, what, n);
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
		assert(late || (process[0] == NO_PROCESS && process[1] == NO_PROCESS &&
			process[2] == NO_PROCESS))
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
	:: d_step { process[x] == ASKED -> process[x] = NO_PROCESS; deliver(x, UNIT_NO_PROCESS, 0) }
	:: d_step { process[x] == ASKED -> process[x] = RUNS; deliver(x, UNIT_SPAWNED, 0) }
	:: d_step { process[x] != NO_PROCESS -> process[x] = NO_PROCESS; deliver(x, UNIT_EXITED, 0) }
	:: d_step { process[x] != NO_PROCESS -> process[x] = NO_PROCESS; deliver(x, UNIT_EXITED, 1) }
	:: process[x] == RUNS -> skip
	od
}

proctype fate(byte x) /* SIGKILL */
{
end:	do
	:: d_step { (killed[x] || all_killed) && process[x] != NO_PROCESS ->
		process[x] = NO_PROCESS; deliver(x, UNIT_EXITED, 137) }
	od
}

proctype clock(byte x) /* a unit's timers */
{
end:	do
	:: d_step { armed[x] -> armed[x] = false; deliver(x, UNIT_TIMEOUT, CURRENT) }
	:: d_step { again[x] && !is_stopping -> again[x] = false; advance() }
	od
}

proctype down_clock()
{
end:	do
	:: d_step { down_armed -> down_armed = false; down_step(SHUTDOWN_TIMEOUT, CURRENT) }
	od
}

#define EMPTY (process[0] == NO_PROCESS && process[1] == NO_PROCESS && process[2] == NO_PROCESS && \
	!strays)

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
		advance()
	}
	atomic {
		run life(0); run life(1); run life(2);
		run fate(0); run fate(1); run fate(2);
		run clock(0); run clock(1); run clock(2);
		run down_clock();
		run system()
	}
}

/* --- What is shown ------------------------------------------------------------------------------ */

#define STOPS(x) (u[x].cs == UNIT_IN_STOPPING)
#define HAS_ENDED(x) (u[x].cs == UNIT_IN_INACTIVE || u[x].cs == UNIT_IN_FAILED)

ltl a_stop_ends_stopped_0 { [] (STOPS(0) -> <> HAS_ENDED(0)) }
ltl a_stop_ends_stopped_1 { [] (STOPS(1) -> <> HAS_ENDED(1)) }
ltl a_stop_ends_stopped_2 { [] (STOPS(2) -> <> HAS_ENDED(2)) }
ltl a_start_ends { [] (u[0].cs == UNIT_IN_STARTING -> <> (u[0].cs != UNIT_IN_STARTING)) }
ltl a_request_ends_it { [] (requested -> <> over) }
ltl its_end_is_kept { [] (requested -> [] (down.how == SHUTDOWN_REBOOT)) }
