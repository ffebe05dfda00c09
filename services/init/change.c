/* change: see change.h. */
#include "services/init/change.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/kernel/log.h"
#include "runtime/kernel/path.h"
#include "services/init/init.h"
#include "services/init/mark.h"

#define CODE_INVALID   65
#define CODE_NOT_FOUND 66
#define CODE_FAILED    76
#define CODE_DENIED    77

#define MEASURE_SECONDS 130u /* as at the boot: the NSM may take two minutes */

static const char *const words[] = {
	[CHANGE_RELOAD] = "reload", [CHANGE_ENABLE] = "enable", [CHANGE_DISABLE] = "disable"};

/* The pages of a set that nobody needs any more. */
static void give_back(struct unit_set *set)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t begin = ((uintptr_t)set + page - 1u) / page * page;
	uintptr_t end = (uintptr_t)(set + 1) / page * page;

	unit_set_begin(set);
	if (begin < end)
		(void)madvise((void *)begin, end - begin, MADV_DONTNEED); /* NOLINT */
}

static void end(struct init *init, uint32_t code)
{
	struct change *change = &init->change;

	change->code = code;
	change->is_measured = false;
	if (code == 0)
		LOG(LOG_INFO, "configuration was changed", log_string("by", words[change->kind]),
			log_string("unit", change->unit),
			log_boolean("applied", change->is_applied));
	else
		LOG(LOG_ERROR, "configuration was not changed",
			log_string("by", words[change->kind]), log_string("unit", change->unit),
			log_string("reason", change->fault.word),
			log_string("fault", change->fault.text));
	control_news(init);
}

static void refuse(struct init *init, uint32_t code, const char *word, const char *text)
{
	(void)fault_set(&init->change.fault, word, "%s", text);
	end(init, code);
}

/* --- The new set ------------------------------------------------------------------------------ */

static int load(struct init *init)
{
	struct change *change = &init->change;
	struct unit_set *set = units_other_set(&init->units);
	const char *root = init->folder == NULL ? "/" : init->folder;
	int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC), failed;

	unit_set_begin(set);
	if (fd < 0)
		return path_fault(&change->fault, errno, "open", root, strlen(root));
	failed = unit_set_load(set, fd, init->folder == NULL ? UNITS_FOLDER : ".", &change->choices,
		&change->fault);
	(void)close(fd);
	return failed;
}

/* Whether a fault is an old one, of a file that nobody has changed since: who enables a unit is not
 * asked about others, but about that one. */
static bool is_known(struct init *init, uint32_t i)
{
	const struct unit_set *old = units_set(&init->units);
	const struct unit_set *new = units_other_set(&init->units);
	uint32_t was = unit_set_find(old, new->list[i].name);

	if (init->change.kind == CHANGE_ENABLE && strcmp(new->list[i].name, init->change.unit) == 0)
		return false;
	return init->change.kind != CHANGE_RELOAD && was < old->count &&
	       old->faults[was].word[0] != '\0' &&
	       unit_set_change(old, was, new, i) == UNIT_UNCHANGED;
}

static uint32_t count_faults(struct init *init)
{
	const struct unit_set *set = units_other_set(&init->units);
	uint32_t left_out = set->left_out, count = 0;

	if (init->change.kind != CHANGE_RELOAD && left_out == units_set(&init->units)->left_out)
		left_out = 0;
	for (uint32_t i = 0; i < set->count; i++)
		count += set->faults[i].word[0] != '\0' && !is_known(init, i);
	return count + left_out;
}

/* Those that go keep their places until they have ended. */
static uint32_t count_places(struct init *init)
{
	const struct unit_set *set = units_other_set(&init->units);
	uint32_t count = set->count;

	for (uint32_t i = 0; i < init->units.count; i++) {
		const char *name = init->units.list[i].file.name;

		count += name[0] != '\0' && unit_set_find(set, name) == set->count;
	}
	return count;
}

/* Those of units that leave together are kept until they have left. */
static size_t count_edges(struct init *init)
{
	const struct units *units = &init->units;
	const struct unit_set *set = units_other_set(&init->units);
	size_t count = set->edge_count;

	for (size_t k = 0; k < units->edge_count; k++) {
		const char *before = units->list[units->edges[k].before].file.name;
		const char *after = units->list[units->edges[k].after].file.name;

		count += unit_set_find(set, before) == set->count &&
			 unit_set_find(set, after) == set->count;
	}
	return count;
}

/* 0, or a code with its fault. */
static uint32_t judge(struct init *init)
{
	struct change *change = &init->change;
	const struct unit_set *set = units_other_set(&init->units);
	uint32_t faults;

	if (load(init) != 0)
		return CODE_NOT_FOUND;
	if (change->unit[0] != '\0' && unit_set_find(set, change->unit) == set->count) {
		(void)fault_set(
			&change->fault, "not_found", "there is no unit file of '%s'", change->unit);
		return CODE_NOT_FOUND;
	}
	faults = count_faults(init);
	change->is_invalid = faults > 0;
	if (faults > 0) {
		(void)fault_set(&change->fault, "invalid",
			"nothing is changed: %u of %u units can't be used", faults,
			set->count + set->left_out);
		return CODE_INVALID;
	}
	if (count_places(init) > UNITS_MAX) {
		(void)fault_set(&change->fault, "limit",
			"units that come and those that go are more than %u: do it in two steps",
			UNITS_MAX);
		return CODE_FAILED;
	}
	if (count_edges(init) > ORDER_EDGES_MAX) {
		(void)fault_set(&change->fault, "limit",
			"relations of units that come and of those that go are more than %u: do it "
			"in two steps",
			ORDER_EDGES_MAX);
		return CODE_FAILED;
	}
	return 0;
}

/* Before they are measured. Who is as before keeps what was marked then. */
static void mark_all(struct init *init)
{
	static struct unit_file file;
	const struct unit_set *old = units_set(&init->units);
	struct unit_set *new = units_other_set(&init->units);

	for (uint32_t i = 0; i < new->count; i++) {
		uint32_t was = unit_set_find(old, new->list[i].name);
		struct fault fault = {0};

		if (unit_set_change(old, was, new, i) == UNIT_UNCHANGED)
			memcpy(new->list[i].mark, old->list[was].mark, DIGEST_SIZE);
		else if (unit_set_read(new, i, &file, &fault) == 0)
			mark_files(new->list[i].mark, &file);
	}
}

/* --- Begin, measure, apply -------------------------------------------------------------------- */

static void apply(struct init *init)
{
	struct change *change = &init->change;

	if (init->units.is_stopping) {
		refuse(init, CODE_FAILED, "stopping", "init is stopping all units");
		return;
	}
	init->units.choices = change->choices;
	change->is_applied = true;
	units_change(&init->units, change->kind == CHANGE_ENABLE ? change->unit : NULL);
	end(init, 0);
}

static void measured(struct aside *aside, int code)
{
	struct init *init = aside->user;

	timer_stop(&init->change.limit);
	if (code == CHANGE_MEASURED || code == CHANGE_LOGGED)
		apply(init);
	else if (code == CHANGE_LOCKED)
		refuse(init, CODE_DENIED, "locked",
			"register 17 is locked: the configuration of this enclave was changed once "
			"already, or may not be (RunTimeChanges of its image)");
	else
		refuse(init, CODE_FAILED, "nsm", "register 17 can't be told of it");
	if (!init->change.is_held)
		change_release(init);
}

/* What is killed may live on for as long as the NSM holds it; what it says then is not heard. */
static void late(struct timer *timer)
{
	struct change *change = (struct change *)((char *)timer - offsetof(struct change, limit));
	struct init *init = change->aside.user;

	aside_drop(&change->aside);
	refuse(init, CODE_FAILED, "nsm", "the NSM does not answer in time");
	if (!change->is_held)
		change_release(init);
}

static bool may_begin(struct init *init)
{
	if (init->units.is_stopping)
		refuse(init, CODE_FAILED, "stopping", "init is stopping all units");
	else if (init->boot.cs != BOOT_IN_UNITS && init->boot.cs != BOOT_IN_READY)
		refuse(init, CODE_FAILED, "starting", "the boot has not come to its units yet");
	else if (init->is_command)
		refuse(init, CODE_NOT_FOUND, "not_found", "this enclave runs /cmd, and no units");
	else if (init->settings.changes == CHANGES_NONE)
		refuse(init, CODE_DENIED, "denied",
			"the image permits no other configuration: RunTimeChanges");
	else if (init->change.aside.pid != 0)
		refuse(init, CODE_FAILED, "nsm",
			"the NSM has not answered to an earlier change, which has not ended");
	else
		return true;
	return false;
}

/* What an operator says counts for as long as init lives, also where it changes nothing now. */
static bool is_new_choice(const struct init *init)
{
	const struct change *change = &init->change;

	return change->kind != CHANGE_RELOAD && choices_of(&init->units.choices, change->unit) !=
							choices_of(&change->choices, change->unit);
}

static void begin_measuring(struct init *init)
{
	struct change *change = &init->change;

	mark_all(init);
	change->is_measured = true;
	change->aside.done = measured;
	change->aside.user = init;
	change->limit.fired = late;
	if (aside_start(&change->aside, init->loop, change_measure, init, &change->fault) != 0)
		end(init, CODE_FAILED);
	else
		timer_start(&change->limit, init->loop, MEASURE_SECONDS * CLOCK_SECOND);
}

void change_begin(struct init *init, enum change_kind kind, const char *unit)
{
	struct change *change = &init->change;
	uint32_t code;

	change->is_held = true;
	change->is_applied = change->is_invalid = false;
	change->kind = kind;
	(void)snprintf(change->unit, sizeof change->unit, "%s", unit);
	change->choices = init->units.choices;
	if (!may_begin(init))
		return;
	code = kind == CHANGE_RELOAD
		       ? 0
		       : (uint32_t)-choices_set(&change->choices, unit,
				 kind == CHANGE_ENABLE ? CHOICE_ENABLED : CHOICE_DISABLED,
				 &change->fault);
	code = code != 0 ? CODE_FAILED : judge(init);
	if (code != 0 || (!is_new_choice(init) && unit_set_changes(units_set(&init->units),
							  units_other_set(&init->units)) == 0))
		end(init, code);
	else if (init->folder != NULL)
		apply(init);
	else
		begin_measuring(init);
}

void change_release(struct init *init)
{
	struct change *change = &init->change;

	change->is_held = false;
	if (change->is_measured)
		return;
	give_back(units_other_set(&init->units));
	change->is_applied = change->is_invalid = false;
	if (change->is_wanted) {
		change->is_wanted = false;
		change_by_signal(init);
	}
	control_news(init);
}

void change_by_signal(struct init *init)
{
	struct change *change = &init->change;

	if (change->is_held || change->is_measured) {
		change->is_wanted = true;
		return;
	}
	change_begin(init, CHANGE_RELOAD, "");
	change_release(init);
}

/* --- What came of it -------------------------------------------------------------------------- */

/* Of a set that was refused: what is wrong with it. */
static bool fault_row(struct init *init, uint32_t i, struct change_row *row)
{
	const struct unit_set *set = units_other_set(&init->units);

	for (uint32_t k = 0; k < set->count; k++) {
		if (set->faults[k].word[0] == '\0' || is_known(init, k) || i-- > 0)
			continue;
		row->name = set->list[k].name;
		row->fault = set->faults[k].text;
		return true;
	}
	return false;
}

bool change_row(struct init *init, uint32_t i, struct change_row *row)
{
	const struct unit_set *new = units_set(&init->units);
	const struct unit_set *old = init->change.is_applied ? units_other_set(&init->units) : new;
	uint32_t place;

	*row = (struct change_row){.name = NULL};
	if (init->change.is_invalid)
		return fault_row(init, i, row);
	if (init->change.code != 0)
		return false;
	if (i < new->count) {
		row->name = new->list[i].name;
		row->change = unit_set_change(old, unit_set_find(old, row->name), new, i);
		place = units_find(&init->units, row->name);
		row->waits = place < init->units.count && init->units.list[place].is_changed;
		return true;
	}
	i -= new->count;
	for (uint32_t k = 0; k < old->count; k++) {
		if (unit_set_find(new, old->list[k].name) < new->count || i-- > 0)
			continue;
		row->name = old->list[k].name;
		row->change = UNIT_REMOVED;
		return true;
	}
	return false;
}
