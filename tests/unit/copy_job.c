/* copy_job: the examples of its page, a walk over everything that can happen to it, and a disk that
 * is watched: where the temporary is, and what became of the target. */
#include "gen/copy_job.h"
#include "tests/lib/machine.h"

#include "copy_job_examples.h"

static void copy_job_walk_init(void *m)
{
	copy_job_init(m, 2u, 1u);
}

static uint32_t copy_job_walk_step(void *m, unsigned symbol, uint32_t n)
{
	return copy_job_step(m, (enum copy_job_event)symbol, n);
}

WALK_COMMON(copy_job)
WALK_RECORD(copy_job)

static void every_event_keeps_the_invariant(void **unused)
{
	static const uint32_t amounts[] = {0, 1, 2, 5, COPY_JOB_PENDING_MAX, UINT32_MAX};

	(void)unused;
	walk_events(&copy_job_walk, amounts, 6, 3000);
}

/* A disk that does what it is asked, and remembers. */
struct disk {
	int temporary, kept;
	unsigned replaced, reports, answers;
};

static void perform(struct copy_job *m, struct disk *disk, uint32_t effects)
{
	disk->reports += (effects & COPY_JOB_DO_REPORT) != 0;
	if (effects & COPY_JOB_DO_CREATE) {
		disk->temporary = 1;
		perform(m, disk, copy_job_step(m, COPY_JOB_CREATED, 0));
	}
	if (effects & COPY_JOB_DO_RENAME) {
		assert_int_equal(disk->temporary, 1);
		disk->temporary = 0;
		disk->replaced++;
		perform(m, disk, copy_job_step(m, COPY_JOB_RENAMED, 0));
	}
	if (effects & COPY_JOB_DO_PLACE)
		perform(m, disk, copy_job_step(m, COPY_JOB_RENAMED, 0));
	if (effects & COPY_JOB_DO_LOOK) {
		disk->answers++;
		assert_true(disk->answers <= COPY_JOB_ASKED_MAX);
		perform(m, disk, copy_job_step(m, COPY_JOB_LOOKED, 0));
	}
	if (effects & COPY_JOB_DO_TELL)
		disk->answers = 0;
	if (effects & COPY_JOB_DO_KEEP) {
		assert_int_equal(disk->temporary, 1);
		disk->temporary = 0;
		disk->kept++;
		perform(m, disk, copy_job_step(m, COPY_JOB_KEPT, 0));
	}
	if (effects & COPY_JOB_DO_REMOVE) {
		disk->temporary = 0;
		perform(m, disk, copy_job_step(m, COPY_JOB_REMOVED, 0));
	}
}

/* Any five words of the sender and answers of the disk, then an abort: one report, nothing left. */
static void nothing_is_left_behind(uint32_t keeps)
{
	static const enum copy_job_event words[] = {COPY_JOB_ENTRY, COPY_JOB_ITEM, COPY_JOB_DATA,
		COPY_JOB_DIGEST, COPY_JOB_END, COPY_JOB_ASK, COPY_JOB_TELL, COPY_JOB_WRITTEN,
		COPY_JOB_DIGEST_OK, COPY_JOB_DIGEST_BAD, COPY_JOB_WRITE_FAILED};
	const unsigned count = sizeof words / sizeof *words;
	unsigned kept = 0;

	for (unsigned order = 0; order < count * count * count * count * count; order++) {
		struct copy_job m;
		struct disk disk = {0};

		copy_job_init(&m, 3u, keeps);
		for (unsigned i = 0, rest = order; i < 5; i++, rest /= count)
			perform(&m, &disk, copy_job_step(&m, words[rest % count], 3));
		perform(&m, &disk, copy_job_step(&m, COPY_JOB_ABORT, SLC_REASON_LOST));
		perform(&m, &disk, copy_job_step(&m, COPY_JOB_FINISHED, 0));
		assert_true(copy_job_ended(&m));
		assert_int_equal(disk.temporary, 0);
		assert_int_equal(disk.reports, 1);
		assert_true(disk.replaced <= m.members);
		assert_true(disk.kept <= 1);
		kept += (unsigned)disk.kept;
	}
	assert_int_equal(kept > 0, keeps > 0);
}

static void whatever_comes_nothing_is_left_behind(void **unused)
{
	(void)unused;
	nothing_is_left_behind(0u);
}

static void unless_it_was_to_be_kept(void **unused)
{
	(void)unused;
	nothing_is_left_behind(1u);
}

static void no_more_is_asked_than_can_be_told(void **unused)
{
	struct copy_job m;

	(void)unused;
	copy_job_init(&m, 3u, 0u);
	for (unsigned i = 0; i < COPY_JOB_ASKED_MAX; i++) {
		assert_int_equal(copy_job_step(&m, COPY_JOB_ASK, 0), COPY_JOB_DO_LOOK);
		assert_int_equal(copy_job_step(&m, COPY_JOB_LOOKED, 0), 0);
	}
	assert_int_equal(copy_job_step(&m, COPY_JOB_TELL, 0), COPY_JOB_DO_TELL);
	for (unsigned i = 0; i < COPY_JOB_ASKED_MAX; i++) {
		assert_int_equal(copy_job_step(&m, COPY_JOB_ASK, 0), COPY_JOB_DO_LOOK);
		assert_int_equal(copy_job_step(&m, COPY_JOB_LOOKED, 0), 0);
	}
	assert_int_equal(copy_job_step(&m, COPY_JOB_ASK, 0), COPY_JOB_DO_REPORT);
	assert_int_equal(m.reason, SLC_REASON_FLOW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		COPY_JOB_EXAMPLES,
		cmocka_unit_test(every_event_keeps_the_invariant),
		cmocka_unit_test(whatever_comes_nothing_is_left_behind),
		cmocka_unit_test(unless_it_was_to_be_kept),
		cmocka_unit_test(no_more_is_asked_than_can_be_told),
	};

	return cmocka_run_group_tests_name("copy_job", tests, NULL, NULL);
}
