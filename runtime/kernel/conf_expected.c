/* conf_expected: the sentences for texts that are refused: what was found, what was expected. */
#include "runtime/kernel/conf_reader.h"

#include <string.h>

/* As much of a text as fits a sentence, for "%.*s". */
static int shown(size_t length)
{
	return length < CONF_SHOWN ? (int)length : CONF_SHOWN;
}

struct conf_place conf_place_within(const struct conf_reader *reader, size_t offset)
{
	struct conf_place place = reader->place;

	for (size_t i = 0; i < offset; i++)
		place.column += (reader->text[reader->at + i] & 0xc0) != 0x80;
	return place;
}

static int refuse_byte(const struct conf_reader *reader, size_t offset)
{
	struct conf_place place = conf_place_within(reader, offset);
	const uint8_t *at = reader->text + reader->at + offset;
	size_t left = reader->size - reader->at - offset;

	if (*at == '\r')
		return conf_fault(reader->conf, place, reader->fault, "syntax",
			"a carriage return without a line feed behind it");
	if (left >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0)
		return conf_fault(reader->conf, place, reader->fault, "syntax",
			"a byte order mark, which TOML does not have: remove these three bytes");
	if (*at >= 0x80)
		return conf_fault(reader->conf, place, reader->fault, "syntax",
			"a character beyond ASCII outside quotes: a key or a value that has one "
			"needs quotes");
	if (*at < 0x20 || *at == 0x7f)
		return conf_fault(reader->conf, place, reader->fault, "syntax",
			"control character 0x%02x", *at);
	return conf_fault(
		reader->conf, place, reader->fault, "syntax", "unexpected character '%c'", *at);
}

/* A string that stops at its line's end was not closed; elsewhere it met a byte it can't hold. */
static int refuse_open_string(const struct conf_reader *reader)
{
	const uint8_t *end = reader->text + reader->at + reader->length;
	size_t left = reader->size - reader->at - reader->length;

	if (left == 0 || end[0] == '\n' || (left > 1 && end[0] == '\r' && end[1] == '\n'))
		return conf_fault(reader->conf, reader->place, reader->fault, "syntax",
			"the string is not closed on its line");
	return refuse_byte(reader, reader->length);
}

int conf_refuse_token(const struct conf_reader *reader)
{
	const char *text;

	switch (reader->token) {
	case CONF_OPEN_STRING:
		return refuse_open_string(reader);
	case CONF_MULTILINE:
		text = "strings over several lines are not in the subset: write \\n in a string";
		break;
	case CONF_BRACE:
		text = "inline tables are not in the subset: write a [table]";
		break;
	case CONF_PLUS:
		text = "numbers with a '+' are not in the subset: leave it out";
		break;
	default:
		return refuse_byte(reader, 0);
	}
	return conf_fault(reader->conf, reader->place, reader->fault, "subset", "%s", text);
}

/* "expected WHAT, found TOKEN". */
static int expected(const struct conf_reader *reader, const char *what)
{
	const char *text = (const char *)reader->text + reader->at;

	if (reader->token == CONF_END)
		return conf_fault(reader->conf, reader->place, reader->fault, "syntax",
			"expected %s, found the end of the text", what);
	if (reader->token == CONF_NEWLINE)
		return conf_fault(reader->conf, reader->place, reader->fault, "syntax",
			"expected %s, found the end of the line", what);
	return conf_fault(reader->conf, reader->place, reader->fault, "syntax",
		"expected %s, found %.*s", what, shown(reader->length), text);
}

static int subset(const struct conf_reader *reader, const char *text)
{
	return conf_fault(reader->conf, reader->place, reader->fault, "subset", "%s", text);
}

/* A bare word where a value must be: TOML's other scalars, or a string without quotes. */
static int refuse_word(const struct conf_reader *reader, const char *what)
{
	const uint8_t *word = reader->text + reader->at;
	size_t first = word[0] == '-' && reader->length > 1;
	int special = reader->length - first == 3 &&
		      (memcmp(word + first, "inf", 3) == 0 || memcmp(word + first, "nan", 3) == 0);

	if (special || (word[first] >= '0' && word[first] <= '9'))
		return subset(reader,
			"floats, dates, times, hexadecimal, octal and binary numbers, and leading "
			"zeros are not in the subset: write a decimal integer or a string");
	return conf_fault(reader->conf, reader->place, reader->fault, "syntax",
		"expected %s, found the bare word %.*s: a string needs quotes", what,
		shown(reader->length), (const char *)word);
}

static int refuse_value(const struct conf_reader *reader, const char *what)
{
	if (reader->token == CONF_OPEN || reader->token == CONF_OPEN_PAIR)
		return subset(reader, "arrays in arrays are not in the subset");
	if (reader->token == CONF_WORD)
		return refuse_word(reader, what);
	return expected(reader, what);
}

/* After a value: "1.5" arrives as an integer, a dot and an integer. */
static int refuse_after_value(const struct conf_reader *reader, const char *what)
{
	if (reader->token == CONF_DOT && reader->before == CONF_INTEGER)
		return subset(reader, "floats are not in the subset: write an integer or a string");
	return expected(reader, what);
}

int conf_refuse_order(const struct conf_reader *reader, int state)
{
	const struct conf *conf = reader->conf;

	switch (state) {
	case CONF_LINE_IN_LINE:
		return expected(reader, "a key or a [table]");
	case CONF_LINE_IN_KEY:
		if (reader->token == CONF_DOT)
			return subset(reader, "dotted keys are not in the subset: write a [table]");
		return conf_fault(conf, reader->place, reader->fault, "syntax",
			"expected '=' after the key '%.*s'", CONF_SHOWN,
			conf->strings + reader->entry->name);
	case CONF_LINE_IN_VALUE:
		return refuse_value(reader, "a value");
	case CONF_LINE_IN_ARRAY:
		return refuse_value(reader, "a value or ']'");
	case CONF_LINE_IN_ELEMENT:
		return refuse_after_value(reader, "',' or ']'");
	case CONF_LINE_IN_HEADER:
		return expected(reader, "the name of a table");
	case CONF_LINE_IN_NAME:
		return expected(reader, reader->machine.pair ? "']]' after the name of the table"
							     : "']' after the name of the table");
	default:
		return refuse_after_value(reader, "the end of the line");
	}
}
