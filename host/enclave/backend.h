/* backend: where an enclave runs. It starts and ends what the machine `enclave` asks for, and tells
 * what became of it; it decides nothing. */
#ifndef CLOISTER_HOST_ENCLAVE_BACKEND_H
#define CLOISTER_HOST_ENCLAVE_BACKEND_H

#include "host/enclave/judge.h"
#include "host/enclave/settings.h"
#include "runtime/kernel/loop.h"
#include "runtime/net/address.h"

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
	const char *debug; /* null, or what --debug-mode can't do here, a sentence for people */
	uint32_t memory;   /* MiB, the least that makes sense where nobody says how much */
	bool has_kernel;   /* of its own, which says on the console that it panics or reboots */
	struct backend *(*make)(void); /* null without memory */

	/* Until it has started; null: as long as most. */
	uint32_t (*seconds)(const struct settings *settings, const struct image *image);

	/* Where a port of the enclave is reached, before and after its start. Fault: "address". */
	int (*address)(const char *folder, uint32_t cid, uint32_t port, struct address *address,
		struct fault *fault);

	/* Either `started` or `start_failed` follows, unless it returns -1. */
	int (*start)(struct backend *backend, struct loop *loop, const struct backend_plan *plan,
		struct fault *fault);
	void (*ask_stop)(struct backend *backend);
	void (*kill)(struct backend *backend); /* also one that just starts */
	void (*free)(struct backend *backend); /* ends what still runs; nothing is told */
};

struct backend {
	const struct backend_kind *kind;

	/* Set by the owner before `start`. */
	void (*started)(void *user);
	void (*start_failed)(void *user, const struct fault *fault);
	void (*learned)(void *user, json_t *facts); /* as `describe` prints; before `started` */
	void (*heard)(void *user); /* where the heartbeat is somebody else's to answer */
	void (*ready)(void *user, uint32_t units); /* and lines come another way, these two */
	void (*farewell)(void *user, uint32_t status);
	/* After `started`. why: null, or what is known of an end that nobody asked for. */
	void (*exited)(void *user, uint32_t status, const struct fault *why);
	void (*console)(void *user, int terminal); /* the descriptor is the owner's */
	void *user;
};

extern const struct backend_kind backend_sandbox, backend_qemu, backend_nitro;

/* "auto" is the best that this machine has: nitro, qemu, sandbox. Null: none has the name. */
const struct backend_kind *backend_find(const char *name);

/* Where nobody says: sandbox. As nitro-cli: CLOISTER_BACKEND's, or that of "auto". */
const struct backend_kind *backend_default(void);

#endif
