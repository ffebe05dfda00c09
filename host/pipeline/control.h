/* control: what the verbs about detached jobs share: one request, and what comes back. */
#ifndef CLOISTER_HOST_PIPELINE_CONTROL_H
#define CLOISTER_HOST_PIPELINE_CONTROL_H

#include "host/pipeline/options.h"
#include "host/pipeline/sink.h"
#include "runtime/client/request.h"

struct control {
	const struct options *options;
	const char *verb;
	uint32_t job, signal, bits; /* 0: not said */

	/* What to do with bytes that come, with the loop being in it; null: they go to our standard
	 * output and error output. */
	void (*came)(
		struct control *control, enum slc_stream stream, const uint8_t *bytes, size_t size);

	struct connection connection;
	struct request request;
	struct sink output, errors;
	int error; /* of writing, an errno */

	/* For `came`: all that has come. */
	uint8_t *rows;
	size_t size;
	bool is_full;
};

/* Asks, and takes what comes until the end. -1: a failure. Free it in both cases. */
int control_run(struct control *control, struct failure *failure);
void control_free(struct control *control);

/* For `came`: keeps it in `rows`. */
void control_keep(
	struct control *control, enum slc_stream stream, const uint8_t *bytes, size_t size);

/* What ps prints, from `rows`. */
int control_print_jobs(const struct control *control, struct failure *failure);

#endif
