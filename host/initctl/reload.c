/* reload: what became of each unit by another configuration. */
#include <inttypes.h>
#include <string.h>

#include "host/initctl/row.h"
#include "host/initctl/verbs.h"
#include "runtime/control/text.h"

struct changes {
	const struct command *command;
	struct row row;
	uint32_t rows, unchanged;
};

static void say(struct changes *changes)
{
	const struct row *row = &changes->row;
	const char *fault = row->texts[CONTROL_OF_FAULT];

	if (strcmp(row->texts[CONTROL_OF_CHANGE], "unchanged") == 0) {
		changes->unchanged++;
	} else if (row->has[CONTROL_OF_FAULT]) {
		(void)fprintf(stderr, "initctl: unit '%s': ", row->texts[CONTROL_OF_NAME]);
		terminal_text(stderr, fault, strlen(fault));
		(void)fputc('\n', stderr);
	} else {
		(void)printf("%-9s %s%s\n", row->texts[CONTROL_OF_CHANGE],
			row->texts[CONTROL_OF_NAME],
			row->numbers[CONTROL_OF_PENDING] != 0
				? ", which runs by its old definition until it ends"
				: "");
	}
}

static bool take(void *user, struct fields fields)
{
	struct changes *changes = user;

	if (!row_read(&changes->row, fields))
		return false;
	if (changes->command->json) {
		(void)fputs(changes->rows > 0 ? ",\n" : "[", stdout);
		row_json(stdout, &changes->row);
	} else {
		say(changes);
	}
	changes->rows++;
	return fflush(stdout) == 0;
}

int verb_reload(struct command *command, struct fault *fault)
{
	static struct changes changes; /* too large for a stack */
	int code;

	changes.command = command;
	code = ask_rows(command, take, &changes, fault);
	if (command->json)
		(void)fputs(changes.rows > 0 ? "]\n" : "[]\n", stdout);
	else if (code == 0)
		(void)printf("%" PRIu32 " of %" PRIu32 " units are as they were\n",
			changes.unchanged, changes.rows);
	return code;
}
