/* conf_query: the questions about a text that was read; see conf.h. */
#include <string.h>

#include "runtime/kernel/conf_store.h"

struct conf_entry *conf_root(struct conf *conf)
{
	return &conf->entries[0];
}

struct conf_entry *conf_find(struct conf *conf, const struct conf_entry *table, const char *key)
{
	struct conf_entry *entry = table == NULL ? NULL : conf_child(conf, table, key);

	if (entry != NULL)
		entry->asked = 1;
	return entry;
}

/* The entry of that key and type; null where it is missing or, with *result -1, another type. */
static struct conf_entry *find_typed(struct conf *conf, const struct conf_entry *table,
	const char *key, enum conf_type type, struct fault *fault, int *result)
{
	static const char *const kinds[] = {[CONF_TYPE_TABLE] = "a table, under a header [...]",
		[CONF_TYPE_TABLES] = "an array of tables, under headers [[...]]",
		[CONF_TYPE_STRING] = "a string, in quotes",
		[CONF_TYPE_INTEGER] = "an integer",
		[CONF_TYPE_BOOLEAN] = "true or false",
		[CONF_TYPE_ARRAY] = "a list of strings: [ \"...\" ]"};
	struct conf_entry *entry = conf_find(conf, table, key);

	*result = 0;
	if (entry == NULL || entry->type == type)
		return entry;
	*result = conf_refuse(conf, entry, fault, "type", "'%s' must be %s", key, kinds[type]);
	return NULL;
}

int conf_string(struct conf *conf, const struct conf_entry *table, const char *key,
	const char **value, struct fault *fault)
{
	int result;
	const struct conf_entry *entry =
		find_typed(conf, table, key, CONF_TYPE_STRING, fault, &result);

	if (entry != NULL)
		*value = conf->strings + entry->number;
	return result;
}

int conf_integer(struct conf *conf, const struct conf_entry *table, const char *key, int64_t low,
	int64_t high, int64_t *value, struct fault *fault)
{
	int result;
	const struct conf_entry *entry =
		find_typed(conf, table, key, CONF_TYPE_INTEGER, fault, &result);

	if (entry == NULL)
		return result;
	if (entry->number < low || entry->number > high)
		return conf_refuse(conf, entry, fault, "range",
			"'%s' is %lld, but must be %lld to %lld", key, (long long)entry->number,
			(long long)low, (long long)high);
	*value = entry->number;
	return 0;
}

int conf_boolean(struct conf *conf, const struct conf_entry *table, const char *key, int *value,
	struct fault *fault)
{
	int result;
	const struct conf_entry *entry =
		find_typed(conf, table, key, CONF_TYPE_BOOLEAN, fault, &result);

	if (entry != NULL)
		*value = (int)entry->number;
	return result;
}

int conf_list(struct conf *conf, const struct conf_entry *table, const char *key,
	struct conf_strings *value, struct fault *fault)
{
	int result;
	const struct conf_entry *entry =
		find_typed(conf, table, key, CONF_TYPE_ARRAY, fault, &result);

	if (entry == NULL)
		return result;
	for (uint32_t i = 0; i < entry->last; i++) {
		const struct conf_element *element = &conf->elements[entry->first + i];

		if (element->type != CONF_TYPE_STRING)
			return conf_fault(conf, (struct conf_place){element->line, element->column},
				fault, "type", "element %u of '%s' must be a string, in quotes",
				i + 1u, key);
	}
	value->elements = conf->elements + entry->first;
	value->count = entry->last;
	return 0;
}

const char *conf_at(const struct conf *conf, const struct conf_strings *list, uint32_t index)
{
	return conf->strings + list->elements[index].number;
}

int conf_table(struct conf *conf, const struct conf_entry *table, const char *key,
	struct conf_entry **value, struct fault *fault)
{
	int result;

	*value = find_typed(conf, table, key, CONF_TYPE_TABLE, fault, &result);
	return result;
}

int conf_tables(struct conf *conf, const struct conf_entry *table, const char *key,
	struct conf_entry **value, struct fault *fault)
{
	int result;
	const struct conf_entry *tables =
		find_typed(conf, table, key, CONF_TYPE_TABLES, fault, &result);

	*value = conf_first(conf, tables);
	for (struct conf_entry *each = *value; each != NULL; each = conf_next(conf, each))
		each->asked = 1;
	return result;
}

struct conf_entry *conf_first(struct conf *conf, const struct conf_entry *table)
{
	if (table == NULL || table->first == 0)
		return NULL;
	return &conf->entries[table->first];
}

struct conf_entry *conf_next(struct conf *conf, const struct conf_entry *entry)
{
	return entry->next == 0 ? NULL : &conf->entries[entry->next];
}

const char *conf_name(const struct conf *conf, const struct conf_entry *entry)
{
	return conf->strings + entry->name;
}

int conf_require(
	struct conf *conf, const struct conf_entry *table, const char *key, struct fault *fault)
{
	if (table == NULL)
		return fault_set(
			fault, "missing", "%s: the table of '%s' is missing", conf->file, key);
	if (conf_find(conf, table, key) != NULL)
		return 0;
	return conf_refuse(conf, table, fault, "missing", "the key '%s' is missing here", key);
}

int conf_unknown(const struct conf *conf, struct fault *fault)
{
	for (uint32_t i = 1; i < conf->entry_count; i++) {
		const struct conf_entry *entry = &conf->entries[i];
		int table = entry->type == CONF_TYPE_TABLE || entry->type == CONF_TYPE_TABLES;

		if (!entry->asked)
			return conf_refuse(conf, entry, fault, "unknown", "unknown %s '%.*s'",
				table ? "table" : "key", CONF_SHOWN, conf_name(conf, entry));
	}
	return 0;
}
