/* row: see row.h. */
#include "host/initctl/row.h"

#include <inttypes.h>
#include <string.h>

#include "runtime/control/text.h"

enum kind { NONE, TEXT, SENTENCE, NUMBER, TRUTH };

static const struct {
	const char *name;
	enum kind kind;
} known[CONTROL_OF_ROW_LAST + 1] = {
	[CONTROL_OF_NAME] = {"name", TEXT},
	[CONTROL_OF_STATE] = {"state", TEXT},
	[CONTROL_OF_STANDING] = {"standing", TEXT},
	[CONTROL_OF_PID] = {"pid", NUMBER},
	[CONTROL_OF_EXIT] = {"exit", NUMBER},
	[CONTROL_OF_STARTS] = {"starts", NUMBER},
	[CONTROL_OF_SECONDS] = {"seconds", NUMBER},
	[CONTROL_OF_WHY] = {"why", SENTENCE},
	[CONTROL_OF_ENABLED] = {"enabled", TRUTH},
	[CONTROL_OF_WRITTEN] = {"written", NUMBER},
	[CONTROL_OF_KEPT] = {"kept", NUMBER},
	[CONTROL_OF_UNSHOWN] = {"unshown", NUMBER},
	[CONTROL_OF_BEFORE] = {"before", TEXT},
	[CONTROL_OF_AFTER] = {"after", TEXT},
	[CONTROL_OF_REQUIRED] = {"required", TRUTH},
	[CONTROL_OF_TIME] = {"time", NUMBER},
	[CONTROL_OF_NUMBER] = {"number", NUMBER},
	[CONTROL_OF_FROM] = {"from", TEXT},
	[CONTROL_OF_TO] = {"to", TEXT},
	[CONTROL_OF_HEALTH] = {"health", TEXT},
	[CONTROL_OF_UP] = {"up", NUMBER},
	[CONTROL_OF_WAITING] = {"waiting", NUMBER},
	[CONTROL_OF_DONE] = {"done", NUMBER},
	[CONTROL_OF_LOST] = {"lost", NUMBER},
	[CONTROL_OF_BOOT] = {"boot", TEXT},
	[CONTROL_OF_RELEASE] = {"version", TEXT},
	[CONTROL_OF_CLIENTS] = {"clients", NUMBER},
	[CONTROL_OF_RESTART] = {"restart", TEXT},
	[CONTROL_OF_MISSED] = {"missed", NUMBER},
	[CONTROL_OF_CHANGE] = {"change", TEXT},
	[CONTROL_OF_FAULT] = {"fault", SENTENCE},
	[CONTROL_OF_PENDING] = {"changed", TRUTH},
	[CONTROL_OF_SAID] = {"said", SENTENCE},
	[CONTROL_OF_TYPE] = {"type", TEXT},
	[CONTROL_OF_KIND] = {"kind", TEXT},
	[CONTROL_OF_LOG_FILE] = {"log_file", SENTENCE},
	[CONTROL_OF_LOG_LIMIT] = {"log_limit", NUMBER},
	[CONTROL_OF_LOG_FILES] = {"log_files", NUMBER},
	[CONTROL_OF_LOG_DROPPED] = {"log_dropped", NUMBER},
	[CONTROL_OF_LOG_SEAL] = {"log_seal", SENTENCE},
};

/* Names and words are shown as they are; what is a sentence is escaped where it is shown. */
static bool is_plain(const char *text)
{
	while (0x20 <= *text && *text <= 0x7e)
		text++;
	return *text == '\0';
}

static bool take_text(const struct field *field, char *text, size_t size, bool is_sentence)
{
	return field_text(field, text, size) == 0 && (is_sentence || is_plain(text));
}

static bool is_text(uint32_t tag)
{
	return known[tag].kind == TEXT || known[tag].kind == SENTENCE;
}

static bool take(struct row *row, const struct field *field)
{
	uint32_t number;

	if (field->tag == CONTROL_OF_BLOCKER && row->blocker_count < ROW_BLOCKERS_MAX)
		return take_text(
			field, row->blockers[row->blocker_count++], sizeof row->blockers[0], false);
	if (field->tag > CONTROL_OF_ROW_LAST || known[field->tag].kind == NONE)
		return true;
	row->has[field->tag] = true;
	if (is_text(field->tag))
		return take_text(field, row->texts[field->tag], CONTROL_TEXT_MAX,
			known[field->tag].kind == SENTENCE);
	if (field->length == 8)
		return field_long(field, &row->numbers[field->tag]) == 0;
	if (field_number(field, &number) != 0)
		return false;
	row->numbers[field->tag] = number;
	return true;
}

bool row_read(struct row *row, struct fields fields)
{
	struct field field;
	enum fields_result result;

	memset(row, 0, sizeof *row);
	while ((result = fields_next(&fields, &field)) == FIELDS_NEXT)
		if (!take(row, &field))
			return false;
	return result == FIELDS_END;
}

static void value(FILE *stream, const struct row *row, uint32_t tag)
{
	if (is_text(tag))
		json_text(stream, row->texts[tag], strlen(row->texts[tag]));
	else if (known[tag].kind == TRUTH)
		(void)fputs(row->numbers[tag] != 0 ? "true" : "false", stream);
	else
		(void)fprintf(stream, "%" PRIu64, row->numbers[tag]);
}

void row_json(FILE *stream, const struct row *row)
{
	const char *between = "{";

	for (uint32_t tag = 0; tag <= CONTROL_OF_ROW_LAST; tag++) {
		if (!row->has[tag])
			continue;
		(void)fprintf(stream, "%s\"%s\":", between, known[tag].name);
		value(stream, row, tag);
		between = ",";
	}
	if (row->has[CONTROL_OF_WHY]) {
		(void)fprintf(stream, "%s\"blockers\":[", between);
		for (uint32_t i = 0; i < row->blocker_count; i++) {
			if (i > 0)
				(void)fputc(',', stream);
			json_text(stream, row->blockers[i], strlen(row->blockers[i]));
		}
		(void)fputc(']', stream);
	}
	(void)fputc('}', stream);
}
