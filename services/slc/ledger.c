/* ledger: see ledger.h. */
#include "services/slc/ledger.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/channel/fields.h"
#include "runtime/kernel/clock.h"
#include "services/slc/request.h"

int ledger_open(struct ledger *ledger, uint32_t most, struct fault *fault)
{
	(void)memset(ledger, 0, sizeof *ledger);
	ledger->most = most;
	ledger->list = malloc(most * sizeof *ledger->list);
	if (ledger->list == NULL)
		return fault_set(fault, "memory", "there is no memory for %u records", most);
	for (uint32_t i = 0; i < most; i++) /* all of it is there from now on */
		ledger->list[i].size = RECORD_MAX;
	return 0;
}

void ledger_close(struct ledger *ledger)
{
	journal_close(&ledger->journal);
	free(ledger->list);
	ledger->list = NULL;
}

static struct ledger_record *record_at(const struct ledger *ledger, uint64_t number)
{
	return &ledger->list[(number - 1) % ledger->most];
}

/* The oldest one makes room: its head is where the log begins then. */
static int drop_one(struct ledger *ledger, struct fault *fault)
{
	const struct ledger_record *oldest = record_at(ledger, ledger->dropped + 1);

	if (record_chain(ledger->base, oldest->bytes, oldest->size, fault) != 0)
		return -1;
	ledger->dropped++;
	return 0;
}

void ledger_clear(struct ledger *ledger)
{
	ledger->count = ledger->dropped = 0;
	(void)memset(ledger->head, 0, sizeof ledger->head);
	(void)memset(ledger->base, 0, sizeof ledger->base);
}

int ledger_link(struct ledger *ledger, const uint8_t *bytes, size_t size, struct fault *fault)
{
	uint8_t head[RECORD_HEAD_SIZE];
	struct ledger_record *place;

	(void)memcpy(head, ledger->head, sizeof head);
	if (record_chain(head, bytes, size, fault) != 0)
		return -1;
	if (ledger->count - ledger->dropped == ledger->most && drop_one(ledger, fault) != 0)
		return -1;
	(void)memcpy(ledger->head, head, sizeof ledger->head);
	ledger->count++;
	place = record_at(ledger, ledger->count);
	place->size = size;
	(void)memcpy(place->bytes, bytes, size);
	return 0;
}

int ledger_add(struct ledger *ledger, struct record *record, struct fault *fault)
{
	uint8_t bytes[RECORD_MAX];
	size_t size;

	record->number = ledger->count + 1;
	record->time = (uint64_t)clock_system.wall(NULL) / CLOCK_MILLISECOND;
	size = record_write(record, bytes);
	if (ledger_link(ledger, bytes, size, fault) != 0)
		return -1;
	ledger_append(ledger, bytes, size);
	return 0;
}

/* What a request is about, in a few words: the program alone, since arguments may be secret. */
static void describe(struct record *record, const uint8_t *fields, size_t size)
{
	struct fields row = fields_of(fields, size);
	struct field field;

	while (fields_next(&row, &field) == FIELDS_NEXT) {
		const size_t length =
			field.length < RECORD_TEXT_MAX ? field.length : RECORD_TEXT_MAX;

		if (field.tag != SLC_ARGUMENT && field.tag != SLC_PATH && field.tag != SLC_TARGET &&
			field.tag != SLC_PLACE && field.tag != SLC_VERB)
			continue;
		(void)memcpy(record->what, field.value, length);
		record->what[length] = '\0';
		return;
	}
}

int ledger_add_request(struct ledger *ledger, uint32_t type, uint32_t session,
	const uint8_t *fields, size_t size, struct fault *fault)
{
	struct record record = {.kind = type, .session = session};

	describe(&record, fields, size);
	if (binding_digest(fields, size, record.digest, fault) != 0)
		return -1;
	return ledger_add(ledger, &record, fault);
}

/* It is kept before the register is marked: so the one is never without the other. */
void ledger_mark(struct ledger *ledger)
{
	ledger->is_marking = true;
	if (ledger->is_remembered)
		return;
	ledger->marked = ledger->count;
	(void)memcpy(ledger->mark, ledger->head, sizeof ledger->mark);
	ledger_rewrite(ledger);
}

void ledger_marked(struct ledger *ledger, bool is_well)
{
	ledger->is_marking = false;
	ledger->is_marked = is_well;
}

/* --- As a stream ------------------------------------------------------------------------------ */

static bool write_field(int fd, uint32_t tag, const uint8_t *bytes, size_t size)
{
	uint8_t whole[SLC_FIELD_SIZE + RECORD_MAX];
	struct field_writer writer = field_writer_of(whole, sizeof whole);

	field_put(&writer, tag, bytes, size);
	return write(fd, whole, writer.used) == (ssize_t)writer.used;
}

bool ledger_write_head(int fd, uint32_t tag, uint64_t number, const uint8_t *head)
{
	uint8_t bytes[RECORD_HEAD_FIELD];

	return write_field(fd, tag, bytes, record_head(bytes, number, head));
}

bool ledger_write(const struct ledger *ledger, int fd, bool has_mark)
{
	if (has_mark && !ledger_write_head(fd, SLC_RECORDS_MARK, ledger->marked, ledger->mark))
		return false;
	if (!ledger_write_head(fd, SLC_RECORDS_BASE, ledger->dropped, ledger->base))
		return false;
	for (uint64_t number = ledger->dropped + 1; number <= ledger->count; number++) {
		const struct ledger_record *record = record_at(ledger, number);

		if (!write_field(fd, SLC_RECORD, record->bytes, record->size))
			return false;
	}
	return true;
}

int ledger_file(const struct ledger *ledger, struct fault *fault)
{
	const bool has_mark = ledger->is_marked || ledger->is_remembered;
	int fd = memfd_create("slc-log", MFD_CLOEXEC);

	if (fd >= 0 && ledger_write(ledger, fd, has_mark))
		return fd;
	if (fd >= 0)
		close(fd);
	return fault_set(fault, "limit", "there is no memory for a copy of the log");
}
