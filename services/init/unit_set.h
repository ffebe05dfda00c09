/* unit_set: the unit files of a folder, read whole and judged before anything of them is used. A
 * set holds the files as they are, so a unit can take its definition from there when it is time,
 * and what that is has been measured. */
#ifndef CLOISTER_SERVICES_INIT_UNIT_SET_H
#define CLOISTER_SERVICES_INIT_UNIT_SET_H

#include "services/init/choices.h"
#include "services/init/diff.h"
#include "services/init/digest.h"
#include "services/init/order.h"
#include "services/init/unit_file.h"

#define UNITS_MAX         ORDER_UNITS_MAX
#define UNIT_SET_TEXT_MAX CONF_TEXT_MAX         /* bytes of all files of a set */
#define UNIT_WHAT         "unit %s" UNIT_SUFFIX /* how its file is called where it is measured */

struct unit_entry {
	char name[UNIT_NAME_MAX];
	uint8_t digest[DIGEST_SIZE]; /* of its file */
	uint8_t mark[DIGEST_SIZE];   /* of its program and its files of variables: mark.h */
	uint32_t begin, size;        /* its file, in the set's text */
	bool is_enabled;
	bool is_instance;  /* its file is that of its template */
	bool is_set_aside; /* its file is NAME.service.disabled, and an operator has named it */
};

/* Zeroed is empty. No more of it is touched than what is in it needs. */
struct unit_set {
	char folder[CONF_FILE_MAX / 2]; /* as faults call it */
	uint32_t count;                 /* in the order of their names */
	uint32_t left_out;              /* files that have no place here */
	bool has_templates;
	struct unit_entry list[UNITS_MAX];
	struct order_edge edges[ORDER_EDGES_MAX]; /* between places of the list */
	size_t edge_count;
	uint32_t used;
	struct fault faults[UNITS_MAX]; /* why one can't be used; no word: it can */
	char text[UNIT_SET_TEXT_MAX + 1u];
};

/* Forgets what is in it. */
void unit_set_begin(struct unit_set *set);

/* Reads every NAME.service in `folder` beneath `root`, a descriptor, into an empty set, and makes
 * the instances of templates that they name: each file, and who comes before whom.
 * NAME.service.disabled is read where there is no other and `choices` name it. What is
 * wrong with one is its fault. Faults of the whole: "not_found" (no such folder), "io". */
int unit_set_load(struct unit_set *set, int root, const char *folder, const struct choices *choices,
	struct fault *fault);

/* Reads the definition of one. It can fail only where the set says that it does. */
int unit_set_read(
	const struct unit_set *set, uint32_t i, struct unit_file *file, struct fault *fault);

/* The place of a name; set->count where there is none. */
uint32_t unit_set_find(const struct unit_set *set, const char *name);

/* Logs that one can't be used, where that is so; returns 1 then, else 0. */
uint32_t unit_set_say(const struct unit_set *set, uint32_t i);

/* --- Two sets (unit_set_diff.c) --------------------------------------------------------------- */

/* Of a unit by its places in the old set and the new one; a place that is no set's is none. */
enum unit_change unit_set_change(
	const struct unit_set *old, uint32_t was, const struct unit_set *new, uint32_t is);

/* How many units differ. */
uint32_t unit_set_changes(const struct unit_set *old, const struct unit_set *new);

/* --- Between the files of this module --------------------------------------------------------- */

/* Reads a file behind what the set has. */
int unit_set_take(struct unit_set *set, int root, uint32_t i, struct fault *fault);

/* The same as unit_set_read, and enabled as the file says. */
int unit_set_parse(
	const struct unit_set *set, uint32_t i, struct unit_file *file, struct fault *fault);

/* Puts a name behind the others; one too many is left out and logged. */
struct unit_entry *unit_set_add(struct unit_set *set, const char *name);

/* Adds an instance for each name that an enabled unit of the set gives, or an operator has chosen,
 * that no unit has and that has a template. The set is not in order then. */
void unit_set_add_instances(struct unit_set *set, int root, const struct choices *choices);

/* Adds the edges that a unit's file gives. Faults: "missing", "limit". */
int unit_set_link(
	struct unit_set *set, uint32_t i, const struct unit_file *file, struct fault *fault);

/* Units that wait for themselves can't be used. */
void unit_set_find_rings(struct unit_set *set);

#endif
