/* measure: what will be started, into register 16 of the NSM, with a log from which anybody can
 * compute the register again (spec/pcr.md). Then the register is locked: who is started can't add
 * to it. In a process of its own, since the NSM may take minutes. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/crypto/nsm.h"
#include "runtime/kernel/log.h"
#include "services/init/init.h"
#include "services/init/mark.h"
#include "services/init/measure.h"

enum { CODE_MEASURED = 0, CODE_NO_NSM = 1, CODE_FAILED = 2 };

/* Those in the order of starts, then those that can't start yet, since what they require is lost:
 * it may come at run time. */
static uint32_t list_units(const struct units *units, uint32_t order[UNITS_MAX])
{
	uint32_t count = units_sequence(units, order);
	bool is_listed[UNITS_MAX] = {false};

	for (uint32_t i = 0; i < count; i++)
		is_listed[order[i]] = true;
	for (uint32_t k = 0; k < units->sorted_count; k++) {
		uint32_t i = units->sorted[k];

		if (!is_listed[i] && units_is_usable(&units->list[i]))
			order[count++] = i;
	}
	return count;
}

static int measure_all(
	const struct init *init, const struct measuring *measuring, struct fault *fault)
{
	uint32_t order[UNITS_MAX], count = list_units(&init->units, order);

	if (init->has_settings &&
		measure_event(measuring, "file /" SETTINGS_FILE, init->settings_digest, fault) != 0)
		return -1;
	if (init->is_command &&
		(measure_event(measuring, "file /cmd", init->command, fault) != 0 ||
			measure_event(measuring, "file /env", init->environment, fault) != 0))
		return -1;
	for (uint32_t i = 0; i < count; i++) {
		const struct supervised *one = &init->units.list[order[i]];

		if (measure_unit(measuring, &one->file, init->is_command ? NULL : one->digest,
			    fault) != 0)
			return -1;
	}
	return 0;
}

/* --- The step --------------------------------------------------------------------------------- */

static int write_events(const struct init *init, struct nsm *nsm, struct fault *fault)
{
	struct measuring measuring = {.nsm = nsm, .pcr = MEASURE_PCR_BOOT};
	int failed;

	make_folders(MEASURE_FOLDER, 0755);
	measuring.log = fopen(MEASURE_EVENTS, "we");
	if (measuring.log == NULL)
		return fault_io(fault, errno, "cannot write " MEASURE_EVENTS);
	failed = measure_all(init, &measuring, fault);
	if (fclose(measuring.log) != 0 && failed == 0)
		failed = fault_io(fault, errno, "cannot write " MEASURE_EVENTS);
	if (failed == 0 && nsm != NULL)
		failed = nsm_lock_pcr(nsm, MEASURE_PCR_BOOT, fault);
	/* Zeros for good: a document that lists them says that nothing came later. */
	if (failed == 0 && nsm != NULL && init->settings.changes == CHANGES_NONE)
		failed = nsm_lock_pcr(nsm, MEASURE_PCR_RUN_TIME, fault);
	return failed;
}

static int measure(const void *data)
{
	static struct nsm client;
	const struct init *init = data;
	struct fault fault = {0};
	bool has_nsm = init->has_nsm;

	if ((!has_nsm || nsm_open(&client, NSM_PATH, &fault) == 0) &&
		write_events(init, has_nsm ? &client : NULL, &fault) == 0)
		return has_nsm ? CODE_MEASURED : CODE_NO_NSM;
	log_fault(has_nsm ? LOG_ERROR : LOG_WARNING, "what starts can't be measured", &fault);
	return has_nsm ? CODE_FAILED : CODE_NO_NSM;
}

static void measured(struct aside *aside, int code)
{
	struct init *init = aside->user;

	if (code == CODE_NO_NSM)
		LOG(LOG_WARNING, "there is no NSM: what starts is logged, and can't be attested",
			log_string("log", MEASURE_EVENTS));
	else if (code != CODE_MEASURED)
		(void)fault_set(&init->fault, "nsm", "register 16 does not hold what starts");
	if (code == CODE_MEASURED || code == CODE_NO_NSM)
		boot_answer(init, code == CODE_MEASURED ? BOOT_DONE : BOOT_ABSENT);
	else
		boot_answer(init, BOOT_FAILED);
}

/* Before the process that measures, so that what is changed meanwhile is another file. */
static void mark_all(struct init *init)
{
	init->units.guard =
		init->settings.changed_files == FILES_REFUSE ? UNITS_REFUSED : UNITS_LOGGED;
	for (uint32_t i = 0; i < init->units.count; i++)
		if (units_is_usable(&init->units.list[i]))
			mark_files(init->units.list[i].mark, &init->units.list[i].file);
}

void step_measure(struct init *init)
{
	mark_all(init);
	init->has_nsm = stat(NSM_PATH, &init->nsm) == 0;
	init->aside.done = measured;
	init->aside.user = init;
	if (aside_start(&init->aside, init->loop, measure, init, &init->fault) != 0)
		boot_answer(init, BOOT_FAILED);
}
