/* cloister_inside: what the files of libcloister share. Its users have
 * runtime/channel/cloister.h. */
#ifndef CLOISTER_RUNTIME_CLIENT_CLOISTER_INSIDE_H
#define CLOISTER_RUNTIME_CLIENT_CLOISTER_INSIDE_H

#include "runtime/channel/cloister.h"
#include "runtime/client/connection.h"
#include "runtime/client/memory_stream.h"
#include "runtime/client/request.h"

enum cloister_option {
	CLOISTER_ADDRESS,
	CLOISTER_ENCLAVE,
	CLOISTER_TIMEOUT,
	CLOISTER_POLICY,
	CLOISTER_ROOT,
	CLOISTER_KEY,
	CLOISTER_UNSIGNED,
	CLOISTER_DEBUG,
	CLOISTER_VSOCK_DIR,
	CLOISTER_INSECURE,
	CLOISTER_OPTIONS
};

struct cloister_options {
	char *texts[CLOISTER_OPTIONS]; /* null: not set */
};

struct cloister {
	struct connection connection;
	struct memory_stream memory; /* of one without a transport */
	bool has_socket;

	/* Of a ping. */
	bool is_measured;
	uint64_t nanoseconds;
};

/* Puts the options together; the address only where it is needed. Its texts are the options'.
 * Faults: "usage", "address", those of enclave.h. */
int client_settings(const struct cloister_options *options, bool needs_address,
	struct connection_settings *settings, struct failure *failure);

/* Hands a fault out, if somebody wants it. Returns -1. */
int client_fail(struct cloister_error *error, const struct fault *fault);

#endif
