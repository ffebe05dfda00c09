/* confined: see confined.h. */
#include "tests/lib/confined.h"

#include <errno.h>
#include <grp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct confine_report report;
struct fault fault;
const char *const sanitizer[] = {"readlink", NULL};

int run_child(work *does, bool as_nobody)
{
	int status = -1, where;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		if (as_nobody && (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
					 setresuid(NOBODY, NOBODY, NOBODY) < 0))
			_exit(99);
		where = does();
		if (where != 0)
			fprintf(stderr, "# at %d: %s\n", where, fault.text);
		_exit(where);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

void assert_status(work *does, int status)
{
	assert_int_equal(run_child(does, false), status);
	if (geteuid() == 0)
		assert_int_equal(run_child(does, true), status);
}

void assert_good(work *does)
{
	assert_status(does, 0);
}

int confine_to(struct confine_profile profile)
{
	profile.name = "test";
	return confine(&profile, &report, &fault);
}

int confine_calls(unsigned calls, enum confine_refusal refusal)
{
	return confine_to((struct confine_profile){
		.keep_user = true, .calls = calls, .more_calls = sanitizer, .refusal = refusal});
}

bool refused(long result)
{
	return result < 0 && errno == EPERM;
}
