/* options: what a command line says for all verbs alike, in front of the verb or behind it. */
#ifndef CLOISTER_HOST_PIPELINE_OPTIONS_H
#define CLOISTER_HOST_PIPELINE_OPTIONS_H

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

#include "host/pipeline/failure.h"
#include "runtime/client/connection.h"

#define OPTIONS_SECONDS_MAX 86400u

struct options {
	const char *address; /* the newest --addr; null: none */
	const char *enclave; /* the newest --enclave; null: none */
	uint32_t seconds;    /* of --timeout; 0: none */
	bool json, quiet;
	bool is_insecure;   /* no TLS: not in an image */
	const char *root;   /* the newest --root; null: AWS's */
	const char *policy; /* the newest --policy; null: none */
	bool accepts_unsigned, accepts_debug;
	const char *key; /* the newest --key; null: none */
};

/* What getopt_long returns for them; `--help` is answered by each verb. */
enum option_code {
	OPTION_ADDRESS = 256,
	OPTION_ENCLAVE,
	OPTION_TIMEOUT,
	OPTION_JSON,
	OPTION_QUIET,
	OPTION_INSECURE,
	OPTION_ROOT,
	OPTION_UNSIGNED,
	OPTION_DEBUG,
	OPTION_POLICY,
	OPTION_KEY,
	OPTION_HELP
};

/* A client in an image doesn't know how to do without TLS. */
#ifdef CLOISTER_IMAGE
#define OPTIONS_INSECURE
#else
#define OPTIONS_INSECURE {"insecure-dev", no_argument, NULL, OPTION_INSECURE},
#endif

/* The rows of all verbs, for a table of getopt_long. */
#define OPTIONS_COMMON                                                                             \
	{"addr", required_argument, NULL, OPTION_ADDRESS},                                         \
		{"enclave", required_argument, NULL, OPTION_ENCLAVE},                              \
		{"timeout", required_argument, NULL, OPTION_TIMEOUT},                              \
		{"root", required_argument, NULL, OPTION_ROOT},                                    \
		{"policy", required_argument, NULL, OPTION_POLICY},                                \
		{"accept-unsigned", no_argument, NULL, OPTION_UNSIGNED},                           \
		{"accept-debug", no_argument, NULL, OPTION_DEBUG},                                 \
		{"key", required_argument, NULL, OPTION_KEY},                                      \
		{"json", no_argument, NULL, OPTION_JSON},                                          \
		{"quiet", no_argument, NULL, OPTION_QUIET}, OPTIONS_INSECURE                       \
	{                                                                                          \
		"help", no_argument, NULL, OPTION_HELP                                             \
	}

/* Takes what getopt_long has found, where it is one of those above and not OPTION_HELP; all else,
 * '?' among it, is a fault of the command line. `verb` is for its text. Faults: "usage". */
int options_take(struct options *options, int code, const char *verb, char **arguments,
	struct failure *failure);

/* Whose signature an enclave's document needs: --root, or else CLOISTER_ROOT; null: AWS's. */
const char *options_root(const struct options *options);

/* The URI of the operator's key: --key, or else CLOISTER_KEY; null: none. */
const char *options_key(const struct options *options);

/* Connects, and greets, as they say: connection_open with --addr, --enclave or else CLOISTER_ADDR,
 * with the stand-ins of CLOISTER_VSOCK_DIR. Faults: "usage" (there is no address, or two),
 * "address", those of enclave.h and of connection_open. */
int options_connect(
	const struct options *options, struct connection *connection, struct failure *failure);

/* A decimal number from 1 to `most`. Fault: "usage". */
int options_number(const char *name, const char *text, uint32_t most, uint32_t *number,
	struct failure *failure);

#endif
