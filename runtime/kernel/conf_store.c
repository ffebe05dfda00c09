/* conf_store: see conf_store.h. */
#include "runtime/kernel/conf_store.h"

#include <stdarg.h>
#include <string.h>

void conf_clear(struct conf *conf, const char *file)
{
	(void)snprintf(conf->file, sizeof conf->file, "%s", file);
	conf->entry_count = 1;
	conf->element_count = 0;
	conf->string_bytes = 1;
	conf->strings[0] = '\0';
	conf->entries[0] = (struct conf_entry){
		.type = CONF_TYPE_TABLE, .header = 1, .asked = 1, .line = 1, .column = 1};
}

__attribute__((format(printf, 5, 0))) static int fault_at(const struct conf *conf,
	struct conf_place place, struct fault *fault, const char *word, const char *format,
	va_list arguments)
{
	char text[FAULT_TEXT_MAX];

	(void)vsnprintf(text, sizeof text, format, arguments);
	return fault_set(fault, word, "%s:%u:%u: %s", conf->file, place.line, place.column, text);
}

int conf_fault(const struct conf *conf, struct conf_place place, struct fault *fault,
	const char *word, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)fault_at(conf, place, fault, word, format, arguments);
	va_end(arguments);
	return -1;
}

int conf_refuse(const struct conf *conf, const struct conf_entry *entry, struct fault *fault,
	const char *word, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)fault_at(conf, (struct conf_place){entry->line, entry->column}, fault, word, format,
		arguments);
	va_end(arguments);
	return -1;
}

char *conf_string_room(struct conf *conf, size_t size, struct conf_place place, struct fault *fault)
{
	if (size >= sizeof conf->strings - conf->string_bytes) {
		(void)conf_fault(conf, place, fault, "limit",
			"the strings of this text take more than %u bytes", CONF_TEXT_MAX);
		return NULL;
	}
	return conf->strings + conf->string_bytes;
}

uint32_t conf_string_keep(struct conf *conf, size_t size)
{
	uint32_t offset = conf->string_bytes;

	conf->strings[offset + size] = '\0';
	conf->string_bytes += (uint32_t)size + 1u;
	return offset;
}

struct conf_entry *conf_child(struct conf *conf, const struct conf_entry *table, const char *name)
{
	for (uint32_t i = table->first; i != 0; i = conf->entries[i].next)
		if (strcmp(conf->strings + conf->entries[i].name, name) == 0)
			return &conf->entries[i];
	return NULL;
}

/* A new entry at the end of `table`, which is a table or an array of tables. */
static struct conf_entry *add(struct conf *conf, struct conf_entry *table, enum conf_type type,
	const struct conf_part *part, struct fault *fault)
{
	uint32_t index = conf->entry_count;

	if (index == CONF_ENTRIES_MAX) {
		(void)conf_fault(conf, part->place, fault, "limit",
			"the text has more than %u keys and tables", CONF_ENTRIES_MAX - 1u);
		return NULL;
	}
	conf->entry_count++;
	conf->entries[index] = (struct conf_entry){.type = (uint8_t)type,
		.name = part->name,
		.line = part->place.line,
		.column = part->place.column};
	if (table->first == 0)
		table->first = index;
	else
		conf->entries[table->last].next = index;
	table->last = index;
	return &conf->entries[index];
}

static struct conf_entry *refuse_twice(const struct conf *conf, const struct conf_part *part,
	const struct conf_entry *before, struct fault *fault)
{
	static const char *const kinds[] = {[CONF_TYPE_TABLE] = "a table",
		[CONF_TYPE_TABLES] = "an array of tables",
		[CONF_TYPE_STRING] = "a key",
		[CONF_TYPE_INTEGER] = "a key",
		[CONF_TYPE_BOOLEAN] = "a key",
		[CONF_TYPE_ARRAY] = "a key"};

	(void)conf_fault(conf, part->place, fault, "duplicate",
		"'%.*s' is %s already, since line %u", CONF_SHOWN, conf->strings + part->name,
		kinds[before->type], before->line);
	return NULL;
}

struct conf_entry *conf_add_key(struct conf *conf, struct conf_entry *table,
	const struct conf_part *key, struct fault *fault)
{
	const struct conf_entry *before = conf_child(conf, table, conf->strings + key->name);

	if (before != NULL)
		return refuse_twice(conf, key, before, fault);
	return add(conf, table, CONF_TYPE_STRING, key, fault);
}

struct conf_element *conf_add_element(
	struct conf *conf, struct conf_entry *array, struct conf_place place, struct fault *fault)
{
	struct conf_element *element = &conf->elements[conf->element_count];

	if (conf->element_count == CONF_ELEMENTS_MAX) {
		(void)conf_fault(conf, place, fault, "limit",
			"the arrays of this text have more than %u elements", CONF_ELEMENTS_MAX);
		return NULL;
	}
	conf->element_count++;
	array->last++;
	*element = (struct conf_element){.line = place.line, .column = place.column};
	return element;
}

/* Walks to the table that holds the last part of the name, adding the tables on the way. */
static struct conf_entry *walk(
	struct conf *conf, const struct conf_part *parts, uint32_t count, struct fault *fault)
{
	struct conf_entry *table = conf_root(conf);

	for (uint32_t i = 0; i + 1 < count && table != NULL; i++) {
		struct conf_entry *next = conf_child(conf, table, conf->strings + parts[i].name);

		if (next == NULL)
			table = add(conf, table, CONF_TYPE_TABLE, &parts[i], fault);
		else if (next->type == CONF_TYPE_TABLE)
			table = next;
		else if (next->type == CONF_TYPE_TABLES)
			table = &conf->entries[next->last];
		else
			table = refuse_twice(conf, &parts[i], next, fault);
	}
	return table;
}

struct conf_entry *conf_open_table(
	struct conf *conf, const struct conf_part *parts, uint32_t count, struct fault *fault)
{
	const struct conf_part *part = &parts[count - 1];
	struct conf_entry *parent = walk(conf, parts, count, fault), *table;

	if (parent == NULL)
		return NULL;
	table = conf_child(conf, parent, conf->strings + part->name);
	if (table != NULL && (table->type != CONF_TYPE_TABLE || table->header))
		return refuse_twice(conf, part, table, fault);
	if (table == NULL)
		table = add(conf, parent, CONF_TYPE_TABLE, part, fault);
	if (table != NULL)
		table->header = 1;
	return table;
}

struct conf_entry *conf_open_entry(
	struct conf *conf, const struct conf_part *parts, uint32_t count, struct fault *fault)
{
	const struct conf_part *part = &parts[count - 1];
	const struct conf_part nameless = {.name = 0, .place = part->place};
	struct conf_entry *parent = walk(conf, parts, count, fault), *tables, *table;

	if (parent == NULL)
		return NULL;
	tables = conf_child(conf, parent, conf->strings + part->name);
	if (tables != NULL && tables->type != CONF_TYPE_TABLES)
		return refuse_twice(conf, part, tables, fault);
	if (tables == NULL)
		tables = add(conf, parent, CONF_TYPE_TABLES, part, fault);
	if (tables == NULL)
		return NULL;
	table = add(conf, tables, CONF_TYPE_TABLE, &nameless, fault);
	if (table != NULL)
		table->header = 1;
	return table;
}
