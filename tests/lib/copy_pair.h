/* copy_pair: copy_send and copy_receive, joined by a socket pair, each in a thread of its own.
 * Include it behind cmocka's headers. */
#ifndef CLOISTER_TESTS_LIB_COPY_PAIR_H
#define CLOISTER_TESTS_LIB_COPY_PAIR_H

#include "runtime/channel/copy_receive.h"
#include "runtime/channel/copy_send.h"

struct pair {
	int from, to; /* folders */
	struct copy_send_options send;
	struct copy_receive_options receive;
	struct copy_outcome sent, received;
	_Atomic uint32_t stop; /* of the receiver */
	size_t cut;            /* bytes that pass between the ends at once; 0: they are joined */
};

extern struct pair pair;

/* Setup and teardown of a test: `from` is the source, and "t" in `to` the target. */
int pair_begin(void **state);
int pair_end(void **state);

/* Copies; returns what copy_receive did. */
int pair_copy(void);

/* Fails the test unless both ends succeed, and have counted the same. */
void assert_copied(void);

/* Opens the target. */
int pair_target(void);

/* Fails the test unless the target is as the source is, also in its own mode and time. */
void assert_arrived(void);

#define PAIR_TEST(NAME) cmocka_unit_test_setup_teardown(NAME, pair_begin, pair_end)

#endif
