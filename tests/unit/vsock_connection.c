/* vsock_connection: the examples of its page, a walk over everything that can happen to it, and a
 * world around it that counts: sockets, addresses, and what a guest is sent. */
#include "gen/vsock_connection.h"
#include "tests/lib/machine.h"

#include "vsock_connection_examples.h"

static void vsock_connection_walk_init(void *m)
{
	vsock_connection_init(m);
}

static uint32_t vsock_connection_walk_step(void *m, unsigned symbol, uint32_t n)
{
	return vsock_connection_step(m, (enum vsock_connection_event)symbol, n);
}

WALK_COMMON(vsock_connection)
WALK_RECORD(vsock_connection)

static void every_event_keeps_the_invariant(void **unused)
{
	static const uint32_t amounts[] = {0, 1, 2, 3, UINT32_MAX};

	(void)unused;
	walk_events(&vsock_connection_walk, amounts, 5, 3000);
}

/* What is held on either side, and what became of it. */
struct world {
	int socket, address;
	unsigned closed, forgotten, resets, sent_after_forget;
};

#define TO_GUEST                                                                                   \
	(VSOCK_CONNECTION_DO_SEND_REQUEST | VSOCK_CONNECTION_DO_SEND_RESPONSE |                    \
		VSOCK_CONNECTION_DO_SEND_DATA | VSOCK_CONNECTION_DO_SEND_CREDIT |                  \
		VSOCK_CONNECTION_DO_SEND_SHUTDOWN | VSOCK_CONNECTION_DO_SEND_RST)

static void perform(struct world *world, uint32_t effects)
{
	if (effects & TO_GUEST)
		world->sent_after_forget += world->forgotten;
	if (effects & (VSOCK_CONNECTION_DO_DIAL | VSOCK_CONNECTION_DO_SEND_REQUEST))
		world->socket = world->address = 1;
	world->resets += (effects & VSOCK_CONNECTION_DO_SEND_RST) != 0;
	if (effects & VSOCK_CONNECTION_DO_CLOSE) {
		assert_int_equal(world->socket, 1);
		world->socket = 0;
		world->closed++;
	}
	if (effects & VSOCK_CONNECTION_DO_FORGET) {
		assert_int_equal(world->address, 1);
		world->address = 0;
		world->forgotten++;
	}
}

/* Any three events after either way of opening, then nothing but time: both sides are let go of,
 * once, and the guest hears nothing behind its RST. */
static void whatever_comes_all_is_let_go_of(void **unused)
{
	const unsigned last = VSOCK_CONNECTION_TIMEOUT;

	(void)unused;
	for (unsigned order = 0; order < 2 * last * last * last; order++) {
		struct vsock_connection m;
		struct world world = {0};
		unsigned rest = order / 2;

		vsock_connection_init(&m);
		perform(&world,
			vsock_connection_step(&m,
				order % 2 ? VSOCK_CONNECTION_REQUEST : VSOCK_CONNECTION_CALL, 0));
		for (unsigned i = 0; i < 3; i++, rest /= last)
			perform(&world,
				vsock_connection_step(&m,
					(enum vsock_connection_event)(1 + rest % last), m.timer));
		perform(&world, vsock_connection_step(&m, VSOCK_CONNECTION_BAD, 0));
		perform(&world, vsock_connection_step(&m, VSOCK_CONNECTION_TIMEOUT, m.timer));
		assert_true(vsock_connection_ended(&m));
		assert_int_equal(world.closed, 1);
		assert_int_equal(world.forgotten, 1);
		assert_true(world.resets <= 1);
		assert_int_equal(world.sent_after_forget, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		VSOCK_CONNECTION_EXAMPLES,
		cmocka_unit_test(every_event_keeps_the_invariant),
		cmocka_unit_test(whatever_comes_all_is_let_go_of),
	};

	return cmocka_run_group_tests_name("vsock_connection", tests, NULL, NULL);
}
