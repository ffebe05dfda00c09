/* keeper: the process that a sandbox begins with, and that outlives it: it makes the namespaces,
 * starts the image's /init as their first process, and reaps it.
 *
 *   supervisor --- keeper ------- /init (process 1 of its own namespaces)
 *                    \             \
 *                     mapper        unpacker (until /init is there)
 *
 * It is this program under another name, so that it begins with an empty memory.
 */
#ifndef CLOISTER_HOST_ENCLAVE_KEEPER_H
#define CLOISTER_HOST_ENCLAVE_KEEPER_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/eif/reader.h"
#include "runtime/kernel/fault.h"

#define KEEPER_NAME "enclave-keeper" /* argv[0]; then name, CID, bytes, state folder, NSM socket */

/* Descriptors that it is started with. */
#define KEEPER_REPORT 3 /* to the supervisor: struct keeper_report; ends when /init runs */
#define KEEPER_IMAGE  4 /* the image file */
#define KEEPER_LIFE   5 /* a pipe that ends when the supervisor does */

enum keeper_word {
	KEEPER_NOTE = 1, /* a line for the log */
	KEEPER_PROCESS,  /* with a pidfd of /init's process */
	KEEPER_CONSOLE,  /* with the console's terminal, the end that is outside */
	KEEPER_FAILED    /* with the reason; the keeper ends */
};

/* One message; text is the line, or the fault's. */
struct keeper_report {
	enum keeper_word word;
	struct fault fault;
};

struct keeper {
	const char *name, *folder;
	const char *nsm; /* path of the socket that stands for the NSM; null: none */
	uint32_t cid;
	uint64_t memory; /* bytes of the root's file system */
	struct image image;
};

/* `main` when argv[0] is KEEPER_NAME. Returns /init's exit code, or 128 and its signal. */
int keeper_run(int count, char **arguments);

/* fd: -1 for none. */
void keeper_send(enum keeper_word word, const struct fault *fault, int fd);
void keeper_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* --- Parts ------------------------------------------------------------------------------------ */

/* What is brought in from outside: mounts that hang nowhere yet. */
struct sources {
	int devices[8]; /* -1: not there */
	int own, own_again, parent, nsm;
};
#define SOURCES_NONE                                                                               \
	{                                                                                          \
		{-1, -1, -1, -1, -1, -1, -1, -1}, -1, -1, -1, -1                                   \
	}

/* Devices of the host that a sandbox has, by place in `devices`; ends with a null. */
struct device {
	const char *name;
	uint32_t major, minor;
};
extern const struct device sandbox_devices[];

int sources_open(struct sources *sources, const struct keeper *keeper, struct fault *fault);

/* Makes all namespaces and becomes root in them, with as many ids as we can get. */
int namespaces_enter(const struct keeper *keeper, struct sources *sources, struct fault *fault);

/* In the first process of the namespaces: makes the root and executes /init. Returns only when that
 * failed. */
int inside_run(const struct keeper *keeper, const struct sources *sources, struct fault *fault);

/* Fills /dev, which is mounted, and tells the supervisor of the console. */
int inside_devices(const struct keeper *keeper, const struct sources *sources, struct fault *fault);

/* Refuses what a user namespace does not stop. */
int inside_filter(struct fault *fault);

#endif
