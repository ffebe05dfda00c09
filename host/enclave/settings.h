/* settings: what `enclave run` was asked for, in both spellings of the options. */
#ifndef CLOISTER_HOST_ENCLAVE_SETTINGS_H
#define CLOISTER_HOST_ENCLAVE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/kernel/fault.h"

#define SETTINGS_NAME_MAX    64u /* bytes of an enclave's name */
#define SETTINGS_ID_MAX      64u
#define SETTINGS_MEMORY_MAX  16777216u /* MiB */
#define SETTINGS_CPUS_MAX    1024u
#define SETTINGS_CPU_IDS_MAX 128u
#define SETTINGS_CPU_MAX     65535u
#define SETTINGS_CID_MIN     4u /* below stand the hypervisor, the host, and the parent's own */

/* What was said, as a set. */
#define SETTINGS_GAVE_IMAGE  1u
#define SETTINGS_GAVE_NAME   2u
#define SETTINGS_GAVE_CID    4u
#define SETTINGS_GAVE_MEMORY 8u
#define SETTINGS_GAVE_CPUS   16u

struct backend_kind;

struct settings {
	const struct backend_kind *backend;
	const char *image;
	const char *config;                 /* a file, or null */
	const char *nsmsim, *qemu, *vsockd; /* programs; null: those that are found */
	const char *accel;                  /* "kvm" or "tcg", for QEMU; null: what works */
	char name[SETTINGS_NAME_MAX + 1u];
	char id[SETTINGS_ID_MAX]; /* its EnclaveID, chosen by run */
	bool is_named; /* else the name comes from the image, and may be changed to a free one */
	uint32_t cid;  /* 0: a free one */
	uint32_t cpus;
	uint32_t cpu_ids[SETTINGS_CPU_IDS_MAX]; /* which, if any; else so many of any */
	uint32_t cpu_id_count;
	uint32_t memory; /* MiB; 0: by the image's size */
	uint32_t boot_seconds, ready_seconds, stop_seconds, health_seconds;
	bool debug, attach, wait_ready, json;
	uint32_t given;
};

#define SETTINGS_RUN  0
#define SETTINGS_DONE 1 /* help was printed */

/* Reads `run`'s arguments. Returns SETTINGS_RUN, SETTINGS_DONE, or -1. Fault: "usage". */
int settings_read(struct settings *settings, int count, char **arguments, struct fault *fault);

/* A name: letters, digits, '.', '_' and '-', none of the marks in front. Fault: "usage". */
int settings_name(const char *text, char name[SETTINGS_NAME_MAX + 1u], struct fault *fault);

/* A number from `least` to `most`. Fault: "usage". */
int settings_number(const char *option, const char *text, uint32_t least, uint32_t most,
	uint32_t *number, struct fault *fault);

/* CIDs that others have. Fault: "usage". */
int settings_cid(uint32_t cid, struct fault *fault);

/* What contradicts something else. Always returns -1. */
int settings_conflict(struct fault *fault, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* What getopt_long did not know, or found without its value. Always returns -1. */
int settings_unknown(const char *verb, char **arguments, struct fault *fault);

#endif
