/* lines: what a program says on standard error, for the log, and its last line as the reason of its
 * end. */
#ifndef CLOISTER_HOST_ENCLAVE_LINES_H
#define CLOISTER_HOST_ENCLAVE_LINES_H

#include "runtime/kernel/loop.h"

#define LINES_TEXT_MAX 240u /* bytes of a line; a longer one is cut into several */

struct lines {
	struct watch watch; /* its loop is null while closed */
	const char *who;
	char text[LINES_TEXT_MAX + 1u], last[LINES_TEXT_MAX + 1u];
	size_t size;
};

/* Returns the end for the program to write to, which the caller closes; -1. Fault: "io", "limit".
 */
int lines_open(struct lines *lines, struct loop *loop, const char *who, struct fault *fault);

/* Reads what there still is. */
void lines_close(struct lines *lines); /* a closed one may be closed again */

#endif
