/* change_measure: what a change brings, into register 17 and the log of events, before anything of
 * it is applied. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "runtime/kernel/log.h"
#include "services/init/init.h"
#include "services/init/measure.h"

static int measure_one(const struct measuring *measuring, const struct unit_set *set, uint32_t i,
	struct fault *fault)
{
	static struct unit_file file;
	struct fault ignored = {0};

	if (unit_set_read(set, i, &file, &ignored) != 0)
		return 0;
	return measure_unit(measuring, &file, set->list[i].digest, fault);
}

/* Units that come or change, in the order of their names, then those that go. */
static int measure_all(const struct measuring *measuring, const struct unit_set *old,
	const struct unit_set *new, struct fault *fault)
{
	char what[UNIT_NAME_MAX + 32];

	for (uint32_t i = 0; i < new->count; i++)
		if (unit_set_change(old, unit_set_find(old, new->list[i].name), new, i) !=
				UNIT_UNCHANGED &&
			measure_one(measuring, new, i, fault) != 0)
			return -1;
	for (uint32_t i = 0; i < old->count; i++) {
		if (unit_set_find(new, old->list[i].name) < new->count)
			continue;
		(void)snprintf(what, sizeof what, "removed %s" UNIT_SUFFIX, old->list[i].name);
		if (measure_word(measuring, what, fault) != 0)
			return -1;
	}
	return 0;
}

static int write_events(
	const struct init *init, const struct measuring *measuring, struct fault *fault)
{
	const struct change *change = &init->change;
	const struct unit_set *old = &init->units.sets[init->units.current];
	const struct unit_set *new = &init->units.sets[1u - init->units.current];
	char what[UNIT_NAME_MAX + 32];

	(void)snprintf(what, sizeof what, "%s %s" UNIT_SUFFIX,
		change->kind == CHANGE_ENABLE ? "enable" : "disable", change->unit);
	if (change->kind != CHANGE_RELOAD && measure_word(measuring, what, fault) != 0)
		return -1;
	return measure_all(measuring, old, new, fault);
}

static int fail(const struct fault *fault)
{
	log_fault(LOG_ERROR, "configuration that came at run time can't be measured", fault);
	return CHANGE_FAILED;
}

/* With the NSM, or without one. */
static int measure(const struct init *init, struct nsm *nsm)
{
	struct measuring measuring = {.nsm = nsm, .pcr = MEASURE_PCR_RUN_TIME};
	struct fault fault = {0};
	struct nsm_pcr pcr;
	int failed;

	if (nsm != NULL && nsm_describe_pcr(nsm, measuring.pcr, &pcr, &fault) != 0)
		return fail(&fault);
	if (nsm != NULL && pcr.is_locked)
		return CHANGE_LOCKED;
	measuring.log = fopen(MEASURE_EVENTS, "ae");
	if (measuring.log == NULL) {
		(void)fault_io(&fault, errno, "cannot write " MEASURE_EVENTS);
		return fail(&fault);
	}
	failed = write_events(init, &measuring, &fault);
	if (fclose(measuring.log) != 0 && failed == 0)
		failed = fault_io(&fault, errno, "cannot write " MEASURE_EVENTS);
	if (failed == 0 && nsm != NULL && init->settings.changes == CHANGES_ONCE)
		failed = nsm_lock_pcr(nsm, measuring.pcr, &fault);
	if (failed != 0)
		return fail(&fault);
	return nsm != NULL ? CHANGE_MEASURED : CHANGE_LOGGED;
}

int change_measure(const void *data)
{
	static struct nsm client;
	struct fault fault = {0};

	if (access(NSM_PATH, F_OK) != 0)
		return measure(data, NULL);
	if (nsm_open(&client, NSM_PATH, &fault) != 0)
		return fail(&fault);
	return measure(data, &client);
}
