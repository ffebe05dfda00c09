/* conf_ok: whether a store is sound; see conf.h. */
#include <string.h>

#include "runtime/kernel/conf_store.h"

static int string_is_inside(const struct conf *conf, int64_t offset)
{
	return offset >= 0 && offset < (int64_t)conf->string_bytes;
}

static int scalar_is_sound(const struct conf *conf, uint8_t type, int64_t number)
{
	switch (type) {
	case CONF_TYPE_STRING:
		return string_is_inside(conf, number);
	case CONF_TYPE_BOOLEAN:
		return number == 0 || number == 1;
	default:
		return type == CONF_TYPE_INTEGER;
	}
}

/* Entries of a table come after it and each other, so that a walk ends; the last is the last. */
static int table_is_sound(const struct conf *conf, uint32_t index, uint32_t *reached)
{
	const struct conf_entry *table = &conf->entries[index];
	uint32_t previous = index, last = 0;

	for (uint32_t i = table->first; i != 0; i = conf->entries[i].next) {
		if (i <= previous || i >= conf->entry_count)
			return 0;
		if (table->type == CONF_TYPE_TABLES && conf->entries[i].type != CONF_TYPE_TABLE)
			return 0;
		previous = last = i;
		(*reached)++;
	}
	return last == table->last && (table->type == CONF_TYPE_TABLE || last != 0);
}

static int entry_is_sound(const struct conf *conf, uint32_t index, uint32_t *reached)
{
	const struct conf_entry *entry = &conf->entries[index];

	if (!string_is_inside(conf, entry->name) || entry->line == 0 || entry->column == 0)
		return 0;
	if (entry->type == CONF_TYPE_TABLE || entry->type == CONF_TYPE_TABLES)
		return table_is_sound(conf, index, reached);
	if (entry->type != CONF_TYPE_ARRAY)
		return scalar_is_sound(conf, entry->type, entry->number);
	return entry->first <= conf->element_count &&
	       entry->last <= conf->element_count - entry->first;
}

int conf_ok(const struct conf *conf)
{
	uint32_t reached = 1;

	if (conf->entry_count < 1 || conf->entry_count > CONF_ENTRIES_MAX ||
		conf->element_count > CONF_ELEMENTS_MAX || conf->string_bytes < 1 ||
		conf->string_bytes > sizeof conf->strings ||
		conf->strings[conf->string_bytes - 1] != '\0')
		return 0;
	for (uint32_t i = 0; i < conf->entry_count; i++)
		if (!entry_is_sound(conf, i, &reached))
			return 0;
	for (uint32_t i = 0; i < conf->element_count; i++)
		if (!scalar_is_sound(conf, conf->elements[i].type, conf->elements[i].number))
			return 0;
	return reached == conf->entry_count;
}
