/* settings: what the command line of slc says. */
#ifndef CLOISTER_SERVICES_SLC_SETTINGS_H
#define CLOISTER_SERVICES_SLC_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/kernel/fault.h"
#include "runtime/net/address.h"

#define SETTINGS_ADDRESSES_MAX 8u

struct settings {
	struct address addresses[SETTINGS_ADDRESSES_MAX];
	unsigned address_count;
	const char *root;   /* what paths of copies are resolved beneath */
	const char *nsm;    /* where the Nitro Secure Module is */
	const char *keys;   /* the file of those that may enter; null: the usual one */
	const char *folder; /* in which the log outlives the service; null: nowhere */
	uint32_t sessions;  /* most at once */
	uint32_t channels;  /* most at once in a session */
	uint32_t jobs;      /* most at once: commands and copies of all sessions */
	uint32_t detached;  /* most that are kept: running, and ended */
	uint32_t forwards;  /* most at once: connections into the enclave, of all sessions */
	uint32_t documents; /* for sessions, most in a second */
	uint32_t records;   /* of the log, most that are kept */
	uint32_t drain;     /* seconds that jobs get to end by themselves when the service stops */
	bool is_json;
	bool is_insecure; /* no TLS: not in an image */
};

enum settings_result {
	SETTINGS_RUN,
	SETTINGS_DONE, /* --help or --version, which was answered */
	SETTINGS_FAILED
};

/* folder: where Unix sockets stand in for vsock addresses, or null. The texts of the arguments are
 * used, not copied. Fault: "usage". */
enum settings_result settings_read(struct settings *settings, int count, char **arguments,
	const char *folder, struct fault *fault);

#endif
