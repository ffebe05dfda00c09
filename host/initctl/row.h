/* row: one row of a reply, its fields by their tags. */
#ifndef CLOISTER_HOST_INITCTL_ROW_H
#define CLOISTER_HOST_INITCTL_ROW_H

#include <stdio.h>

#include "runtime/control/frames.h"

#define ROW_BLOCKERS_MAX 16u

struct row {
	uint64_t numbers[CONTROL_OF_ROW_LAST + 1];
	char texts[CONTROL_OF_ROW_LAST + 1][CONTROL_TEXT_MAX];
	bool has[CONTROL_OF_ROW_LAST + 1];
	uint32_t blocker_count;
	char blockers[ROW_BLOCKERS_MAX][128];
};

/* False where it can't be read. Fields that we do not know are passed over. */
bool row_read(struct row *row, struct fields fields);

/* One object with all fields, by the names of spec/control.md. */
void row_json(FILE *stream, const struct row *row);

#endif
