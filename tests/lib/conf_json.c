/* conf_json: prints what conf_parse makes of texts, for tests/integration/conf.sh. Standard input
 * holds texts, each as a line with its size in bytes and then those bytes; the answer to each is a
 * line of JSON: {"value": {...}}, or {"word": "...", "text": "..."} for a fault. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/kernel/conf.h"

static void print_string(const char *text)
{
	putchar('"');
	for (; *text != '\0'; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte < 0x20 || byte == '"' || byte == '\\')
			printf("\\u%04x", byte);
		else
			putchar(byte);
	}
	putchar('"');
}

static void print_scalar(const struct conf *conf, uint8_t type, int64_t number)
{
	if (type == CONF_TYPE_STRING)
		print_string(conf->strings + number);
	else if (type == CONF_TYPE_BOOLEAN)
		fputs(number ? "true" : "false", stdout);
	else
		printf("%" PRId64, number);
}

static void print_array(const struct conf *conf, const struct conf_entry *array)
{
	putchar('[');
	for (uint32_t i = 0; i < array->last; i++) {
		const struct conf_element *element = &conf->elements[array->first + i];

		if (i > 0)
			fputs(", ", stdout);
		print_scalar(conf, element->type, element->number);
	}
	putchar(']');
}

/* Tables nest no deeper than twice CONF_DEPTH_MAX, arrays of tables counted. */
static void print_entry(struct conf *conf, const struct conf_entry *entry)
{
	int object = entry->type == CONF_TYPE_TABLE;

	if (entry->type == CONF_TYPE_ARRAY) {
		print_array(conf, entry);
		return;
	}
	if (!object && entry->type != CONF_TYPE_TABLES) {
		print_scalar(conf, entry->type, entry->number);
		return;
	}
	putchar(object ? '{' : '[');
	for (const struct conf_entry *each = conf_first(conf, entry); each != NULL;
		each = conf_next(conf, each)) {
		if (each != conf_first(conf, entry))
			fputs(", ", stdout);
		if (object) {
			print_string(conf_name(conf, each));
			fputs(": ", stdout);
		}
		print_entry(conf, each);
	}
	putchar(object ? '}' : ']');
}

int main(void)
{
	static struct conf conf;
	struct fault fault;
	char line[32];

	while (fgets(line, sizeof line, stdin) != NULL) {
		size_t size = strtoul(line, NULL, 10);
		char *text =
			malloc(size + (size == 0)); /* exactly as long: a sanitizer sees the end */

		if (text == NULL || fread(text, 1, size, stdin) != size)
			return 64;
		if (conf_parse(&conf, "text", text, size, &fault) == 0) {
			fputs("{\"value\": ", stdout);
			print_entry(&conf, conf_root(&conf));
		} else {
			fputs("{\"word\": ", stdout);
			print_string(fault.word);
			fputs(", \"text\": ", stdout);
			print_string(fault.text);
		}
		puts("}");
		fflush(stdout);
		free(text);
		if (!conf_ok(&conf))
			return 65;
	}
	return 0;
}
