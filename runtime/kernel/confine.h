/* confine: gives up, in one place, every right that a service does not need.
 *
 * A service calls confine once, after it has opened what it needs and before it reads its first
 * foreign byte, while it has one thread. What is given up can't be taken back, by it or by what it
 * starts. The order of the steps is that of confine.c, which says why. When it fails, some rights
 * may be gone already: the program must end.
 *
 * It works as root and as an ordinary user: what an ordinary user never had need not be dropped.
 * What is then in force is read back from the kernel into a report.
 * Words of faults: denied (a right to give up rights is missing), not_found (a path of the
 * profile), kernel (the kernel lacks what the profile insists on), profile (it contradicts itself),
 * threads (there is a second one), limit, io.
 */
#ifndef CLOISTER_RUNTIME_KERNEL_CONFINE_H
#define CLOISTER_RUNTIME_KERNEL_CONFINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/kernel/fault.h"

#define CONFINE_GROUPS_MAX 32u /* supplementary groups of a profile */

/* Groups of system calls; confine_seccomp.c lists them. CONFINE_BASE is always in: memory, time,
 * signals, waiting, and reading, writing and closing what is open. */
enum confine_calls {
	CONFINE_BASE = 0,
	CONFINE_NETWORK = 1,   /* sockets: Unix, IPv4, IPv6 and vsock, no other family */
	CONFINE_FILES = 2,     /* opening, listing, changing, watching */
	CONFINE_PROCESSES = 4, /* starting programs, waiting for them, confining them further */
	CONFINE_THREADS = 8,   /* threads of this process */
	CONFINE_UNIX = 16      /* Unix sockets: connecting and accepting, no other family */
};

/* What happens on a system call that the profile does not allow. */
enum confine_refusal {
	CONFINE_KILL, /* the process dies by SIGSYS */
	CONFINE_ERROR /* the call fails with EPERM */
};

/* Whether the file system is confined (by Landlock; path lists below). */
enum confine_files {
	CONFINE_FILES_FREE,   /* no: the lists must be empty */
	CONFINE_FILES_WISHED, /* where the kernel can; the report says whether */
	CONFINE_FILES_REQUIRED
};

/* All lists of texts end with a null, and may be null for an empty one. */
struct confine_profile {
	const char *name;

	bool keep_user; /* user and groups stay; else they become these, which are not 0 */
	uid_t user;
	gid_t group;
	const gid_t *groups; /* the supplementary ones, instead of all that there were */
	size_t group_count;

	uint64_t capabilities; /* 1 << CAP_NAME of each that stays; the service alone has them, and
	                          nothing that it starts */

	unsigned calls;                /* a set of enum confine_calls */
	const char *const *more_calls; /* further ones, by name */
	enum confine_refusal refusal;

	enum confine_files files;
	const char *const *readable;   /* these, and what is beneath them, may be read */
	const char *const *executable; /* read and started as programs */
	const char *const *writable;   /* read and changed in any way */
};

/* What is in force. */
struct confine_report {
	const char *name; /* the profile's */
	uid_t user;
	gid_t group;
	unsigned groups;       /* how many supplementary ones */
	uint64_t capabilities; /* that are still in any set but the bounding set */
	uint64_t bounding;     /* that a started program could have gained; 0 but for users who
	                          are not allowed to give up theirs: NO_NEW_PRIVS bars the way */
	unsigned rules;        /* of the filter of system calls */
	enum confine_refusal refusal;
	int landlock; /* the version in force; 0: the file system is not confined */
	unsigned paths;
};

int confine(
	const struct confine_profile *profile, struct confine_report *report, struct fault *fault);

/* Logs the report as one line (log.h). */
void confine_log(const struct confine_report *report);

/* --- The parts, for confine.c alone ----------------------------------------------------------- */

/* Landlock: confine_landlock.c. */
int confine_landlock(
	const struct confine_profile *profile, struct confine_report *report, struct fault *fault);

/* System calls: confine_seccomp.c. */
int confine_seccomp(
	const struct confine_profile *profile, struct confine_report *report, struct fault *fault);

#endif
