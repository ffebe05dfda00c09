/* slc_auth: the examples of its page, and walks over everything that can happen at both ends. */
#include "gen/slc_auth.h"
#include "tests/lib/machine.h"

#include "slc_auth_examples.h"

static void slc_auth_walk_init(void *m)
{
	slc_auth_init(m, 0, 0);
}

/* What START carries says at which end it happens, and whether a key is wanted there. */
static uint32_t slc_auth_walk_step(void *m, unsigned symbol, uint32_t n)
{
	struct slc_auth *auth = m;

	if (symbol == SLC_AUTH_START && auth->cs == SLC_AUTH_IN_IDLE)
		slc_auth_init(auth, n % 2, n / 2 % 2);
	return slc_auth_step(auth, (enum slc_auth_event)symbol, n);
}

WALK_COMMON(slc_auth)
WALK_RECORD(slc_auth)

static void every_event_keeps_the_invariant(void **unused)
{
	static const uint32_t amounts[] = {0, 1, 2, 3, 33};

	(void)unused;
	walk_events(&slc_auth_walk, amounts, 5, 500);
}

/* Two machines, each of whose effects is the other's event, and a judge who finds all good. */
static void two_ends_prove_themselves(void **unused)
{
	struct slc_auth client, server;

	(void)unused;
	slc_auth_init(&client, 0, 0);
	slc_auth_init(&server, 1, 1);
	assert_int_equal(slc_auth_step(&server, SLC_AUTH_START, 0), 0);
	assert_int_equal(slc_auth_step(&client, SLC_AUTH_START, 0), SLC_AUTH_DO_SEND_NONCE);
	assert_int_equal(slc_auth_step(&server, SLC_AUTH_NONCE, 0), SLC_AUTH_DO_MAKE_DOCUMENT);
	assert_int_equal(slc_auth_step(&server, SLC_AUTH_MADE, 0), SLC_AUTH_DO_SEND_DOCUMENT);
	assert_int_equal(slc_auth_step(&client, SLC_AUTH_DOCUMENT, 0), SLC_AUTH_DO_JUDGE);
	assert_int_equal(slc_auth_step(&client, SLC_AUTH_GOOD, 0),
		SLC_AUTH_DO_SEND_KEY + SLC_AUTH_DO_TELL_PROVED);
	assert_int_equal(slc_auth_step(&server, SLC_AUTH_KEY, 0), SLC_AUTH_DO_CHECK);
	assert_int_equal(slc_auth_step(&server, SLC_AUTH_GOOD, 0),
		SLC_AUTH_DO_SEND_ACCEPTED + SLC_AUTH_DO_TELL_PROVED + SLC_AUTH_DO_TELL_ACCEPTED);
	assert_int_equal(slc_auth_step(&client, SLC_AUTH_ACCEPTED, 0), SLC_AUTH_DO_TELL_ACCEPTED);
	assert_int_equal(client.proved + server.proved, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SLC_AUTH_EXAMPLES,
		cmocka_unit_test(every_event_keeps_the_invariant),
		cmocka_unit_test(two_ends_prove_themselves),
	};

	return cmocka_run_group_tests_name("slc_auth", tests, NULL, NULL);
}
