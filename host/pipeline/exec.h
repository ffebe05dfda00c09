/* exec: what the files of the verb exec share: a command that runs inside, this end of its three
 * streams. */
#ifndef CLOISTER_HOST_PIPELINE_EXEC_H
#define CLOISTER_HOST_PIPELINE_EXEC_H

#include "host/pipeline/heed.h"
#include "host/pipeline/sink.h"
#include "host/pipeline/source.h"
#include "runtime/client/request.h"

#define EXEC_VARIABLES_MAX 256u
#define EXEC_TIME_MAX      31536000u /* seconds */

/* What is asked for. */
struct exec_wish {
	const char *const *words;                  /* the command, to a null */
	const char *variables[EXEC_VARIABLES_MAX]; /* NAME=VALUE; or NAME: as it is here */
	unsigned variable_count;
	const char *directory, *user; /* null: not named */
	uint32_t time;                /* seconds that it may take; 0: any */
	bool has_terminal, is_login, is_detached;
	uint64_t output; /* bytes that it may say; 0: any */
};

/* The fields of the request; the bytes are the caller's to free. Fault: "memory". */
int exec_write_request(
	const struct exec_wish *wish, struct field_writer *writer, struct fault *fault);

struct exec {
	const struct options *options;
	bool has_input; /* standard input is passed on */
	struct exec_wish wish;
	const char *shell[2]; /* the words of a login */

	struct connection connection;
	struct request request;
	struct signals signals;
	bool is_accepted;
	uint32_t early; /* a signal that came before that; 0: none */
	struct source input;
	struct sink output, errors;
	int error;         /* of input or output, an errno; it has ended the command */
	const char *place; /* where it was */
};

/* Runs it; the exec, which was allocated, is no more the caller's. Returns like a verb. */
int exec_run(struct exec *exec, struct failure *failure);

extern const struct channel_events exec_events;

/* Has stdout and stderr ready to be written to, and signals watched. Faults: "memory", "limit". */
int exec_open_streams(struct exec *exec, struct failure *failure);

/* Whether all that came has been written, or can't be. */
bool exec_has_written(const struct exec *exec);

#endif
