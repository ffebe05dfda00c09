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
	const char *address;    /* the newest --addr; null: none */
	const char *enclave;    /* the newest --enclave; null: none */
	const char *enclave_id; /* the newest --enclave-id; null: none */
	bool has_cid;
	uint32_t cid, port;   /* of --cid, and of --port or --vsock-port; 0: none */
	const char *fallback; /* an address where nothing says one; null: none */
	const char *config;   /* the newest --config; null: the usual file */
	uint32_t seconds;     /* of --timeout; 0: none */
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
	OPTION_CID,
	OPTION_PORT,
	OPTION_ENCLAVE_ID,
	OPTION_CONFIG,
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
		{"enclave-id", required_argument, NULL, OPTION_ENCLAVE_ID},                        \
		{"cid", required_argument, NULL, OPTION_CID},                                      \
		{"port", required_argument, NULL, OPTION_PORT},                                    \
		{"vsock-port", required_argument, NULL, OPTION_PORT},                              \
		{"config", required_argument, NULL, OPTION_CONFIG},                                \
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

/* Puts what the environment says, CLOISTER_ROOT and CLOISTER_KEY, where the command line says
 * nothing, and what the operator's file says where neither does; whose texts are the profile's,
 * which is to be closed, also after a failure. A policy says all that root and accept_* of others
 * might. Faults: those of profile.h. */
struct profile;
int options_complete(struct options *options, struct profile *profile, struct failure *failure);

/* Connects, and greets, as they say when they are complete. Faults: those of where.h, of profile.h
 * and of connection_open. */
int options_connect(
	const struct options *options, struct connection *connection, struct failure *failure);

/* A decimal number from 1 to `most`. Fault: "usage". */
int options_number(const char *name, const char *text, uint32_t most, uint32_t *number,
	struct failure *failure);

#endif
