/* conf: reads a text of Cloister's configuration language, a strict subset of TOML 1.0
 * (spec/conf.md), into a store that the caller owns, and answers questions about it.
 *
 * The order of use: conf_parse once, then the getters for every key that is known, then
 * conf_unknown, which finds the first key that nobody asked for. Nothing here allocates but
 * conf_parse_file, and the text may go away after conf_parse. Faults read "FILE:LINE:COLUMN: ...",
 * with lines and columns from 1; a column counts characters. Words of faults: syntax, subset (TOML,
 * yet not in the subset), duplicate, limit, type, range, missing, unknown.
 */
#ifndef CLOISTER_RUNTIME_KERNEL_CONF_H
#define CLOISTER_RUNTIME_KERNEL_CONF_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/kernel/fault.h"

#define CONF_TEXT_MAX     262144u /* bytes of a text */
#define CONF_ENTRIES_MAX  4096u   /* keys and tables of a text, with the root */
#define CONF_ELEMENTS_MAX 8192u   /* elements of all arrays of a text */
#define CONF_DEPTH_MAX    4u      /* parts of the name of a table: [a.b.c.d] */
#define CONF_FILE_MAX     256u    /* bytes of the file's name in faults, with the NUL; it is cut */

enum conf_type {
	CONF_TYPE_TABLE = 1,
	CONF_TYPE_TABLES, /* an array of tables */
	CONF_TYPE_STRING,
	CONF_TYPE_INTEGER,
	CONF_TYPE_BOOLEAN,
	CONF_TYPE_ARRAY /* of scalars */
};

/* A key with its value, or a table. Indexes are into conf.entries, 0 is none; offsets are into
 * conf.strings. Callers read type, line and column, and pass the rest by. */
struct conf_entry {
	int64_t number; /* the integer; 0 or 1 of a boolean; offset of a string */
	uint32_t name;  /* offset; "" for the root and for the entries of an array of tables */
	uint32_t first; /* table, tables: its first entry; array: index of its first element */
	uint32_t last;  /* table, tables: its last entry; array: how many elements */
	uint32_t next;  /* the next entry of the same table */
	uint32_t line, column;
	uint8_t type;   /* enum conf_type */
	uint8_t header; /* table: 1 once it had a header of its own */
	uint8_t asked;  /* 1 once a getter asked for it */
};

/* One element of an array: a scalar. */
struct conf_element {
	int64_t number; /* as in conf_entry */
	uint32_t line, column;
	uint8_t type;
};

/* About 610 KiB, of which no more is touched than the text needs; too large for a stack. It holds
 * no pointers, so a copy is as good as the original. */
struct conf {
	char file[CONF_FILE_MAX];
	uint32_t entry_count, element_count, string_bytes;
	struct conf_entry entries[CONF_ENTRIES_MAX]; /* in the order of the text; 0 is the root */
	struct conf_element elements[CONF_ELEMENTS_MAX];
	char strings[CONF_TEXT_MAX + 2u]; /* each ends with a NUL */
};

/* The elements of an array of strings. */
struct conf_strings {
	const struct conf_element *elements;
	uint32_t count;
};

/* Reads text[0..size). `file` is what faults call it. After a failure the store is empty. */
int conf_parse(
	struct conf *conf, const char *file, const void *text, size_t size, struct fault *fault);

/* Reads the file; this one allocates while it does. More words: not_found, input, memory. */
int conf_parse_file(struct conf *conf, const char *path, struct fault *fault);

/* 1 while the store is sound: every link and offset inside, every entry reached once. For tests. */
int conf_ok(const struct conf *conf);

/* The table of the keys in front of the first header. */
struct conf_entry *conf_root(struct conf *conf);

/* The entry `key` of `table`, or null. It counts as asked for. A null table is an empty one, here
 * and below, so that the keys of a table which may be missing can be read without a test. */
struct conf_entry *conf_find(struct conf *conf, const struct conf_entry *table, const char *key);

/* The getters: a key that is missing leaves *value as the caller has set it, and is no failure.
 * conf_table and conf_tables then put null there. A key of another type is a failure. */
int conf_string(struct conf *conf, const struct conf_entry *table, const char *key,
	const char **value, struct fault *fault);
int conf_integer(struct conf *conf, const struct conf_entry *table, const char *key, int64_t low,
	int64_t high, int64_t *value, struct fault *fault);
int conf_boolean(struct conf *conf, const struct conf_entry *table, const char *key, int *value,
	struct fault *fault);
int conf_list(struct conf *conf, const struct conf_entry *table, const char *key,
	struct conf_strings *value, struct fault *fault);
int conf_table(struct conf *conf, const struct conf_entry *table, const char *key,
	struct conf_entry **value, struct fault *fault);

/* The first table of an array of tables; conf_next gives the others. */
int conf_tables(struct conf *conf, const struct conf_entry *table, const char *key,
	struct conf_entry **value, struct fault *fault);

/* Element `index` of a list, which must be below its count. */
const char *conf_at(const struct conf *conf, const struct conf_strings *list, uint32_t index);

/* The entries of a table in the order of the text, for tables whose keys are free; null at the end.
 * They do not count as asked for until a getter reads them. */
struct conf_entry *conf_first(struct conf *conf, const struct conf_entry *table);
struct conf_entry *conf_next(struct conf *conf, const struct conf_entry *entry);
const char *conf_name(const struct conf *conf, const struct conf_entry *entry);

/* Fails where `key` is missing. */
int conf_require(
	struct conf *conf, const struct conf_entry *table, const char *key, struct fault *fault);

/* Fails where there is an entry that no getter has asked for, with the first one of the text. */
int conf_unknown(const struct conf *conf, struct fault *fault);

/* Sets a fault that begins with the file's name and the place of `entry`. Always returns -1. */
int conf_refuse(const struct conf *conf, const struct conf_entry *entry, struct fault *fault,
	const char *word, const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
