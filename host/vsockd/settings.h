/* settings: what the command line of vsockd says. */
#ifndef CLOISTER_HOST_VSOCKD_SETTINGS_H
#define CLOISTER_HOST_VSOCKD_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/kernel/fault.h"
#include "runtime/kernel/log.h"

#define SETTINGS_CID_FIRST        4u /* below it is the host */
#define SETTINGS_CID_LAST         4294967294u
#define SETTINGS_CONNECTIONS      4096u
#define SETTINGS_CONNECTIONS_LAST 30000u /* each way: the loop watches 65535 descriptors */
#define SETTINGS_BUFFER           262144u
#define SETTINGS_BUFFER_FIRST     4096u
#define SETTINGS_BUFFER_LAST      16777216u

struct settings {
	const char *socket; /* of the front-end */
	const char *folder; /* of the Unix sockets that stand for vsock */
	uint32_t cid;
	uint32_t connections; /* open at a time, each way */
	uint32_t buffer;      /* bytes that wait for the host, of each connection */
	int ready;            /* a descriptor that is told when we listen; -1: none */
	enum log_level level;
	bool is_json;
};

enum settings_result {
	SETTINGS_RUN,
	SETTINGS_DONE, /* --help or --version, which was answered */
	SETTINGS_FAILED
};

/* The texts of the arguments are used, not copied. Fault: "usage". */
enum settings_result settings_read(
	struct settings *settings, int count, char **arguments, struct fault *fault);

#endif
