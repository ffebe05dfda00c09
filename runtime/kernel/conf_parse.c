/* conf_parse: see conf.h. Feeds the tokens of a text to conf_line and does what it asks for. */
#include "gen/utf8.h"
#include "runtime/kernel/conf_reader.h"
#include "runtime/kernel/conf_text.h"
#include "runtime/kernel/machine.h"

MACHINE_BYTES(utf8)
MACHINE_EVENTS(conf_line)

/* What each token is to conf_line; 0 for tokens that never reach it. */
static const uint8_t events[CONF_BAD + 1] = {
	[CONF_END] = CONF_LINE_END,
	[CONF_NEWLINE] = CONF_LINE_NEWLINE,
	[CONF_WORD] = CONF_LINE_WORD,
	[CONF_INTEGER] = CONF_LINE_INTEGER,
	[CONF_BOOLEAN] = CONF_LINE_BOOLEAN,
	[CONF_STRING] = CONF_LINE_STRING,
	[CONF_LITERAL] = CONF_LINE_STRING,
	[CONF_EQUALS] = CONF_LINE_EQUALS,
	[CONF_DOT] = CONF_LINE_DOT,
	[CONF_COMMA] = CONF_LINE_COMMA,
	[CONF_OPEN] = CONF_LINE_OPEN,
	[CONF_CLOSE] = CONF_LINE_CLOSE,
	[CONF_OPEN_PAIR] = CONF_LINE_OPEN_PAIR,
	[CONF_CLOSE_PAIR] = CONF_LINE_CLOSE_PAIR,
};

/* Keeps the string that the token stands for, a bare key's too; its offset goes to *offset. */
static int take_string(struct conf_reader *reader, uint32_t *offset)
{
	int quoted = reader->token == CONF_STRING || reader->token == CONF_LITERAL;
	const uint8_t *text = reader->text + reader->at + (quoted ? 1 : 0);
	size_t length = reader->length - (quoted ? 2 : 0), at = 0, size = length;
	enum conf_text_result result = CONF_TEXT_OK;
	char *room = conf_string_room(reader->conf, length, reader->place, reader->fault);

	if (room == NULL)
		return -1;
	if (reader->token == CONF_STRING)
		result = conf_text_string(text, length, room, &size, &at);
	else
		for (size_t i = 0; i < length; i++)
			room[i] = (char)text[i];
	if (result == CONF_TEXT_NUL)
		return conf_fault(reader->conf, conf_place_within(reader, at + 1), reader->fault,
			"subset", "a NUL in a string is not in the subset");
	if (result != CONF_TEXT_OK)
		return conf_fault(reader->conf, conf_place_within(reader, at + 1), reader->fault,
			"syntax",
			"not an escape: there are \\b \\t \\n \\f \\r \\\" \\\\, and \\uXXXX and "
			"\\UXXXXXXXX for a code point that is no surrogate");
	*offset = conf_string_keep(reader->conf, size);
	return 0;
}

static int take_scalar(struct conf_reader *reader, uint8_t *type, int64_t *number)
{
	const uint8_t *text = reader->text + reader->at;
	uint32_t offset = 0;

	switch (reader->token) {
	case CONF_INTEGER:
		*type = CONF_TYPE_INTEGER;
		if (conf_text_integer(text, reader->length, number) != 0)
			return conf_fault(reader->conf, reader->place, reader->fault, "limit",
				"the integer does not fit into 64 bits");
		return 0;
	case CONF_BOOLEAN:
		*type = CONF_TYPE_BOOLEAN;
		*number = text[0] == 't';
		return 0;
	default:
		*type = CONF_TYPE_STRING;
		if (take_string(reader, &offset) != 0)
			return -1;
		*number = (int64_t)offset;
		return 0;
	}
}

static int take_key(struct conf_reader *reader)
{
	struct conf_part part = {.place = reader->place};

	if (take_string(reader, &part.name) != 0)
		return -1;
	reader->entry = conf_add_key(reader->conf, reader->table, &part, reader->fault);
	return reader->entry == NULL ? -1 : 0;
}

static int take_element(struct conf_reader *reader)
{
	struct conf_element *element =
		conf_add_element(reader->conf, reader->entry, reader->place, reader->fault);

	if (element == NULL)
		return -1;
	return take_scalar(reader, &element->type, &element->number);
}

static int take_name(struct conf_reader *reader)
{
	struct conf_part *part = &reader->parts[reader->part_count];

	if (reader->part_count == CONF_DEPTH_MAX)
		return conf_fault(reader->conf, reader->place, reader->fault, "limit",
			"the name of a table has at most %u parts", CONF_DEPTH_MAX);
	part->place = reader->place;
	if (take_string(reader, &part->name) != 0)
		return -1;
	reader->part_count++;
	return 0;
}

/* Performs the effect of a step. */
static int perform(struct conf_reader *reader, uint32_t effect, int before)
{
	struct conf_entry *entry = reader->entry;

	switch (effect) {
	case CONF_LINE_DO_KEY:
		return take_key(reader);
	case CONF_LINE_DO_VALUE:
		return take_scalar(reader, &entry->type, &entry->number);
	case CONF_LINE_DO_ARRAY:
		entry->type = CONF_TYPE_ARRAY;
		entry->first = reader->conf->element_count;
		return 0;
	case CONF_LINE_DO_ELEMENT:
		return take_element(reader);
	case CONF_LINE_DO_HEADER:
		reader->part_count = 0;
		return 0;
	case CONF_LINE_DO_NAME:
		return take_name(reader);
	case CONF_LINE_DO_TABLE:
		reader->table = conf_open_table(
			reader->conf, reader->parts, reader->part_count, reader->fault);
		return reader->table == NULL ? -1 : 0;
	case CONF_LINE_DO_ENTRY:
		reader->table = conf_open_entry(
			reader->conf, reader->parts, reader->part_count, reader->fault);
		return reader->table == NULL ? -1 : 0;
	case CONF_LINE_DO_REFUSE:
		return conf_refuse_order(reader, before);
	default:
		return 0;
	}
}

/* Steps behind the token at hand. */
static void pass(struct conf_reader *reader)
{
	if (reader->token == CONF_NEWLINE) {
		reader->place.line++;
		reader->place.column = 1;
	} else {
		reader->place = conf_place_within(reader, reader->length);
	}
	reader->at += reader->length;
}

static int read_tokens(struct conf_reader *reader)
{
	while (!conf_line_ended(&reader->machine)) {
		int before = reader->machine.cs;
		uint32_t effect;

		reader->token = conf_lex(
			reader->text + reader->at, reader->size - reader->at, &reader->length);
		if (reader->token != CONF_SPACE && reader->token != CONF_COMMENT) {
			if (events[reader->token] == 0)
				return conf_refuse_token(reader);
			effect = conf_line_drive(&reader->machine, reader->place.line,
				(enum conf_line_event)events[reader->token], 0);
			if (perform(reader, effect, before) != 0)
				return -1;
			reader->before = reader->token;
		}
		pass(reader);
	}
	return 0;
}

/* Refuses a text that is not UTF-8, where it stops being so. */
static int check_utf8(const struct conf_reader *reader)
{
	struct conf_place place = {1, 1};
	struct utf8 machine;
	size_t used;

	utf8_init(&machine);
	used = utf8_drive(&machine, 0, reader->text, reader->size);
	if (machine.cs == UTF8_IN_WHOLE)
		return 0;
	if (machine.cs == UTF8_IN_BAD)
		used--;
	for (size_t i = 0; i < used; i++) {
		place.column += (reader->text[i] & 0xc0) != 0x80;
		if (reader->text[i] == '\n')
			place = (struct conf_place){place.line + 1, 1};
	}
	return conf_fault(
		reader->conf, place, reader->fault, "syntax", "the text is not UTF-8 here");
}

int conf_parse(
	struct conf *conf, const char *file, const void *text, size_t size, struct fault *fault)
{
	struct conf_reader reader = {
		.conf = conf, .text = text, .size = size, .place = {1, 1}, .fault = fault};

	conf_clear(conf, file);
	if (size > CONF_TEXT_MAX)
		return fault_set(fault, "limit", "%s: %zu bytes are more than the %u of a text",
			conf->file, size, CONF_TEXT_MAX);
	conf_line_init(&reader.machine);
	reader.table = conf_root(conf);
	if (check_utf8(&reader) == 0 && read_tokens(&reader) == 0)
		return 0;
	conf_clear(conf, file);
	return -1;
}
