/* change_measure: what a change brings, into register 17 and the log of events, before anything of
 * it is applied. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

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

/* Opens the NSM that has the boot's registers: another one, put in its place since, would know
 * nothing of a lock. */
static int open_same(struct nsm *nsm, const struct stat *known, struct fault *fault)
{
	struct stat status;
	int failed;

	if (nsm_open(nsm, NSM_PATH, fault) != 0)
		return -1;
	failed = nsm->is_socket ? stat(NSM_PATH, &status) : fstat(nsm->fd, &status);
	if (failed == 0 && status.st_dev == known->st_dev && status.st_ino == known->st_ino &&
		status.st_rdev == known->st_rdev)
		return 0;
	nsm_close(nsm);
	return fault_set(fault, "nsm", NSM_PATH " is not the NSM that the boot was measured with");
}

int change_measure(const void *data)
{
	static struct nsm client;
	const struct init *init = data;
	struct fault fault = {0};

	if (!init->has_nsm)
		return measure(init, NULL);
	if (open_same(&client, &init->nsm, &fault) != 0)
		return fail(&fault);
	return measure(init, &client);
}
