/* nitro_cli: AWS's program, called for one thing at a time. What it prints is bounded, and is taken
 * for what a stranger says. */
#ifndef CLOISTER_HOST_ENCLAVE_NITRO_CLI_H
#define CLOISTER_HOST_ENCLAVE_NITRO_CLI_H

#include <jansson.h>
#include <limits.h>

#include "runtime/kernel/child.h"

#define NITRO_OUTPUT_MAX 262144u /* bytes on standard output; more is a failure */
#define NITRO_ERROR_MAX  8192u   /* bytes on standard error; of more the first are kept */
#define NITRO_SECONDS    30u     /* for what takes no time on a sound machine */

/* $NITRO_CLI, or the first on PATH that is not this program under that name. Fault: "nitro_cli". */
int nitro_cli_find(char program[PATH_MAX], struct fault *fault);

struct nitro_call {
	/* Set by the owner. Called once in a later turn, unless the call is stopped. fault: null,
	 * or why it failed: "eNN" where nitro-cli tells, "nitro_cli" where it does not or prints no
	 * JSON, "timeout"; those of child.h. */
	void (*done)(struct nitro_call *call, const struct fault *fault);
	void *user;

	/* To read in `done` */
	json_t *reply; /* what was printed; null after a failure. It is the call's */

	/* Its own */
	struct loop *loop; /* null: idle */
	struct child child;
	struct watch out, err;
	struct timer limit;
	bool is_late;
	char text[NITRO_OUTPUT_MAX + 1u], error[NITRO_ERROR_MAX + 1u];
	size_t text_size, error_size;
};

/* arguments: from the verb to a null, with the program's own name in front. Only when idle. */
int nitro_call_start(struct nitro_call *call, struct loop *loop, const char *program,
	const char *const *arguments, unsigned seconds, struct fault *fault);
bool nitro_call_runs(const struct nitro_call *call);
void nitro_call_stop(struct nitro_call *call); /* kills it; an idle one may be stopped */

/* The same, and waits for it. *reply: the caller's, may be null. */
int nitro_cli_ask(const char *program, const char *const *arguments, unsigned seconds,
	json_t **reply, struct fault *fault);

#endif
