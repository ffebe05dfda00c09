/* copy_job: the receiving side of a copy. Page: spec/copy_job.md. */
#include "gen/copy_job.h"

%%{
	machine copy_job;
	alphtype unsigned char;
	import "copy_job_event.h";
	access m->;
	getkey symbol;

	action create { effects += COPY_JOB_DO_CREATE; }
	action place { effects += COPY_JOB_DO_PLACE; }
	action store { effects += COPY_JOB_DO_WRITE; m->pending += n; }
	action consume { effects += COPY_JOB_DO_CONSUME; m->pending -= n; }
	action verify { effects += COPY_JOB_DO_VERIFY; }
	action rename { effects += COPY_JOB_DO_RENAME; }
	action look { effects += COPY_JOB_DO_LOOK; m->asked += 1u; }
	action tell { effects += COPY_JOB_DO_TELL; m->asked = 0u; }
	action keep { effects += COPY_JOB_DO_KEEP; }
	action remove { effects += COPY_JOB_DO_REMOVE; }
	action finish { effects += COPY_JOB_DO_FINISH; }
	action report { effects += COPY_JOB_DO_REPORT; }
	action in_place { m->members += 1u; }
	action fail { m->failing = 1u; m->pending = 0u; }
	action for_that { m->reason = n; }
	action for_protocol { m->reason = SLC_REASON_PROTOCOL; }
	action for_flow { m->reason = SLC_REASON_FLOW; }
	action for_limit { m->reason = SLC_REASON_LIMIT; }
	action for_digest { m->reason = SLC_REASON_DIGEST; }
	action for_us { m->reason = SLC_REASON_INTERNAL; }
	action ignore { }

	# Ends are told apart by what keeps them, or else Ragel would merge them.
	action in_done { }
	action in_failed { }

	action has_members { m->members > 0u }
	action may_ask { m->asked < COPY_JOB_ASKED_MAX }
	action keeps { m->keeps > 0u }
	action has_room { m->members < m->limit }
	action fits { n <= COPY_JOB_PENDING_MAX - m->pending }
	action is_pending { n <= m->pending }
	action is_last { n == m->pending }
	action is_written { m->pending == 0u }
	action is_failing { m->failing == 1u }

	action step { fbreak; }

	# Never runs, since the machine has no final state: it makes Ragel name the states' numbers.
	action names {
		(void)fentry(life::ready); (void)fentry(life::looking); (void)fentry(life::making);
		(void)fentry(life::writing);
		(void)fentry(life::flushing); (void)fentry(life::verifying);
		(void)fentry(life::renaming);
		(void)fentry(life::keeping); (void)fentry(life::removing);
		(void)fentry(life::finishing);
		(void)fentry(life::done);
		(void)fentry(life::failed);
	}

	ENTRY = COPY_JOB_ENTRY;
	ITEM = COPY_JOB_ITEM;
	DATA = COPY_JOB_DATA;
	DIGEST = COPY_JOB_DIGEST;
	END = COPY_JOB_END;
	ASK = COPY_JOB_ASK;
	TELL = COPY_JOB_TELL;
	CREATED = COPY_JOB_CREATED;
	WRITTEN = COPY_JOB_WRITTEN;
	DIGEST_OK = COPY_JOB_DIGEST_OK;
	DIGEST_BAD = COPY_JOB_DIGEST_BAD;
	RENAMED = COPY_JOB_RENAMED;
	REMOVED = COPY_JOB_REMOVED;
	FINISHED = COPY_JOB_FINISHED;
	LOOKED = COPY_JOB_LOOKED;
	KEPT = COPY_JOB_KEPT;
	CREATE_FAILED = COPY_JOB_CREATE_FAILED;
	WRITE_FAILED = COPY_JOB_WRITE_FAILED;
	RENAME_FAILED = COPY_JOB_RENAME_FAILED;
	FINISH_FAILED = COPY_JOB_FINISH_FAILED;
	KEEP_FAILED = COPY_JOB_KEEP_FAILED;
	ABORT = COPY_JOB_ABORT;

	content = ENTRY | ITEM | DATA | DIGEST | END | ASK | TELL;
	answer = CREATED | WRITTEN | DIGEST_OK | DIGEST_BAD | RENAMED | REMOVED | FINISHED
	       | LOOKED | KEPT | CREATE_FAILED | WRITE_FAILED | RENAME_FAILED | FINISH_FAILED
	       | KEEP_FAILED;
	event = content | answer | ABORT;

	life = (
		start:  '' -> ready,
		ready:  ( (ENTRY when has_room) @create                                -> making
		        | (ITEM when has_room) @place                                  -> renaming
		        | ((ENTRY | ITEM) when !has_room) @fail @for_limit @report     -> failed
		        | (END when has_members) @finish                               -> finishing
		        | (END when !has_members) @fail @for_protocol @report          -> failed
		        | (DATA | DIGEST) @fail @for_protocol @report                  -> failed
		        | (ASK when may_ask) @look                                     -> looking
		        | (ASK when !may_ask) @fail @for_flow @report                  -> failed
		        | TELL @tell                                                   -> ready
		        | ABORT @fail @for_that @report                                -> failed
		        | answer @ignore                                               -> ready ),

		looking: ( LOOKED @ignore                                              -> ready
		        | content @fail @for_protocol @report                          -> failed
		        | ABORT @fail @for_that @report                                -> failed
		        | (answer - LOOKED) @ignore                                    -> looking ),

		making: ( (CREATED when is_failing) @remove                            -> removing
		        | (CREATED when !is_failing) @ignore                           -> writing
		        | (CREATE_FAILED when is_failing) @report                      -> failed
		        | (CREATE_FAILED when !is_failing) @fail @for_that @report     -> failed
		        | (content when !is_failing) @fail @for_protocol               -> making
		        | (ABORT when !is_failing) @fail @for_that                     -> making
		        | ((content | ABORT) when is_failing) @ignore                  -> making
		        | (answer - (CREATED | CREATE_FAILED)) @ignore                 -> making ),

		writing: ( (DATA when fits) @store                                     -> writing
		        | (DATA when !fits) @fail @for_flow @remove                    -> removing
		        | (WRITTEN when is_pending) @consume                           -> writing
		        | (WRITTEN when !is_pending) @fail @for_us @remove             -> removing
		        | (DIGEST when is_written) @verify                             -> verifying
		        | (DIGEST when !is_written) @ignore                            -> flushing
		        | (ENTRY | ITEM | END | ASK | TELL) @fail @for_protocol @remove -> removing
		        | ((WRITE_FAILED | ABORT) when !keeps) @fail @for_that @remove -> removing
		        | ((WRITE_FAILED | ABORT) when keeps) @fail @for_that @keep    -> keeping
		        | (answer - (WRITTEN | WRITE_FAILED)) @ignore                  -> writing ),

		flushing: ( (WRITTEN when is_pending when is_last) @consume @verify    -> verifying
		        | (WRITTEN when is_pending when !is_last) @consume             -> flushing
		        | (WRITTEN when !is_pending) @fail @for_us @remove             -> removing
		        | content @fail @for_protocol @remove                          -> removing
		        | ((WRITE_FAILED | ABORT) when !keeps) @fail @for_that @remove -> removing
		        | ((WRITE_FAILED | ABORT) when keeps) @fail @for_that @keep    -> keeping
		        | (answer - (WRITTEN | WRITE_FAILED)) @ignore -> flushing ),

		verifying: ( DIGEST_OK @rename                                         -> renaming
		        | DIGEST_BAD @fail @for_digest @remove                         -> removing
		        | content @fail @for_protocol @remove                          -> removing
		        | ABORT @fail @for_that @remove                                -> removing
		        | (answer - (DIGEST_OK | DIGEST_BAD)) @ignore -> verifying ),

		renaming: ( (RENAMED when !is_failing) @in_place                       -> ready
		        | (RENAMED when is_failing) @in_place @report                  -> failed
		        | (RENAME_FAILED when !is_failing) @fail @for_that @remove     -> removing
		        | (RENAME_FAILED when is_failing) @remove                      -> removing
		        | (content when !is_failing) @fail @for_protocol               -> renaming
		        | (ABORT when !is_failing) @fail @for_that                     -> renaming
		        | ((content | ABORT) when is_failing) @ignore                  -> renaming
		        | (answer - (RENAMED | RENAME_FAILED)) @ignore -> renaming ),

		keeping: ( KEPT @report                                                -> failed
		        | KEEP_FAILED @remove                                          -> removing
		        | (event - (KEPT | KEEP_FAILED)) @ignore -> keeping ),

		removing: ( REMOVED @report                                            -> failed
		        | (event - REMOVED) @ignore -> removing ),

		finishing: ( FINISHED @report                                          -> done
		        | FINISH_FAILED @fail @for_that @report                        -> failed
		        | (event - (FINISHED | FINISH_FAILED)) @ignore -> finishing ),

		done:   ( event @in_done                                               -> done ),
		failed: ( event @in_failed                                             -> failed )
	);
	main := life $step %names;
}%%

%% write data noerror nofinal;

void copy_job_init(struct copy_job *m, uint32_t limit, uint32_t keeps)
{
	m->limit = limit;
	m->keeps = keeps;
	m->pending = 0u;
	m->asked = 0u;
	m->members = 0u;
	m->failing = 0u;
	m->reason = 0u;
	%% write init;
}

uint32_t copy_job_step(struct copy_job *m, enum copy_job_event event, uint32_t n)
{
	const unsigned char symbol = (unsigned char)event;
	unsigned p = 0u;
	uint32_t effects = 0u;

	%% write exec noend;
	return effects;
}
