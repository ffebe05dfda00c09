/* conf_store: how conf_parse fills a struct conf: entries, elements and strings, each bounded, and
 * TOML's rules about what may be given twice. Not for users of conf.h. */
#ifndef CLOISTER_RUNTIME_KERNEL_CONF_STORE_H
#define CLOISTER_RUNTIME_KERNEL_CONF_STORE_H

#include "runtime/kernel/conf.h"

/* Where something stands in the text. */
struct conf_place {
	uint32_t line, column;
};

/* One part of the name of a table, or a key. */
struct conf_part {
	uint32_t name; /* offset of the string */
	struct conf_place place;
};

/* Names in faults are cut at this many bytes. */
#define CONF_SHOWN 64

/* An empty store: the root and the empty string. */
void conf_clear(struct conf *conf, const char *file);

/* Sets a fault with a place. Always returns -1. */
int conf_fault(const struct conf *conf, struct conf_place place, struct fault *fault,
	const char *word, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Room for a string of up to `size` bytes and its NUL, or null with the fault set. The string
 * counts only after conf_string_keep, which ends it with a NUL and returns its offset. */
char *conf_string_room(
	struct conf *conf, size_t size, struct conf_place place, struct fault *fault);
uint32_t conf_string_keep(struct conf *conf, size_t size);

/* A new key of `table`, without a value yet; it must not be there. */
struct conf_entry *conf_add_key(struct conf *conf, struct conf_entry *table,
	const struct conf_part *key, struct fault *fault);

/* A new element at the end of `array`, which must be the newest entry. */
struct conf_element *conf_add_element(
	struct conf *conf, struct conf_entry *array, struct conf_place place, struct fault *fault);

/* The table that the header [a.b.c] opens. */
struct conf_entry *conf_open_table(
	struct conf *conf, const struct conf_part *parts, uint32_t count, struct fault *fault);

/* The table that the header [[a.b.c]] adds to an array of tables. */
struct conf_entry *conf_open_entry(
	struct conf *conf, const struct conf_part *parts, uint32_t count, struct fault *fault);

/* The entry of that name, or null. */
struct conf_entry *conf_child(struct conf *conf, const struct conf_entry *table, const char *name);

#endif
