/* options: what the command lines of attest's verbs say. */
#ifndef CLOISTER_HOST_ATTEST_OPTIONS_H
#define CLOISTER_HOST_ATTEST_OPTIONS_H

#include <getopt.h>
#include <stdbool.h>

#include "host/attest/event_log.h"
#include "runtime/crypto/attestation.h"

struct options {
	const char *document; /* the file; "-" for standard input */
	const char *root;     /* a file in PEM form; null: AWS's root */
	const char *policy;   /* a file; null: none */
	bool json;
	bool has_time;
	bool has_events; /* a log of events was given, and leads to these values */
	struct event_log events;
	struct attestation_wish wish;
};

/* What getopt_long returns; `--help` is answered by each verb. */
enum option_code {
	OPTION_DOCUMENT = 256,
	OPTION_ROOT,
	OPTION_AT,
	OPTION_MAX_AGE,
	OPTION_NONCE,
	OPTION_PCR,
	OPTION_EVENT_LOG,
	OPTION_POLICY,
	OPTION_JSON,
	OPTION_HELP
};

/* Takes an option with its value, where it has one. Faults: "usage", those of event_log.h. */
int options_take(struct options *options, int code, const char *value, struct fault *fault);

/* Sets what was not given: the time and, without a policy, the root. Faults:
 * those of attestation_root_aws and _file. */
int options_finish(struct options *options, struct fault *fault);

#endif
