/* exec_job: one command that a client runs inside. Page: spec/exec_job.md. */
#include "gen/exec_job.h"

%%{
	machine exec_job;
	alphtype unsigned char;
	import "exec_job_event.h";
	access m->;
	getkey symbol;

	action spawn { effects += EXEC_JOB_DO_SPAWN; }
	action signal { effects += EXEC_JOB_DO_SIGNAL; m->signal = n; }
	action term { effects += EXEC_JOB_DO_TERM; }
	action kill { effects += EXEC_JOB_DO_KILL; }
	action write_input { effects += EXEC_JOB_DO_WRITE_INPUT; }
	action drop_input { effects += EXEC_JOB_DO_DROP_INPUT; }
	action close_input { effects += EXEC_JOB_DO_CLOSE_INPUT; m->input = 0u; }
	action close { effects += EXEC_JOB_DO_CLOSE; }
	action report { effects += EXEC_JOB_DO_REPORT; }
	action release { effects += EXEC_JOB_DO_RELEASE; }
	action reap { effects += EXEC_JOB_DO_REAP; }
	action arm { effects += EXEC_JOB_DO_ARM; m->timer += 1u; }
	action exited { m->status = n % 256u; }
	action killed { m->status = 128u + n % 128u; }
	action not_started { m->status = n; }
	action output_ended { m->output = 0u; }
	action lost { m->lost = 1u; }
	action detach { m->detached = 1u; }
	action ignore { }

	# The end is told apart by what keeps it.
	action in_done { }

	action current { n == m->timer }
	action is_signal { 1u <= n && n <= EXEC_JOB_SIGNAL_MAX }
	action is_reason { 125u <= n && n <= 127u }
	action reads { m->input == 1u }
	action writes { m->output == 1u }
	action is_attached { m->detached == 0u }
	action is_awaited { m->output == 1u && m->lost == 0u }

	action step { fbreak; }

	# Never runs, since the machine has no final state: it makes Ragel name the states' numbers.
	action names {
		(void)fentry(life::requested); (void)fentry(life::starting);
		(void)fentry(life::running);
		(void)fentry(life::stopping); (void)fentry(life::draining);
		(void)fentry(life::lingering);
		(void)fentry(life::done);
	}

	START = EXEC_JOB_START;
	STOP = EXEC_JOB_STOP;
	SIGNAL = EXEC_JOB_SIGNAL;
	INPUT = EXEC_JOB_INPUT;
	INPUT_ENDED = EXEC_JOB_INPUT_ENDED;
	INPUT_BROKEN = EXEC_JOB_INPUT_BROKEN;
	OUTPUT_ENDED = EXEC_JOB_OUTPUT_ENDED;
	DRAINED = EXEC_JOB_DRAINED;
	STARTED = EXEC_JOB_STARTED;
	NOT_STARTED = EXEC_JOB_NOT_STARTED;
	EXITED = EXEC_JOB_EXITED;
	KILLED = EXEC_JOB_KILLED;
	CLIENT_LOST = EXEC_JOB_CLIENT_LOST;
	TIMEOUT = EXEC_JOB_TIMEOUT;
	DETACH = EXEC_JOB_DETACH;

	event = START | STOP | SIGNAL | INPUT | INPUT_ENDED | INPUT_BROKEN | OUTPUT_ENDED | DRAINED
	      | STARTED | NOT_STARTED | EXITED | KILLED | CLIENT_LOST | TIMEOUT
	      | DETACH;

	life = (
		start:     '' -> requested,
		requested: ( START @spawn @arm                                       -> starting
		           | (STOP | CLIENT_LOST) @report                            -> done
		           | DETACH @detach                                          -> requested
		           | (event - (START | STOP | CLIENT_LOST | DETACH)) @ignore -> requested ),

		starting:  ( (STARTED when is_attached) @ignore                      -> running
		           | (STARTED when !is_attached) @release                    -> running
		           | (NOT_STARTED when is_reason) @not_started @close @report -> done
		           | (NOT_STARTED when !is_reason) @close @report            -> done
		           | (EXITED when writes) @exited                            -> draining
		           | (EXITED when !writes) @exited @kill @close @report @reap -> done
		           | (KILLED when writes) @killed                            -> draining
		           | (KILLED when !writes) @killed @kill @close @report @reap -> done
		           | STOP @term @arm                                         -> stopping
		           | CLIENT_LOST @lost @term @arm                            -> stopping
		           | (TIMEOUT when current) @term @arm                       -> stopping
		           | (TIMEOUT when !current) @ignore                         -> starting
		           | (SIGNAL when is_signal) @signal                         -> starting
		           | (SIGNAL when !is_signal) @ignore                        -> starting
		           | (INPUT when reads) @write_input                         -> starting
		           | (INPUT when !reads) @drop_input                         -> starting
		           | ((INPUT_ENDED | INPUT_BROKEN) when reads) @close_input  -> starting
		           | ((INPUT_ENDED | INPUT_BROKEN) when !reads) @ignore      -> starting
		           | OUTPUT_ENDED @output_ended                              -> starting
		           | (START | DRAINED | DETACH) @ignore                      -> starting ),

		running:   ( (EXITED when writes) @exited                            -> draining
		           | (EXITED when !writes) @exited @kill @close @report @reap -> done
		           | (KILLED when writes) @killed                            -> draining
		           | (KILLED when !writes) @killed @kill @close @report @reap -> done
		           | STOP @term @arm                                         -> stopping
		           | (CLIENT_LOST when is_attached) @lost @term @arm         -> stopping
		           | (CLIENT_LOST when !is_attached) @ignore                 -> running
		           | (SIGNAL when is_signal) @signal                         -> running
		           | (SIGNAL when !is_signal) @ignore                        -> running
		           | (INPUT when reads) @write_input                         -> running
		           | (INPUT when !reads) @drop_input                         -> running
		           | ((INPUT_ENDED | INPUT_BROKEN) when reads) @close_input  -> running
		           | ((INPUT_ENDED | INPUT_BROKEN) when !reads) @ignore      -> running
		           | OUTPUT_ENDED @output_ended                              -> running
		           | (START | DRAINED | STARTED | NOT_STARTED | TIMEOUT | DETACH) @ignore
		                                                                     -> running ),

		stopping:  ( (EXITED when is_awaited) @exited                        -> draining
		           | (EXITED when !is_awaited) @exited @kill @close @report @reap -> done
		           | (KILLED when is_awaited) @killed                        -> draining
		           | (KILLED when !is_awaited) @killed @kill @close @report @reap -> done
		           | (NOT_STARTED when is_reason) @not_started @close @report -> done
		           | (NOT_STARTED when !is_reason) @close @report            -> done
		           | (TIMEOUT when current) @kill @arm                       -> stopping
		           | (TIMEOUT when !current) @ignore                         -> stopping
		           | CLIENT_LOST @lost                                       -> stopping
		           | (SIGNAL when is_signal) @signal                         -> stopping
		           | (SIGNAL when !is_signal) @ignore                        -> stopping
		           | INPUT @drop_input                                       -> stopping
		           | OUTPUT_ENDED @output_ended                              -> stopping
		           | (START | STOP | INPUT_ENDED | INPUT_BROKEN | DRAINED | STARTED
		             | DETACH) @ignore
		                                                                     -> stopping ),

		draining:  ( (OUTPUT_ENDED | STOP) @kill @close @report @reap        -> done
		           | (CLIENT_LOST when is_attached) @kill @close @report @reap -> done
		           | (CLIENT_LOST when !is_attached) @ignore                 -> draining
		           | DRAINED @arm                                            -> lingering
		           | (SIGNAL when is_signal) @signal                         -> draining
		           | (SIGNAL when !is_signal) @ignore                        -> draining
		           | INPUT @drop_input                                       -> draining
		           | (START | INPUT_ENDED | INPUT_BROKEN | STARTED | NOT_STARTED | EXITED
		             | KILLED | TIMEOUT | DETACH) @ignore                    -> draining ),

		lingering: ( (OUTPUT_ENDED | STOP) @kill @close @report @reap        -> done
		           | (CLIENT_LOST when is_attached) @kill @close @report @reap -> done
		           | (CLIENT_LOST when !is_attached) @ignore                 -> lingering
		           | (TIMEOUT when current) @kill @close @report @reap       -> done
		           | (TIMEOUT when !current) @ignore                         -> lingering
		           | (SIGNAL when is_signal) @signal                         -> lingering
		           | (SIGNAL when !is_signal) @ignore                        -> lingering
		           | INPUT @drop_input                                       -> lingering
		           | (START | INPUT_ENDED | INPUT_BROKEN | DRAINED | STARTED | NOT_STARTED
		             | EXITED | KILLED | DETACH) @ignore                     -> lingering ),

		done:      ( event @in_done                                          -> done )
	);
	main := life $step %names;
}%%

%% write data noerror nofinal;

void exec_job_init(struct exec_job *m)
{
	m->timer = 0u;
	m->input = 1u;
	m->output = 1u;
	m->lost = 0u;
	m->detached = 0u;
	m->signal = 0u;
	m->status = EXEC_JOB_FAILED;
	%% write init;
}

uint32_t exec_job_step(struct exec_job *m, enum exec_job_event event, uint32_t n)
{
	const unsigned char symbol = (unsigned char)event;
	unsigned p = 0u;
	uint32_t effects = 0u;

	%% write exec noend;
	return effects;
}
