/* record: see record.h. */
#include "runtime/channel/record.h"

#include <string.h>

#include <openssl/evp.h>

#include "runtime/channel/fields.h"
#include "runtime/channel/wire.h"

size_t record_head(
	uint8_t bytes[RECORD_HEAD_FIELD], uint64_t number, const uint8_t head[RECORD_HEAD_SIZE])
{
	wire_put_long(bytes, number);
	(void)memcpy(bytes + 8, head, RECORD_HEAD_SIZE);
	return RECORD_HEAD_FIELD;
}

size_t record_write(const struct record *record, uint8_t bytes[RECORD_MAX])
{
	struct field_writer writer = field_writer_of(bytes, RECORD_MAX);

	field_put_long(&writer, SLC_RECORD_NUMBER, record->number);
	field_put_long(&writer, SLC_RECORD_TIME, record->time);
	field_put_number(&writer, SLC_RECORD_KIND, record->kind);
	field_put_number(&writer, SLC_RECORD_SESSION, record->session);
	field_put_text(&writer, SLC_RECORD_WHAT, record->what);
	if (record->kind == RECORD_SESSION)
		field_put_text(&writer, SLC_RECORD_PEER, record->peer);
	else
		field_put(&writer, SLC_RECORD_DIGEST, record->digest, sizeof record->digest);
	return writer.used;
}

static int take(struct record *record, const struct field *field)
{
	switch (field->tag) {
	case SLC_RECORD_NUMBER:
		return field_long(field, &record->number);
	case SLC_RECORD_TIME:
		return field_long(field, &record->time);
	case SLC_RECORD_KIND:
		return field_number(field, &record->kind);
	case SLC_RECORD_SESSION:
		return field_number(field, &record->session);
	case SLC_RECORD_WHAT:
		return field_text(field, record->what, sizeof record->what);
	case SLC_RECORD_PEER:
		return field_text(field, record->peer, sizeof record->peer);
	case SLC_RECORD_DIGEST:
		if (field->length != sizeof record->digest)
			return -1;
		(void)memcpy(record->digest, field->value, sizeof record->digest);
		return 0;
	default:
		return -1;
	}
}

/* Written again it must be the same: so a record has one spelling, without a grammar of its own. */
int record_read(struct record *record, const uint8_t *bytes, size_t size)
{
	struct fields row = fields_of(bytes, size);
	enum fields_result result;
	uint8_t again[RECORD_MAX];
	struct field field;

	(void)memset(record, 0, sizeof *record);
	while ((result = fields_next(&row, &field)) == FIELDS_NEXT)
		if (take(record, &field) != 0)
			return -1;
	if (result != FIELDS_END || record_write(record, again) != size)
		return -1;
	return memcmp(again, bytes, size) == 0 ? 0 : -1;
}

void record_text(char text[RECORD_TEXT_MAX + 1u], const char *from)
{
	const size_t size = strnlen(from, RECORD_TEXT_MAX);

	(void)memcpy(text, from, size);
	text[size] = '\0';
}

int record_chain(
	uint8_t head[RECORD_HEAD_SIZE], const uint8_t *bytes, size_t size, struct fault *fault)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool is_done = context != NULL && EVP_DigestInit_ex(context, EVP_sha384(), NULL) == 1 &&
		       EVP_DigestUpdate(context, head, RECORD_HEAD_SIZE) == 1 &&
		       EVP_DigestUpdate(context, bytes, size) == 1 &&
		       EVP_DigestFinal_ex(context, head, NULL) == 1;

	EVP_MD_CTX_free(context);
	return is_done ? 0 : fault_set(fault, "crypto", "SHA-384 can't be computed");
}

/* --- A log that comes in ---------------------------------------------------------------------- */

/* The log has now a head at `count`. */
static void note_head(struct record_log *log)
{
	if (log->count == log->wanted) {
		log->is_reached = true;
		(void)memcpy(log->at, log->head, sizeof log->at);
	}
	if (log->has_mark && log->count == log->marked)
		log->is_marked_right = memcmp(log->mark, log->head, sizeof log->mark) == 0;
}

void record_log_begin(struct record_log *log, uint64_t wanted)
{
	(void)memset(log, 0, sizeof *log);
	log->wanted = wanted;
}

static void take_mark(struct record_log *log, const struct field *field)
{
	if (log->has_mark || log->has_base || field->length != RECORD_HEAD_FIELD) {
		log->is_broken = true;
		return;
	}
	log->has_mark = true;
	log->marked = wire_long(field->value);
	(void)memcpy(log->mark, field->value + 8, sizeof log->mark);
}

/* A mark whose record is gone is right by what the register says of it alone. */
static void take_base(struct record_log *log, const struct field *field)
{
	if (log->has_base || field->length != RECORD_HEAD_FIELD) {
		log->is_broken = true;
		return;
	}
	log->has_base = true;
	log->dropped = wire_long(field->value);
	(void)memcpy(log->head, field->value + 8, sizeof log->head);
	log->count = log->dropped;
	log->is_marked_right = log->has_mark && log->marked < log->dropped;
	note_head(log);
}

static void take_record(struct record_log *log, const struct field *field)
{
	struct record record;
	struct fault fault;

	if (!log->has_base || record_read(&record, field->value, field->length) != 0 ||
		record.number != log->count + 1 ||
		record_chain(log->head, field->value, field->length, &fault) != 0) {
		log->is_broken = true;
		return;
	}
	log->count++;
	note_head(log);
	if (log->each != NULL)
		log->each(log->user, &record);
}

void record_log_take(struct record_log *log, const struct field *field)
{
	if (log->is_broken)
		return;
	switch (field->tag) {
	case SLC_RECORDS_MARK:
		take_mark(log, field);
		break;
	case SLC_RECORDS_BASE:
		take_base(log, field);
		break;
	case SLC_RECORD:
		take_record(log, field);
		break;
	default:
		log->is_broken = field->tag < SLC_TAG_SKIPPED;
	}
}
