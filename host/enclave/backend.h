/* backend: where an enclave runs. It starts and ends what the machine `enclave` asks for, and tells
 * what became of it; it decides nothing. */
#ifndef CLOISTER_HOST_ENCLAVE_BACKEND_H
#define CLOISTER_HOST_ENCLAVE_BACKEND_H

#include "host/enclave/judge.h"
#include "host/enclave/settings.h"
#include "runtime/kernel/loop.h"

struct backend;

/* What to run. All of it outlives the backend. */
struct backend_plan {
	const struct settings *settings;
	const struct image *image;
	const char *folder; /* of the enclave's state */
	int log;            /* descriptor, for what is started */
};

struct backend_kind {
	const char *name;
	struct backend *(*make)(void); /* null without memory */

	/* Either `started` or `start_failed` follows, unless it returns -1. */
	int (*start)(struct backend *backend, struct loop *loop, const struct backend_plan *plan,
		struct fault *fault);
	void (*ask_stop)(struct backend *backend);
	void (*kill)(struct backend *backend); /* also one that just starts */
	void (*probe)(struct backend *backend);
	void (*free)(struct backend *backend); /* ends what still runs; nothing is told */
};

struct backend {
	const struct backend_kind *kind;

	/* Set by the owner before `start`. */
	void (*started)(void *user);
	void (*start_failed)(void *user, const struct fault *fault);
	void (*exited)(void *user, uint32_t status); /* after `started` */
	void (*console)(void *user, int terminal);   /* the descriptor is the owner's */
	void (*healthy)(void *user, uint32_t down);
	void *user;
};

extern const struct backend_kind backend_sandbox;

#endif
