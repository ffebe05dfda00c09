/* slc_served: a session of the server's, for each test, whose peer the test plays. Include it
 * behind cmocka's headers. */
#ifndef CLOISTER_TESTS_LIB_SLC_SERVED_H
#define CLOISTER_TESTS_LIB_SLC_SERVED_H

#include "tests/lib/slc_peer.h"

static struct pair pair;
static struct side *const side = &pair.server;
static const uint8_t zeros[300000];

/* The session under test is the server's; the client's is made and not used. */
static void greet_with(const struct slc_hello *hello)
{
	pair_open(&pair);
	peer_hello(side->slc, hello);
}

static int open_session(void **unused)
{
	(void)unused;
	pair_setup(&pair, 1);
	side->output = 10;
	return 0;
}

/* A test that goes through several sessions leaves the last one here. */
static int free_session(void **unused)
{
	(void)unused;
	side_ok(side);
	slc_lost(side->slc);
	assert_int_equal(side->closed, 1);
	pair_free(&pair);
	return 0;
}

/* A channel that the peer has opened and this end accepted, with the bytes it sends unread. */
static struct end *opened_channel(uint32_t number)
{
	struct end *end;

	peer_number(side->slc, SLC_FRAME_OPEN, number, SLC_EXEC);
	end = &side->ends[side->count - 1];
	assert_int_equal(end->ended, 0);
	return end;
}

#endif
