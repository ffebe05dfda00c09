/* slc: the two ends of a session with one exec: the client, the service, its job, the process.
 * machines: slc_session slc_channel exec_job
 * run: safety
 * run: safety -DINPUTS=0 -DERRORS=1 -DSIGNALS=1 -DFAULTS=1
 * run: safety -DINPUTS=0 -DOUTPUTS=0 -DTICKS=2
 * run: cycles -DFAULTS=1
 *
 * The machines are those that were compiled (promela.py). What is written here by hand is what
 * stands between them (runtime/channel/session_*.c, services/slc/job*.c) and the world, and is an
 * assumption (verify/README.md): a transport that keeps the order, takes any time, and may break at
 * any moment; owners and a process that do whatever they may, in any order, or stay silent; every
 * timer that is armed fires at last, when nothing else happens, or early; SIGKILL ends a process in
 * the end. Numbers are small: one byte of credit, and the bounds below. What goes wrong (a break, an
 * early timer, a client that gives up, a service that closes) does so FAULTS times in a run.
 *
 * What happens is an event in `todo`. The engine steps the machines and puts what follows behind
 * it; nothing else happens until it is empty.
 */
#define CLIENT 0
#define SERVER 1
#define PEER(x) (1 - (x))
#define ROOM 12

#ifndef INPUTS
#define INPUTS 1 /* bytes that the client sends */
#endif
#ifndef OUTPUTS
#define OUTPUTS 1 /* bytes that the process writes to its output */
#endif
#ifndef ERRORS
#define ERRORS 0 /* and to its error output */
#endif
#ifndef SIGNALS
#define SIGNALS 0 /* that the client sends */
#endif
#ifndef FAULTS
#define FAULTS 2
#endif
#ifndef TICKS
#define TICKS 0 /* times that an end's keepalive may fire */
#endif

mtype = { SESSION, CHANNEL, JOB, HELLO, OPEN, ACCEPT, REFUSE, DATA, DATA_ERROR, END, END_ERROR,
	CREDIT, MESSAGE, STATUS, RESET, PING, PONG, GOODBYE, NOTHING };

slc_session s[2];
slc_channel c[2];
exec_job job;
chan wire[2] = [ROOM] of { mtype, byte };      /* to each end */
chan todo = [8] of { mtype, byte, byte, byte }; /* machine, end, event, n */

bool is_open[2]; /* the session was told to be open */
bool is_silent[2]; /* this end sends nothing more: its GOODBYE is out, or its transport is closed */
bool is_closed[2]; /* this end has closed its transport */
bool is_broken;    /* the transport */
bool has_lost[2];  /* this end has been told so */
bool s_armed[2], c_armed[2], job_armed;
byte faults, ticks[2], sent, signalled, written, written_error;

bool has_channel[2]; /* its number is taken */
bool has_asked, wants_answer, has_job, job_has_channel, input_waits;
byte reports[2], session_reports[2], statuses, status_seen, job_reports;

#define NONE 0
#define ASKED 1
#define RUNS 2
#define ENDED 3
byte process;
bool killed, output_open, error_open;

#define REST empty(todo)
#define OPEN_AT(x) (has_channel[x] && c[x].cs == SLC_CHANNEL_IN_OPEN)
#define DOES(set, bit) ((set) & (bit))

inline happen(machine, x, event, n)
{
	assert(nfull(todo));
	todo!machine, x, event, n
}

inline put(x, kind, number) /* end x sends */
{
	if
	:: !is_silent[x] && !is_closed[PEER(x)] && !is_broken ->
		assert(nfull(wire[PEER(x)]));
		wire[PEER(x)]!kind, number
	:: else
	fi
}

/* --- The engine --------------------------------------------------------------------------------- */

inline perform_session(x)
{
	if
	:: DOES(effects, SLC_SESSION_DO_SEND_HELLO) -> put(x, HELLO, SLC_VERSION)
	:: DOES(effects, SLC_SESSION_DO_SEND_PING) -> put(x, PING, 0)
	:: DOES(effects, SLC_SESSION_DO_SEND_PONG) -> put(x, PONG, 0)
	:: DOES(effects, SLC_SESSION_DO_REFUSE_CHANNEL) -> put(x, REFUSE, 1)
	:: DOES(effects, SLC_SESSION_DO_START_AUTH) -> happen(SESSION, x, SLC_SESSION_NO_AUTH, 0)
	:: DOES(effects, SLC_SESSION_DO_OPENED) -> is_open[x] = true
	:: DOES(effects, SLC_SESSION_DO_ADMIT_CHANNEL | SLC_SESSION_DO_OPEN_CHANNEL) ->
		has_channel[x] = true;
		slc_channel_init(c[x], 1, 1);
		happen(CHANNEL, x, (x == CLIENT -> SLC_CHANNEL_OPEN : SLC_CHANNEL_ASKED), 0)
	:: DOES(effects, SLC_SESSION_DO_FAIL_CHANNELS) && has_channel[x] ->
		happen(CHANNEL, x, SLC_CHANNEL_LOST, 0)
	:: else
	fi;
	if
	:: DOES(effects, SLC_SESSION_DO_SEND_GOODBYE) ->
		put(x, GOODBYE, s[x].reason);
		is_silent[x] = true
	:: else
	fi;
	if
	:: DOES(effects, SLC_SESSION_DO_CLOSE_TRANSPORT) -> is_closed[x] = true; is_silent[x] = true
	:: else
	fi;
	if
	:: DOES(effects, SLC_SESSION_DO_ARM) -> s_armed[x] = true
	:: else
	fi;
	if
	:: DOES(effects, SLC_SESSION_DO_REPORT) -> session_reports[x]++; s_armed[x] = false
	:: else
	fi
}

inline which_frame(x, event, n)
{
	kind = NOTHING;
	value = n;
	if
	:: DOES(effects, SLC_CHANNEL_DO_SEND_OPEN) -> kind = OPEN
	:: DOES(effects, SLC_CHANNEL_DO_SEND_ACCEPT) -> kind = ACCEPT
	:: DOES(effects, SLC_CHANNEL_DO_SEND_REFUSE) -> kind = REFUSE
	:: DOES(effects, SLC_CHANNEL_DO_TRANSMIT) ->
		kind = (event == SLC_CHANNEL_SEND -> DATA : DATA_ERROR)
	:: DOES(effects, SLC_CHANNEL_DO_SEND_END) ->
		kind = (event == SLC_CHANNEL_FINISH -> END : END_ERROR)
	:: DOES(effects, SLC_CHANNEL_DO_SEND_CREDIT) -> kind = CREDIT; value = c[x].granted
	:: DOES(effects, SLC_CHANNEL_DO_SEND_MESSAGE) -> kind = MESSAGE
	:: DOES(effects, SLC_CHANNEL_DO_SEND_STATUS) -> kind = STATUS; value = job.status
	:: DOES(effects, SLC_CHANNEL_DO_SEND_RESET) -> kind = RESET; value = c[x].reason
	:: else
	fi
}

/* What the service's job hears of its channel, and what the client does. */
inline deliver(x, event, n)
{
	if
	:: x == SERVER && event == SLC_CHANNEL_DATA -> happen(JOB, 0, EXEC_JOB_INPUT, 0)
	:: x == SERVER && event == SLC_CHANNEL_END -> happen(JOB, 0, EXEC_JOB_INPUT_ENDED, 0)
	:: x == SERVER && event == SLC_CHANNEL_MESSAGE -> happen(JOB, 0, EXEC_JOB_SIGNAL, n)
	:: event == SLC_CHANNEL_STATUS -> statuses++; status_seen = n
	:: else
	fi
}

inline perform_channel(x, event, n)
{
	which_frame(x, event, n);
	if
	:: DOES(effects, SLC_CHANNEL_DO_ASK) -> wants_answer = true
	:: DOES(effects, SLC_CHANNEL_DO_DELIVER) -> deliver(x, event, n)
	:: else
	fi;
	if
	:: DOES(effects, SLC_CHANNEL_DO_ARM) -> c_armed[x] = true
	:: else
	fi;
	if
	:: DOES(effects, SLC_CHANNEL_DO_REPORT) ->
		reports[x]++;
		/* neither of two ends of ours ever breaks the protocol */
		assert(c[x].reason != SLC_REASON_PROTOCOL && c[x].reason != SLC_REASON_FLOW);
		if
		:: x == SERVER && job_has_channel ->
			job_has_channel = false;
			happen(JOB, 0, EXEC_JOB_CLIENT_LOST, 0)
		:: else
		fi
	:: else
	fi;
	if
	:: DOES(effects, SLC_CHANNEL_DO_BREAK_SESSION) ->
		happen(SESSION, x, SLC_SESSION_BAD_FRAME, SLC_REASON_TIMEOUT)
	:: else
	fi;
	if
	:: DOES(effects, SLC_CHANNEL_DO_RELEASE) ->
		has_channel[x] = false;
		c_armed[x] = false;
		happen(SESSION, x, SLC_SESSION_CHANNEL_ENDED, 0)
	:: else
	fi;
	if
	:: kind != NOTHING ->
		slc_session_step(s[x], SLC_SESSION_SEND, 0);
		if
		:: DOES(effects, SLC_SESSION_DO_TRANSMIT) -> put(x, kind, value)
		:: else
		fi
	:: else
	fi
}

inline perform_job()
{
	if
	:: DOES(effects, EXEC_JOB_DO_SPAWN) -> process = ASKED; output_open = true; error_open = true
	:: DOES(effects, EXEC_JOB_DO_WRITE_INPUT) -> input_waits = true
	:: DOES(effects, EXEC_JOB_DO_DROP_INPUT) && job_has_channel ->
		happen(CHANNEL, SERVER, SLC_CHANNEL_CONSUMED, 1)
	:: else
	fi;
	if
	:: DOES(effects, EXEC_JOB_DO_KILL) -> killed = true
	:: else
	fi;
	if
	:: DOES(effects, EXEC_JOB_DO_ARM) -> job_armed = true
	:: else
	fi;
	if
	:: DOES(effects, EXEC_JOB_DO_CLOSE) ->
		output_open = false;
		error_open = false;
		input_waits = false;
		job_armed = false
	:: else
	fi;
	if
	:: DOES(effects, EXEC_JOB_DO_REPORT) ->
		job_reports++;
		assert(process == NONE || process == ENDED); /* nothing of a job outlives it */
		if
		:: job_has_channel ->
			happen(CHANNEL, SERVER, SLC_CHANNEL_FINISH, 0);
			happen(CHANNEL, SERVER, SLC_CHANNEL_FINISH_ERROR, 0);
			happen(CHANNEL, SERVER, SLC_CHANNEL_CONCLUDE, 0)
		:: else
		fi
	:: else
	fi
}

active proctype engine()
{
	mtype machine, kind;
	byte x, event, n, value;
end:	do
	:: d_step {
		nempty(todo);
		do
		:: len(todo) > 0 ->
			todo?machine, x, event, n;
			if
			:: machine == SESSION -> slc_session_step(s[x], event, n); perform_session(x)
			:: machine == CHANNEL && has_channel[x] ->
				slc_channel_step(c[x], event, n);
				perform_channel(x, event, n)
			:: machine == JOB && has_job -> exec_job_step(job, event, n); perform_job()
			:: (machine == CHANNEL && !has_channel[x]) || (machine == JOB && !has_job) /* late */
			fi
		:: len(todo) == 0 -> break
		od;
		machine = 0; kind = 0; x = 0; event = 0; n = 0; value = 0; effects = 0
	}
	od
}

/* --- What arrives -------------------------------------------------------------------------------- */

/* A frame of a channel goes by its session to the channel; one that is late, to nobody. */
inline pass(x, what, n)
{
	slc_session_step(s[x], SLC_SESSION_FRAME, 0);
	if
	:: DOES(effects, SLC_SESSION_DO_DELIVER) && has_channel[x] -> happen(CHANNEL, x, what, n)
	:: else
	fi;
	effects = 0
}

inline arrive(x, kind, n)
{
	what = 0;
	if
	:: is_closed[x]
	:: !is_closed[x] && kind == HELLO -> happen(SESSION, x, SLC_SESSION_PEER_HELLO, n)
	:: !is_closed[x] && kind == OPEN -> happen(SESSION, x, SLC_SESSION_OPEN, 0)
	:: !is_closed[x] && kind == PING -> happen(SESSION, x, SLC_SESSION_PING, 0)
	:: !is_closed[x] && kind == PONG -> happen(SESSION, x, SLC_SESSION_PONG, 0)
	:: !is_closed[x] && kind == GOODBYE -> happen(SESSION, x, SLC_SESSION_GOODBYE, n)
	:: !is_closed[x] && kind == ACCEPT -> what = SLC_CHANNEL_ACCEPTED
	:: !is_closed[x] && kind == REFUSE -> what = SLC_CHANNEL_REFUSED
	:: !is_closed[x] && kind == DATA -> what = SLC_CHANNEL_DATA
	:: !is_closed[x] && kind == DATA_ERROR -> what = SLC_CHANNEL_DATA_ERROR
	:: !is_closed[x] && kind == END -> what = SLC_CHANNEL_END
	:: !is_closed[x] && kind == END_ERROR -> what = SLC_CHANNEL_END_ERROR
	:: !is_closed[x] && kind == CREDIT -> what = SLC_CHANNEL_CREDIT
	:: !is_closed[x] && kind == MESSAGE -> what = SLC_CHANNEL_MESSAGE
	:: !is_closed[x] && kind == STATUS -> what = SLC_CHANNEL_STATUS
	:: !is_closed[x] && kind == RESET -> what = SLC_CHANNEL_RESET
	fi;
	if
	:: what != 0 -> pass(x, what, n)
	:: else
	fi
}

proctype transport(byte x)
{
	mtype kind;
	byte n, what;
end:	do
	:: d_step { REST && nempty(wire[x]) -> wire[x]?kind, n; arrive(x, kind, n);
		kind = 0; n = 0; what = 0 }
	:: d_step { REST && !has_lost[x] && !is_closed[x] && empty(wire[x]) &&
		(is_silent[PEER(x)] || is_broken) -> has_lost[x] = true;
		happen(SESSION, x, SLC_SESSION_LOST, 0) }
	od
}

/* The transport breaks: what was on its way is lost. */
proctype fault()
{
end:	d_step {
		REST && faults < FAULTS;
		faults++;
		is_broken = true;
		do
		:: len(wire[CLIENT]) > 0 -> wire[CLIENT]?_, _
		:: len(wire[SERVER]) > 0 -> wire[SERVER]?_, _
		:: len(wire[CLIENT]) + len(wire[SERVER]) == 0 -> break
		od
	}
}

/* --- Timers -------------------------------------------------------------------------------------- */

#define FIRES(armed) (REST && (armed) && faults < FAULTS)
#define S_ARMED(x) (s_armed[x] && (s[x].cs != SLC_SESSION_IN_OPEN || ticks[x] < TICKS))

inline s_fire(x)
{
	s_armed[x] = false;
	ticks[x] = (s[x].cs == SLC_SESSION_IN_OPEN -> ticks[x] + 1 : ticks[x]);
	happen(SESSION, x, SLC_SESSION_TIMEOUT, CURRENT)
}

inline c_fire(x)
{
	c_armed[x] = false;
	happen(CHANNEL, x, SLC_CHANNEL_TIMEOUT, CURRENT)
}

inline job_fire()
{
	job_armed = false;
	happen(JOB, 0, EXEC_JOB_TIMEOUT, CURRENT)
}

/* Early: a keepalive that has fired TICKS times goes on unseen. */
proctype early(byte x)
{
end:	do
	:: d_step { FIRES(S_ARMED(x)) -> faults++; s_fire(x) }
	:: d_step { FIRES(c_armed[x]) -> faults++; c_fire(x) }
	:: d_step { FIRES(x == SERVER && job_armed) -> faults++; job_fire() }
	od
}

/* --- The client ---------------------------------------------------------------------------------- */

proctype client()
{
end:	do
	:: d_step { REST && is_open[CLIENT] && !has_asked -> has_asked = true;
		happen(SESSION, CLIENT, SLC_SESSION_WANT, 0) }
	:: d_step { REST && OPEN_AT(CLIENT) && sent < INPUTS && c[CLIENT].send_credit > 0 &&
		c[CLIENT].send_ended == 0 -> sent++; happen(CHANNEL, CLIENT, SLC_CHANNEL_SEND, 1) }
	:: d_step { REST && OPEN_AT(CLIENT) && c[CLIENT].send_ended == 0 ->
		happen(CHANNEL, CLIENT, SLC_CHANNEL_FINISH, 0) }
	:: d_step { REST && OPEN_AT(CLIENT) && c[CLIENT].held > 0 ->
		happen(CHANNEL, CLIENT, SLC_CHANNEL_CONSUMED, 1) }
	:: d_step { REST && OPEN_AT(CLIENT) && signalled < SIGNALS -> signalled++;
		happen(CHANNEL, CLIENT, SLC_CHANNEL_TELL, 15) }
	:: d_step { REST && (OPEN_AT(CLIENT) ||
		(has_channel[CLIENT] && c[CLIENT].cs == SLC_CHANNEL_IN_OPENING)) && faults < FAULTS ->
		faults++;
		happen(CHANNEL, CLIENT, SLC_CHANNEL_ABORT, SLC_REASON_INTERNAL) }
	od
}

/* The client closes when it wants to, the service when it has to. */
proctype closes(byte x)
{
end:	d_step { REST && (x == CLIENT || faults < FAULTS) -> faults = faults + x;
		happen(SESSION, x, SLC_SESSION_CLOSE, 0) }
}

/* --- The service and its process ------------------------------------------------------------------ */

#define ANSWERS (wants_answer && has_channel[SERVER] && c[SERVER].cs == SLC_CHANNEL_IN_ASKED)
#define HAS_PIPES (process == RUNS || process == ENDED)
#define CAN_SEND (job_has_channel && OPEN_AT(SERVER) && c[SERVER].send_credit > 0)

inline output_ends(mine, other, event)
{
	mine = false;
	if
	:: job_has_channel -> happen(CHANNEL, SERVER, event, 0)
	:: else
	fi;
	if
	:: !other -> happen(JOB, 0, EXEC_JOB_OUTPUT_ENDED, 0)
	:: else
	fi
}

proctype service()
{
end:	do
	:: d_step { REST && ANSWERS -> wants_answer = false; has_job = true; job_has_channel = true;
		exec_job_init(job);
		happen(CHANNEL, SERVER, SLC_CHANNEL_ACCEPT, 0);
		happen(JOB, 0, EXEC_JOB_START, 0) }
	:: d_step { REST && ANSWERS -> wants_answer = false;
		happen(CHANNEL, SERVER, SLC_CHANNEL_REFUSE, SLC_REASON_REQUEST) }
	:: d_step { REST && output_open && HAS_PIPES && written < OUTPUTS && CAN_SEND -> written++;
		happen(CHANNEL, SERVER, SLC_CHANNEL_SEND, 1) }
	:: d_step { REST && error_open && HAS_PIPES && written_error < ERRORS && CAN_SEND ->
		written_error++; happen(CHANNEL, SERVER, SLC_CHANNEL_SEND_ERROR, 1) }
	:: d_step { REST && output_open && HAS_PIPES ->
		output_ends(output_open, error_open, SLC_CHANNEL_FINISH) }
	:: d_step { REST && error_open && HAS_PIPES ->
		output_ends(error_open, output_open, SLC_CHANNEL_FINISH_ERROR) }
	:: d_step { REST && has_job && job.cs == EXEC_JOB_IN_DRAINING ->
		happen(JOB, 0, EXEC_JOB_DRAINED, 0) }
	:: d_step { REST && input_waits -> input_waits = false; /* the process reads it */
		happen(CHANNEL, SERVER, SLC_CHANNEL_CONSUMED, 1) }
	od
}

proctype child()
{
end:	do
	:: d_step { REST && process == ASKED -> process = ENDED;
		happen(JOB, 0, EXEC_JOB_NOT_STARTED, 127) }
	:: d_step { REST && process == ASKED -> process = RUNS; happen(JOB, 0, EXEC_JOB_STARTED, 0) }
	:: d_step { REST && process == RUNS -> process = ENDED; happen(JOB, 0, EXEC_JOB_EXITED, 7) }
	od
}

proctype fate() /* SIGKILL */
{
end:	d_step { REST && killed && process == RUNS -> process = ENDED;
		happen(JOB, 0, EXEC_JOB_KILLED, 9) }
}

#define IS_OVER(x) (s[x].cs == SLC_SESSION_IN_CLOSED || s[x].cs == SLC_SESSION_IN_FAILED)

init
{
	d_step {
		slc_session_init(s[CLIENT], 0, 1);
		slc_session_init(s[SERVER], 0, 1);
		happen(SESSION, CLIENT, SLC_SESSION_START, 0);
		happen(SESSION, SERVER, SLC_SESSION_START, 0)
	}
	atomic {
		REST;
		run transport(CLIENT); run transport(SERVER);
		run early(CLIENT); run early(SERVER);
		run client(); run service(); run child(); run fate();
		run closes(CLIENT); run closes(SERVER);
		run fault()
	}
	/* When nothing happens, time passes. */
	do
	:: timeout ->
		if
		:: d_step { S_ARMED(CLIENT) -> s_fire(CLIENT) }
		:: d_step { S_ARMED(SERVER) -> s_fire(SERVER) }
		:: d_step { c_armed[CLIENT] -> c_fire(CLIENT) }
		:: d_step { c_armed[SERVER] -> c_fire(SERVER) }
		:: d_step { job_armed -> job_fire() }
		:: else -> break
		fi
	od;
	/* When no timer is left either, all is over, and each was told once. */
	skip;
	d_step {
		assert(IS_OVER(CLIENT) && IS_OVER(SERVER));
		assert(session_reports[CLIENT] == 1 && session_reports[SERVER] == 1);
		assert(!has_channel[CLIENT] && !has_channel[SERVER]);
		assert(reports[CLIENT] <= 1 && reports[SERVER] <= 1 && statuses <= 1);
		assert(!has_job || (job.cs == EXEC_JOB_IN_DONE && job_reports == 1));
		/* a status that the client has is the job's, and the service knows that it was sent */
		assert(statuses == 0 ||
			(status_seen == job.status && c[SERVER].cs == SLC_CHANNEL_IN_DONE));
		assert((c[CLIENT].cs == SLC_CHANNEL_IN_DONE) == (statuses == 1))
	}
}
