/* why: why a unit is in its state, and, where others are the reason, why those are in theirs. */
#include <string.h>

#include "host/initctl/row.h"
#include "host/initctl/verbs.h"
#include "runtime/control/text.h"

#define DEPTH_MAX     8u
#define QUESTIONS_MAX 64u /* who blocks may be blocked in many ways */

static bool keep(void *user, struct fields fields)
{
	return row_read(user, fields);
}

static void print(const struct row *row, unsigned depth)
{
	const char *why = row->texts[CONTROL_OF_WHY];

	(void)printf("%*s%s is %s: ", (int)(2u * depth), "", row->texts[CONTROL_OF_NAME],
		row->texts[CONTROL_OF_STANDING]);
	terminal_text(stdout, why, strlen(why));
	(void)fputc('\n', stdout);
}

static int explain(struct command *command, const char *unit, unsigned depth, struct fault *fault)
{
	static struct row rows[DEPTH_MAX];
	static unsigned asked;
	struct row *row = &rows[depth];
	int code;

	asked++;
	command->unit = unit;
	code = ask_rows(command, keep, row, fault);
	if (code != 0)
		return code;
	if (command->json) {
		(void)fputs(depth == 0 ? "[" : ",\n", stdout);
		row_json(stdout, row);
	} else {
		print(row, depth);
	}
	for (uint32_t i = 0; i < row->blocker_count && depth + 1u < DEPTH_MAX && code == 0 &&
			     asked < QUESTIONS_MAX;
		i++)
		code = explain(command, row->blockers[i], depth + 1u, fault);
	return code;
}

int verb_why(struct command *command, struct fault *fault)
{
	int code = explain(command, command->unit, 0, fault);

	if (command->json && code == 0)
		(void)puts("]");
	return code;
}
