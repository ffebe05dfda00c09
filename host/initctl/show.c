/* show: replies as text for people, or as JSON. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "host/initctl/row.h"
#include "host/initctl/verbs.h"
#include "runtime/control/text.h"

struct show {
	struct command *command;
	struct row row;
	uint32_t count;
};

static bool no_bytes(void *user, const uint8_t *bytes, size_t size)
{
	(void)user;
	(void)bytes;
	(void)size;
	return true;
}

int ask_rows(struct command *command, bool (*row)(void *user, struct fields fields), void *user,
	struct fault *fault)
{
	const struct request request = {.verb = command->verb->number,
		.unit = command->unit,
		.lines = command->lines,
		.follows = command->follows,
		.is_now = command->is_now};
	const struct listener_of_reply listener = {.row = row, .bytes = no_bytes, .user = user};

	return talk_ask(&command->talk, &request, &listener, fault);
}

static bool no_row(void *user, struct fields fields)
{
	(void)user;
	(void)fields;
	return true;
}

int verb_change(struct command *command, struct fault *fault)
{
	int code = ask_rows(command, no_row, NULL, fault);

	if (code == 0 && command->json)
		(void)puts("{\"result\":\"done\"}");
	else if (code == 0 && command->verb->number == CONTROL_PING)
		(void)puts(command->talk.may_change ? "init is there, and does what you ask"
						    : "init is there, and can be observed");
	return code;
}

/* --- Tables: list, graph, events -------------------------------------------------------------- */

static void time_of_day(uint64_t nanoseconds, char text[40])
{
	time_t seconds = (time_t)(nanoseconds / 1000000000u);
	struct tm parts;
	char day[32];

	(void)gmtime_r(&seconds, &parts);
	(void)strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &parts);
	(void)snprintf(text, 40, "%s.%03uZ", day, (unsigned)(nanoseconds / 1000000u % 1000u));
}

static void list_row(const struct row *row, bool is_first)
{
	if (is_first)
		(void)printf("%-24s %-9s %-9s %8s %7s %5s %9s\n", "NAME", "STANDING", "STATE",
			"PID", "STARTS", "EXIT", "SECONDS");
	(void)printf("%-24s %-9s %-9s %8" PRIu64 " %7" PRIu64 " %5" PRIu64 " %9" PRIu64 "%s\n",
		row->texts[CONTROL_OF_NAME], row->texts[CONTROL_OF_STANDING],
		row->texts[CONTROL_OF_STATE], row->numbers[CONTROL_OF_PID],
		row->numbers[CONTROL_OF_STARTS], row->numbers[CONTROL_OF_EXIT],
		row->numbers[CONTROL_OF_SECONDS],
		row->numbers[CONTROL_OF_PENDING] != 0 ? " changed" : "");
}

static void event_row(const struct row *row)
{
	char when[40];

	time_of_day(row->numbers[CONTROL_OF_TIME], when);
	if (row->has[CONTROL_OF_MISSED])
		(void)printf("... %" PRIu64 " older events are not kept\n",
			row->numbers[CONTROL_OF_MISSED]);
	(void)printf("%s %s: %s -> %s\n", when, row->texts[CONTROL_OF_NAME],
		row->texts[CONTROL_OF_FROM], row->texts[CONTROL_OF_TO]);
}

static const char *relation_of(const char *kind)
{
	static const struct {
		const char *key, *words;
	} relations[] = {{"Requires", "requires"}, {"Wants", "wants"}, {"Milestone", "needs once"},
		{"BindsTo", "is bound to"}};

	for (size_t i = 0; i < sizeof relations / sizeof relations[0]; i++)
		if (strcmp(kind, relations[i].key) == 0)
			return relations[i].words;
	return "comes after";
}

static void edge_row(const struct row *row, bool is_dot)
{
	const char *before = row->texts[CONTROL_OF_BEFORE], *after = row->texts[CONTROL_OF_AFTER];
	const char *kind = row->texts[CONTROL_OF_KIND];

	if (!is_dot)
		(void)printf("%s %s %s\n", after, relation_of(kind), before);
	else if (row->numbers[CONTROL_OF_REQUIRED] != 0)
		(void)printf("\t\"%s\" -> \"%s\";\n", before, after);
	else
		(void)printf("\t\"%s\" -> \"%s\" [style=dashed];\n", before, after);
}

static bool table_row(void *user, struct fields fields)
{
	struct show *show = user;
	const struct command *command = show->command;

	if (!row_read(&show->row, fields))
		return false;
	if (command->json) {
		if (command->verb->number != CONTROL_EVENTS)
			(void)fputs(show->count > 0 ? ",\n" : "[", stdout);
		row_json(stdout, &show->row);
		if (command->verb->number == CONTROL_EVENTS)
			(void)fputc('\n', stdout);
	} else if (command->verb->number == CONTROL_LIST) {
		list_row(&show->row, show->count == 0);
	} else if (command->verb->number == CONTROL_EVENTS) {
		event_row(&show->row);
	} else {
		edge_row(&show->row, command->dot);
	}
	show->count++;
	return fflush(stdout) == 0;
}

int verb_table(struct command *command, struct fault *fault)
{
	static struct show show; /* too large for a stack */
	bool is_dot = command->dot && !command->json;
	int code;

	show.command = command;
	if (is_dot)
		(void)fputs("digraph units {\n", stdout);
	code = ask_rows(command, table_row, &show, fault);
	if (is_dot)
		(void)fputs("}\n", stdout);
	if (command->json && command->verb->number != CONTROL_EVENTS)
		(void)fputs(show.count > 0 ? "]\n" : "[]\n", stdout);
	return code;
}

/* --- One thing: status, system-status --------------------------------------------------------- */

static bool status_row(void *user, struct fields fields)
{
	static const struct {
		uint32_t tag;
		const char *label;
	} lines[] = {{CONTROL_OF_NAME, "unit"}, {CONTROL_OF_RELEASE, "init"},
		{CONTROL_OF_HEALTH, "health"}, {CONTROL_OF_BOOT, "boot"}, {CONTROL_OF_UP, "up"},
		{CONTROL_OF_WAITING, "waiting"}, {CONTROL_OF_DONE, "done"},
		{CONTROL_OF_LOST, "lost"}, {CONTROL_OF_CLIENTS, "clients"},
		{CONTROL_OF_STANDING, "standing"}, {CONTROL_OF_STATE, "state"},
		{CONTROL_OF_WHY, "why"}, {CONTROL_OF_SAID, "says"}, {CONTROL_OF_TYPE, "type"},
		{CONTROL_OF_PID, "pid"}, {CONTROL_OF_SECONDS, "seconds"},
		{CONTROL_OF_STARTS, "starts"}, {CONTROL_OF_EXIT, "last exit"},
		{CONTROL_OF_RESTART, "restart"}, {CONTROL_OF_WRITTEN, "log bytes"},
		{CONTROL_OF_KEPT, "  kept"}, {CONTROL_OF_UNSHOWN, "  not shown"},
		{CONTROL_OF_LOG_FILE, "log file"}, {CONTROL_OF_LOG_LIMIT, "  limit"},
		{CONTROL_OF_LOG_FILES, "  files"}, {CONTROL_OF_LOG_DROPPED, "  dropped"},
		{CONTROL_OF_LOG_SEAL, "  sealed to"}};
	struct show *show = user;
	const struct row *row = &show->row;

	if (!row_read(&show->row, fields))
		return false;
	if (show->command->json) {
		row_json(stdout, row);
		(void)fputc('\n', stdout);
		return true;
	}
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		uint32_t tag = lines[i].tag;

		if (!row->has[tag])
			continue;
		(void)printf("%-12s ", lines[i].label);
		if (row->texts[tag][0] != '\0')
			terminal_text(stdout, row->texts[tag], strlen(row->texts[tag]));
		else
			(void)printf("%" PRIu64, row->numbers[tag]);
		(void)fputc('\n', stdout);
	}
	return true;
}

int verb_status(struct command *command, struct fault *fault)
{
	static struct show show;

	show.command = command;
	return ask_rows(command, status_row, &show, fault);
}
