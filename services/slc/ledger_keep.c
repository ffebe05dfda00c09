/* ledger_keep: the log over an end of its service; see ledger.h. The file holds what the stream of
 * a channel of type 7 would, and behind each record that was added the head that it led to. It is
 * read as the stream is by who audits it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/channel/fields.h"
#include "runtime/kernel/log.h"
#include "services/slc/ledger.h"

#define NO_TAG 65535u /* no field is read in pieces */

/* A file has twice the records that are held at most, each with its head; and a mark, the base and
 * a head. */
#define LINK_MAX (2 * SLC_FIELD_SIZE + RECORD_MAX + RECORD_HEAD_FIELD)
#define FILE_MAX ((2ull * LEDGER_MOST + 1) * LINK_MAX + 3ull * (SLC_FIELD_SIZE + RECORD_HEAD_FIELD))

/* --- Reading ---------------------------------------------------------------------------------- */

struct reading {
	struct field_reader reader;
	uint8_t memory[RECORD_MAX];
	struct record_log log;
	bool is_checked; /* there is a head behind all that was read */
};

static int broken(struct fault *fault, const char *text)
{
	return fault_set(fault, "journal", "the log's file %s", text);
}

/* A head behind the base is one that the records before it must lead to. */
static int take_head(struct reading *reading, const struct field *field, struct fault *fault)
{
	uint8_t here[RECORD_HEAD_FIELD];
	const size_t size = record_head(here, reading->log.count, reading->log.head);

	if (field->length != size || memcmp(field->value, here, size) != 0)
		return broken(fault, "was changed: a head is not that of the records before it");
	reading->is_checked = true;
	return 0;
}

static void take_base(struct ledger *ledger, const struct record_log *log)
{
	ledger->count = ledger->dropped = log->dropped;
	(void)memcpy(ledger->base, log->head, sizeof ledger->base);
	(void)memcpy(ledger->head, log->head, sizeof ledger->head);
}

static int take(struct ledger *ledger, struct reading *reading, const struct field *field,
	struct fault *fault)
{
	struct record_log *log = &reading->log;

	if (field->tag == SLC_RECORDS_BASE && log->has_base)
		return take_head(reading, field, fault);
	record_log_take(log, field);
	if (log->is_broken || field->tag >= SLC_TAG_SKIPPED || log->dropped > INT64_MAX)
		return broken(fault, "was changed: a record is not in its place, or is none");
	if (field->tag == SLC_RECORDS_BASE)
		take_base(ledger, log);
	reading->is_checked = field->tag == SLC_RECORDS_BASE;
	return field->tag == SLC_RECORD ? ledger_link(ledger, field->value, field->length, fault)
					: 0;
}

static int take_all(struct ledger *ledger, struct reading *reading, int file, struct fault *fault)
{
	uint8_t memory[4096];
	struct field field;
	ssize_t size;

	while ((size = read(file, memory, sizeof memory)) > 0) {
		const uint8_t *bytes = memory;
		size_t left = (size_t)size;
		enum field_result result;

		while ((result = field_reader_next(&reading->reader, &bytes, &left, &field)) ==
			FIELD_WHOLE)
			if (take(ledger, reading, &field, fault) != 0)
				return -1;
		if (result != FIELD_MORE)
			return broken(fault, "was changed: it is no row of fields");
	}
	return size == 0 ? 0 : fault_io(fault, errno, "the log's file can't be read");
}

static int read_file(struct ledger *ledger, int file, struct fault *fault)
{
	struct reading reading = {.is_checked = false};
	const struct record_log *log = &reading.log;

	field_reader_init(&reading.reader, NO_TAG, reading.memory, sizeof reading.memory);
	record_log_begin(&reading.log, 0);
	if (take_all(ledger, &reading, file, fault) != 0)
		return -1;
	if (!field_reader_may_end(&reading.reader) || !reading.is_checked)
		return broken(fault, "was cut: it does not end with a head");
	if (log->has_mark && !log->is_marked_right)
		return broken(fault, "was changed: its mark is none of its heads");
	ledger->is_remembered = log->has_mark;
	ledger->marked = log->marked;
	(void)memcpy(ledger->mark, log->mark, sizeof ledger->mark);
	return 0;
}

static int go_on(struct ledger *ledger, struct fault *fault)
{
	const int file = journal_read(&ledger->journal, FILE_MAX, fault);
	int status;

	if (file < 0)
		return -1;
	status = read_file(ledger, file, fault);
	close(file);
	if (status != 0)
		ledger_clear(ledger);
	return status;
}

/* --- Writing ---------------------------------------------------------------------------------- */

/* What is added next is written with all others. */
static void write_all_next(struct ledger *ledger)
{
	ledger->in_file = 2ull * ledger->most;
}

static void lose(struct ledger *ledger, const struct fault *fault)
{
	journal_lose(&ledger->journal);
	write_all_next(ledger);
	if (!ledger->is_lost)
		log_fault(LOG_WARNING,
			"the records can't be kept: it is tried again with the next one", fault);
	ledger->is_lost = true;
}

static int write_file(struct ledger *ledger, struct fault *fault)
{
	const bool has_mark = ledger->is_marking || ledger->is_marked || ledger->is_remembered;
	const int file = journal_begin(&ledger->journal, fault);

	if (file < 0)
		return -1;
	if (!ledger_write(ledger, file, has_mark) ||
		!ledger_write_head(file, SLC_RECORDS_BASE, ledger->count, ledger->head)) {
		close(file);
		return fault_set(fault, "io",
			"the log's file can't be written whole: is the file system full?");
	}
	if (journal_put(&ledger->journal, file, fault) != 0)
		return -1;
	ledger->in_file = ledger->count - ledger->dropped;
	if (ledger->is_lost)
		LOG(LOG_INFO, "all records are kept again",
			log_number("records", (int64_t)ledger->in_file));
	ledger->is_lost = false;
	return 0;
}

void ledger_rewrite(struct ledger *ledger)
{
	struct fault fault;

	if (ledger->journal.is_open && write_file(ledger, &fault) != 0)
		lose(ledger, &fault);
}

void ledger_append(struct ledger *ledger, const uint8_t *record, size_t size)
{
	uint8_t bytes[LINK_MAX], head[RECORD_HEAD_FIELD];
	struct field_writer writer = field_writer_of(bytes, sizeof bytes);
	struct fault fault;

	if (!ledger->journal.is_open)
		return;
	if (ledger->in_file >= 2ull * ledger->most) {
		ledger_rewrite(ledger);
		return;
	}
	field_put(&writer, SLC_RECORD, record, size);
	field_put(&writer, SLC_RECORDS_BASE, head, record_head(head, ledger->count, ledger->head));
	if (journal_add(&ledger->journal, bytes, writer.used, &fault) == 0)
		ledger->in_file++;
	else
		lose(ledger, &fault);
}

/* --- The beginning ---------------------------------------------------------------------------- */

/* How the log begins, as its first record from now on says. */
static void begin(struct ledger *ledger, char how[RECORD_TEXT_MAX + 1u])
{
	struct fault fault;

	write_all_next(ledger);
	if (go_on(ledger, &fault) == 0) {
		record_text(how, "the log goes on");
		return;
	}
	if (strcmp(fault.word, "not_found") == 0) {
		record_text(how, "a new log");
		return;
	}
	(void)snprintf(how, RECORD_TEXT_MAX + 1u, "a new log: %.200s", fault.text);
	log_fault(LOG_WARNING, "a new log begins, the one before can't go on", &fault);
}

int ledger_keep(struct ledger *ledger, const char *folder, struct fault *fault)
{
	struct record start = {.kind = RECORD_START};

	if (journal_open(&ledger->journal, folder, fault) == 0) {
		begin(ledger, start.what);
	} else if (strcmp(fault->word, "in_use") == 0) {
		return -1;
	} else {
		(void)snprintf(start.what, sizeof start.what, "a new log: %.200s", fault->text);
		log_fault(LOG_WARNING, "the records are kept in memory alone", fault);
	}
	return ledger_add(ledger, &start, fault);
}
