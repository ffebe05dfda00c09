/* loop: what the unit tests of the runtime's kernel share: a loop for each test, and the promise
 * that no descriptor is left behind. Include it behind cmocka's headers. */
#ifndef CLOISTER_TESTS_LIB_LOOP_H
#define CLOISTER_TESTS_LIB_LOOP_H

#include "runtime/kernel/loop.h"

/* Setup and teardown of a test: *state is a struct loop on the system's clock. The teardown fails
 * where the process has another number of descriptors than before. */
int test_loop_open(void **state);
int test_loop_close(void **state);

/* How many descriptors the process has. */
unsigned descriptors_open(void);

#define LOOP_TEST(NAME) cmocka_unit_test_setup_teardown(NAME, test_loop_open, test_loop_close)

#endif
