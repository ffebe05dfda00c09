/* permit: requests that are allowed, and the same with one thing wrong at a time: each has its
 * word; and paths that are beneath a folder, or only look so. What holds for all of them is
 * proved. */
#include "runtime/channel/permit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/channel/protocol.h"

/* A key that may do all, and asks for this. */
static struct permit_facts asks(enum slc_type verb)
{
	return (struct permit_facts){.is_listed = true,
		.has_expiry = true,
		.expires = 1000,
		.now = 999,
		.verb = verb,
		.verbs = {true, true, true, true, true, true, true},
		.has_command = true,
		.has_path = true,
		.names_user = true,
		.has_user = true,
		.has_target = true};
}

#define EXPECT(WORD) assert_string_equal(permit_word(permit_of(&facts)), WORD)

/* With this one thing wrong. */
#define WRONG(VERB, CHANGE, WORD)                                                                  \
	do {                                                                                       \
		struct permit_facts facts = asks(VERB);                                            \
		EXPECT("allowed");                                                                 \
		CHANGE;                                                                            \
		EXPECT(WORD);                                                                      \
	} while (0)

static void each_refusal_has_its_word(void **state)
{
	(void)state;
	for (enum slc_type verb = SLC_EXEC; verb <= SLC_CONTROL; verb++) {
		WRONG(verb, facts.is_listed = false, "key");
		WRONG(verb, facts.now = 1000, "expired");
		WRONG(verb, facts.verbs[verb] = false, "verb");
		WRONG(verb, facts.has_expiry = false; facts.now = INT64_MAX, "allowed");
	}
	WRONG(SLC_EXEC, facts.has_command = false, "command");
	WRONG(SLC_EXEC, facts.has_user = false, "user");
	WRONG(SLC_EXEC, facts.has_user = facts.names_user = false, "allowed");
	WRONG(SLC_PUT, facts.has_path = false, "path");
	WRONG(SLC_GET, facts.has_path = false, "path");
	WRONG(SLC_FORWARD, facts.has_target = false, "target");
	WRONG(SLC_EXEC, facts.verb = 0, "verb");
	WRONG(SLC_EXEC, facts.verb = PERMIT_VERBS, "verb");
	WRONG(SLC_EXEC, facts.verb = UINT32_MAX, "verb");
}

static void what_is_unknown_refuses(void **state)
{
	struct permit_facts facts = {.verb = SLC_ATTEST};

	(void)state;
	EXPECT("key");
	assert_int_equal(permit_entry(&facts), PERMIT_KEY);
	facts.is_listed = true;
	EXPECT("verb");
	assert_int_equal(permit_entry(&facts), PERMIT_ALLOWED);
}

static bool beneath(const char *folder, const char *path)
{
	return permit_beneath(folder, strlen(folder), path, strlen(path));
}

static void paths_are_beneath_or_not(void **state)
{
	(void)state;
	assert_true(beneath("/data", "/data"));
	assert_true(beneath("/data", "/data/x"));
	assert_true(beneath("/data", "/data/x/..y"));
	assert_true(beneath("/", "/"));
	assert_true(beneath("/", "/data"));
	assert_false(beneath("/data", "/database"));
	assert_false(beneath("/data", "/dat"));
	assert_false(beneath("/data", "/"));
	assert_false(beneath("/data", "/data/../etc"));
	assert_false(beneath("/data", "/data/.."));
	assert_false(beneath("/data", "/data/./x"));
	assert_false(beneath("/data", "/data//x"));
	assert_false(beneath("/data", "/data/"));
	assert_false(beneath("/data", "data/x"));
	assert_false(beneath("/data", ""));
	assert_false(beneath("/data/", "/data/x"));
	assert_false(beneath("/data/../x", "/data/../x"));
	assert_false(beneath("", "/data"));
	assert_false(permit_beneath("/data", 5, "/data\0/x", 8));
	assert_false(permit_beneath("/data", 5, "/data/\0", 7));
}

static void every_decision_has_a_word(void **state)
{
	(void)state;
	for (unsigned i = 0; i < PERMITS; i++) {
		assert_true(permit_word((enum permit)i)[0] != '\0');
		assert_true(permit_text((enum permit)i)[0] != '\0');
	}
}

static enum permit job_of(bool exec, bool control, bool is_own)
{
	struct permit_facts facts = asks(SLC_CONTROL);

	facts.verbs[SLC_EXEC] = exec;
	facts.verbs[SLC_CONTROL] = control;
	return permit_job(&facts, is_own);
}

static void a_job_is_its_keys_or_for_who_controls(void **unused)
{
	struct permit_facts facts = asks(SLC_EXEC);

	(void)unused;
	assert_int_equal(job_of(true, false, true), PERMIT_ALLOWED);
	assert_int_equal(job_of(true, false, false), PERMIT_VERB);
	assert_int_equal(job_of(false, true, false), PERMIT_ALLOWED);
	assert_int_equal(job_of(false, true, true), PERMIT_ALLOWED);
	assert_int_equal(job_of(false, false, true), PERMIT_VERB);
	facts.now = facts.expires;
	assert_int_equal(permit_job(&facts, true), PERMIT_EXPIRED);
	facts.is_listed = false;
	assert_int_equal(permit_job(&facts, true), PERMIT_KEY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_refusal_has_its_word),
		cmocka_unit_test(what_is_unknown_refuses),
		cmocka_unit_test(paths_are_beneath_or_not),
		cmocka_unit_test(a_job_is_its_keys_or_for_who_controls),
		cmocka_unit_test(every_decision_has_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
