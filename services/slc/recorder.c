/* recorder: see recorder.h. */
#include "services/slc/recorder.h"

#include "runtime/channel/fields.h"
#include "runtime/kernel/log.h"
#include "services/slc/attester.h"
#include "services/slc/request.h"

int recorder_open(struct recorder *recorder, const struct settings *settings, struct fault *fault)
{
	recorder->nsm = settings->nsm;
	recorder->must_mark = !settings->is_insecure;
	if (ledger_open(&recorder->ledger, settings->records, fault) != 0)
		return -1;
	return settings->folder != NULL ? ledger_keep(&recorder->ledger, settings->folder, fault)
					: 0;
}

void recorder_close(struct recorder *recorder)
{
	ledger_close(&recorder->ledger);
}

bool recorder_lets(const struct recorder *recorder, uint32_t type)
{
	return !request_enters(type) || !recorder->must_mark || recorder->ledger.is_marked;
}

/* --- Records ---------------------------------------------------------------------------------- */

bool recorder_session(struct recorder *recorder, const struct packet *packet)
{
	struct record record = {.kind = RECORD_SESSION, .session = packet->number};
	struct fields row = fields_of(packet->bytes, packet->size);
	struct field key, peer, none;
	struct fault fault;

	return fields_next(&row, &key) == FIELDS_NEXT && key.tag == SLC_RECORD_WHAT &&
	       field_text(&key, record.what, sizeof record.what) == 0 &&
	       fields_next(&row, &peer) == FIELDS_NEXT && peer.tag == SLC_RECORD_PEER &&
	       field_text(&peer, record.peer, sizeof record.peer) == 0 &&
	       fields_next(&row, &none) == FIELDS_END &&
	       ledger_add(&recorder->ledger, &record, &fault) == 0;
}

bool recorder_control(struct recorder *recorder, const struct packet *packet)
{
	const char *text;
	struct fault fault;

	return request_check(SLC_CONTROL, packet->bytes, packet->size, &text) == SLC_REASON_NONE &&
	       ledger_add_request(&recorder->ledger, SLC_CONTROL, packet->number, packet->bytes,
		       packet->size, &fault) == 0;
}

bool recorder_note(struct recorder *recorder, struct process *process, uint32_t type,
	uint32_t session, const uint8_t *fields, size_t size)
{
	struct fault fault;

	if (ledger_add_request(&recorder->ledger, type, session, fields, size, &fault) == 0)
		return true;
	process_refuse(process, &fault);
	return false;
}

/* --- Attesters -------------------------------------------------------------------------------- */

static void start(struct recorder *recorder, struct process *process, const char *word,
	const uint8_t *bytes, size_t size)
{
	struct attester_job job;
	struct fault fault;

	if (attester_open(&job, recorder->nsm, word, bytes, size, &fault) != 0) {
		process_refuse(process, &fault);
		return;
	}
	process_start(process, &job.program);
	attester_close(&job);
}

void recorder_attest(
	struct recorder *recorder, struct process *process, const uint8_t *fields, size_t size)
{
	start(recorder, process, ATTESTER_DOCUMENT, fields, size);
}

void recorder_send(struct recorder *recorder, struct process *process)
{
	struct attester_job job;
	struct fault fault;
	const int file = ledger_file(&recorder->ledger, &fault);

	if (file < 0) {
		process_refuse(process, &fault);
		return;
	}
	attester_open_file(&job, recorder->nsm, ATTESTER_LOG, file);
	process_start(process, &job.program);
	attester_close(&job);
}

bool recorder_prove(
	struct recorder *recorder, struct process *process, const uint8_t *fields, size_t size)
{
	static uint8_t bytes[REQUEST_SIZE_MAX];
	uint8_t data[BINDING_DATA_SIZE];
	struct field_writer writer = field_writer_of(bytes, sizeof bytes);
	const struct ledger *ledger = &recorder->ledger;
	struct fields row = fields_of(fields, size);
	struct field field;

	while (fields_next(&row, &field) == FIELDS_NEXT) {
		if (field.tag != SLC_USER_DATA) {
			field_put(&writer, field.tag, field.value, field.length);
			continue;
		}
		if (field.length != BINDING_SIZE)
			return false;
		binding_write(data, field.value, ledger->count, ledger->head);
		field_put(&writer, SLC_USER_DATA, data, sizeof data);
	}
	start(recorder, process, ATTESTER_DOCUMENT, bytes, writer.used);
	return !writer.is_full;
}

/* --- The mark --------------------------------------------------------------------------------- */

/* Once, unless it fails. */
bool recorder_mark(struct recorder *recorder, struct process *process)
{
	struct ledger *ledger = &recorder->ledger;

	if (process->is_used || ledger->is_marking || ledger->is_marked)
		return false;
	process_use(process);
	ledger_mark(ledger);
	recorder->marker = process;
	start(recorder, process, ATTESTER_MARK, ledger->mark, sizeof ledger->mark);
	return true;
}

void recorder_over(struct recorder *recorder, const struct process *process, bool is_well)
{
	if (process != recorder->marker)
		return;
	recorder->marker = NULL;
	ledger_marked(&recorder->ledger, is_well);
	LOG(is_well ? LOG_INFO : LOG_WARNING,
		is_well ? "marked as entered" : "it can't be marked as entered",
		log_number("record", (int64_t)recorder->ledger.marked));
}
