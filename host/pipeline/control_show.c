/* control_show: detached jobs, for people and as JSON. See control.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "host/pipeline/control.h"
#include "host/pipeline/output.h"
#include "runtime/channel/reason.h"

#define TEXT_MAX 512u

/* One that is told of. */
struct told {
	uint32_t job, runs, status, reason;
	uint64_t began, ended, said, dropped;
	char key[TEXT_MAX], command[TEXT_MAX];
};

static void take(struct told *told, const struct field *field)
{
	switch (field->tag) {
	case SLC_JOB:
		(void)field_number(field, &told->job);
		break;
	case SLC_JOB_RUNS:
		(void)field_number(field, &told->runs);
		break;
	case SLC_JOB_STATUS:
		(void)field_number(field, &told->status);
		break;
	case SLC_REASON:
		(void)field_number(field, &told->reason);
		break;
	case SLC_JOB_BEGAN:
		(void)field_long(field, &told->began);
		break;
	case SLC_JOB_ENDED:
		(void)field_long(field, &told->ended);
		break;
	case SLC_JOB_SAID:
		(void)field_long(field, &told->said);
		break;
	case SLC_JOB_DROPPED:
		(void)field_long(field, &told->dropped);
		break;
	case SLC_JOB_KEY:
		(void)field_text(field, told->key, sizeof told->key);
		break;
	case SLC_JOB_COMMAND:
		(void)field_text(field, told->command, sizeof told->command);
		break;
	default:
		break;
	}
}

/* The row that begins here, up to the next one. False: there is none. */
static bool next_row(struct fields *rows, struct told *told)
{
	struct fields ahead = *rows;
	struct field field;
	bool is_first = true;

	memset(told, 0, sizeof *told);
	while (fields_next(&ahead, &field) == FIELDS_NEXT && (is_first || field.tag != SLC_JOB)) {
		take(told, &field);
		is_first = false;
		*rows = ahead;
	}
	return !is_first;
}

static json_t *as_json(const struct told *told)
{
	json_t *json = json_pack("{s:I, s:s, s:o, s:o, s:I, s:I, s:I}", "job",
		(json_int_t)told->job, "state", told->runs != 0 ? "runs" : "ended", "command",
		output_text(told->command), "key", output_text(told->key), "began",
		(json_int_t)told->began, "said", (json_int_t)told->said, "dropped",
		(json_int_t)told->dropped);

	if (json == NULL || told->runs != 0)
		return json;
	(void)json_object_set_new(json, "status", json_integer((json_int_t)told->status));
	(void)json_object_set_new(json, "reason", json_string(slc_reason_word(told->reason)));
	(void)json_object_set_new(json, "ended", json_integer((json_int_t)told->ended));
	return json;
}

static int print_json(struct fields rows, struct fault *fault)
{
	json_t *jobs = json_array();
	struct told told;

	while (next_row(&rows, &told))
		(void)json_array_append_new(jobs, as_json(&told));
	return output_json(json_pack("{s:o}", "jobs", jobs), fault);
}

static void print_row(const struct told *told)
{
	const time_t seconds = (time_t)told->began;
	char state[64] = "runs", began[64] = "";
	struct tm parts;

	if (told->runs == 0 && told->reason != SLC_REASON_NONE)
		(void)snprintf(state, sizeof state, "%s", slc_reason_word(told->reason));
	else if (told->runs == 0)
		(void)snprintf(state, sizeof state, "ended %" PRIu32, told->status);
	if (gmtime_r(&seconds, &parts) != NULL)
		(void)strftime(began, sizeof began, "%Y-%m-%dT%H:%M:%SZ", &parts);
	printf("%5" PRIu32 "  %-10s  %s  ", told->job, state, began);
	print_escaped(stdout, *told->key != '\0' ? told->key : "-");
	fputs("  ", stdout);
	print_escaped(stdout, told->command);
	putchar('\n');
}

int control_print_jobs(const struct control *control, struct failure *failure)
{
	struct fields rows = fields_of(control->rows, control->size);
	struct told told;

	if (control->options->json)
		return print_json(rows, &failure->fault);
	if (!control->options->quiet && control->size > 0)
		puts("  JOB  STATE       BEGAN                 KEY  COMMAND");
	while (next_row(&rows, &told))
		print_row(&told);
	return output_finish(&failure->fault);
}
