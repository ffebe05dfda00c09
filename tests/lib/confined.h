/* confined: what the tests of confinement share: children that confine themselves, try what is
 * forbidden and what is not, and say by their exit status how that went. */
#ifndef CLOISTER_TESTS_LIB_CONFINED_H
#define CLOISTER_TESTS_LIB_CONFINED_H

#include "runtime/kernel/confine.h"

#define NOBODY 65534 /* an ordinary user */

typedef int work(void); /* in a child; 0 is good, and else a number that says where it went wrong */

/* What the last confine_to came to, in the process that called it. */
extern struct confine_report report;
extern struct fault fault;

/* What a sanitizer does on top of the program: it looks at itself when it reports. */
extern const char *const sanitizer[];

/* Runs `does` in a child, as an ordinary user where that is wished; returns what waitpid gives. */
int run_child(work *does, bool as_nobody);

/* Asserts the status, and as root also that of the same child as an ordinary user. */
void assert_status(work *does, int status);
void assert_good(work *does);

/* Confines this process, under the name "test". */
int confine_to(struct confine_profile profile);
int confine_calls(unsigned calls, enum confine_refusal refusal);

/* Whether a call has failed as a filter with CONFINE_ERROR has it fail. */
bool refused(long result);

#endif
