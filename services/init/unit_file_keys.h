/* unit_file_keys: the keys of a unit file as tables of rows, one table for each theme. A new key is
 * a new row, and a row of spec/units.md. */
#ifndef CLOISTER_SERVICES_INIT_UNIT_FILE_KEYS_H
#define CLOISTER_SERVICES_INIT_UNIT_FILE_KEYS_H

#include <stddef.h>

#include "services/init/unit_file.h"

/* A file on its way into a unit. */
struct unit_reading {
	struct unit_file *unit;
	struct conf *conf;
	struct conf_entry *root;
	struct fault *fault;
};

/* One key. What is missing in a file leaves the unit as unit_file_begin has made it. */
struct unit_key {
	const char *name; /* null: the end of the table */
	int (*read)(const struct unit_reading *reading, const struct unit_key *key);
	size_t place; /* of the member of struct unit_file, whose type is that of `read` */
	int64_t low, high;
	const char *const *words; /* to a null; the value is the place of a word */
};

/* Rows for each type of member. */
#define UNIT_KEY_TEXT(key, member)                                                                 \
	{                                                                                          \
		.name = (key), .read = unit_key_text, .place = offsetof(struct unit_file, member)  \
	}
#define UNIT_KEY_FLAG(key, member)                                                                 \
	{                                                                                          \
		.name = (key), .read = unit_key_flag, .place = offsetof(struct unit_file, member)  \
	}
#define UNIT_KEY_COMMAND(key, member)                                                              \
	{                                                                                          \
		.name = (key), .read = unit_key_command,                                           \
		.place = offsetof(struct unit_file, member)                                        \
	}
#define UNIT_KEY_NAMES(key, member)                                                                \
	{                                                                                          \
		.name = (key), .read = unit_key_names, .place = offsetof(struct unit_file, member) \
	}
#define UNIT_KEY_PATHS(key, member)                                                                \
	{                                                                                          \
		.name = (key), .read = unit_key_paths, .place = offsetof(struct unit_file, member) \
	}
#define UNIT_KEY_NUMBER(key, member, from, to)                                                     \
	{                                                                                          \
		.name = (key), .read = unit_key_number,                                            \
		.place = offsetof(struct unit_file, member), .low = (from), .high = (to)           \
	}
#define UNIT_KEY_SIZE(key, member, from, to)                                                       \
	{                                                                                          \
		.name = (key), .read = unit_key_size, .place = offsetof(struct unit_file, member), \
		.low = (from), .high = (to)                                                        \
	}
#define UNIT_KEY_WORD(key, member, list)                                                           \
	{                                                                                          \
		.name = (key), .read = unit_key_word, .place = offsetof(struct unit_file, member), \
		.words = (list)                                                                    \
	}

/* `const char *`: a string that is not empty. */
int unit_key_text(const struct unit_reading *reading, const struct unit_key *key);
/* `int`: a boolean. */
int unit_key_flag(const struct unit_reading *reading, const struct unit_key *key);
/* `struct unit_names`: names of units, with or without the suffix of their files. */
int unit_key_names(const struct unit_reading *reading, const struct unit_key *key);
/* `struct unit_paths` */
int unit_key_paths(const struct unit_reading *reading, const struct unit_key *key);
/* `uint32_t`, and `uint64_t`: an integer from `low` to `high`. */
int unit_key_number(const struct unit_reading *reading, const struct unit_key *key);
int unit_key_size(const struct unit_reading *reading, const struct unit_key *key);
/* `uint32_t`: the place of the word among `words`. */
int unit_key_word(const struct unit_reading *reading, const struct unit_key *key);

/* Prefixes the fault of ours with where the key stands. Always returns -1. */
int unit_key_refuse(const struct unit_reading *reading, const char *name);

/* A list of words with a null at its end, and how many it may have. */
struct unit_list {
	const char **words;
	uint32_t *count;
	uint32_t most;
};

/* Takes one more. Fault: "limit". */
int unit_file_append(struct unit_file *unit, const struct unit_list *list, const char *bytes,
	size_t size, struct fault *fault);

/* A command: a line of words, or an array of them. Where the key is missing, nothing is taken. */
int unit_key_list(
	const struct unit_reading *reading, const char *name, const struct unit_list *list);
/* `struct unit_command`: the same. */
int unit_key_command(const struct unit_reading *reading, const struct unit_key *key);

/* Takes `size` bytes and a NUL of the unit's text; null where it is full. */
char *unit_file_take(struct unit_file *unit, const char *bytes, size_t size, struct fault *fault);

/* The themes, unit_file_NAME.c. */
extern const struct unit_key unit_keys_process[], unit_keys_rights[], unit_keys_life[],
	unit_keys_ready[], unit_keys_limits[], unit_keys_logs[], unit_keys_order[];

#endif
