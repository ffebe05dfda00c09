/* child: a process that is started, watched and signalled without blocking the loop.
 *
 *                         failed                nothing runs, nothing is left to reap
 *                        /
 *   child_start --------+
 *                        \
 *                         started ---- ended ---- child_reap
 *                                      (a zombie: its number can't mean another process)
 *
 * The process begins with default signal actions, an empty signal mask, the environment and the
 * descriptors of its plan, and nothing else of ours. It is observed by a pidfd. Nobody else may
 * wait for it, and SIGCHLD must not be ignored: else its status is lost, and `ended` says SIGKILL.
 */
#ifndef CLOISTER_RUNTIME_KERNEL_CHILD_H
#define CLOISTER_RUNTIME_KERNEL_CHILD_H

#include <sys/types.h>

#include "runtime/kernel/loop.h"

#define CHILD_DESCRIPTORS_MAX 64u /* of a plan */
#define CHILD_NAME_MAX        96u /* bytes of the program's name in faults, with the NUL */

/* Our descriptor `from` becomes the child's descriptor `to`. */
struct child_descriptor {
	int from, to;
};

/* An errno of `prepare` with the place, in `steps` of the plan, of what has failed. */
#define CHILD_STEPS_MAX 16u
#define CHILD_AT(step, error)                                                                      \
	((int)(((unsigned)(step) % CHILD_STEPS_MAX + 1u) << 16 | ((unsigned)(error)&0xffffu)))

enum child_group {
	CHILD_GROUP_OURS, /* stays in our process group */
	CHILD_GROUP_NEW,
	CHILD_GROUP_SESSION /* a session of its own, and so a group */
};

/* What to start. All of it is the caller's, and needed only until child_start returns. Zero is a
 * good value for everything but `program` and `argv`. */
struct child_plan {
	const char *program;            /* a name without a slash is looked for in `path` */
	const char *path;               /* folders with colons between; null: none */
	const char *const *argv;        /* from the program's own name to a null */
	const char *const *environment; /* NAME=VALUE to a null; null: empty */
	const char *directory;          /* null: ours */
	mode_t umask;                   /* 0 stands for 022 */
	enum child_group group;
	bool terminal; /* descriptor 0 becomes the controlling terminal; for CHILD_GROUP_SESSION */

	/* The folder of the control group (cgroup2) that it begins in; null: ours. To be made there
	 * costs less than to be moved, which has the kernel wait for all its processors. */
	const int *cgroup;
	bool is_cgroup_used; /* cgroup.kill was written to: Linux kills what is made in it then, and
				not what moves there */

	/* A wish: until it has become the program it is in our memory, and we stand still (vfork):
	 * nothing has to be copied. For who may wait for an exec, and not where `prepare` makes it
	 * somebody else's process, who could stop it, and us with it. */
	bool in_our_memory;

	/* 0, 1 and 2 are the null device where they are not named. */
	const struct child_descriptor *descriptors;
	unsigned descriptor_count;

	/* Called in the new process when all but `directory` is done, which is looked up by what
	 * `prepare` may have made of us: credentials, a root, limits, filters (which must let
	 * chdir, execve, write and exit_group through). Returns 0, an errno or CHILD_AT. It may
	 * call async-signal-safe functions only, since another thread of ours may have held any
	 * lock. Our descriptors are still open, and close with exec. Null is allowed. */
	int (*prepare)(void *data);
	void *data;
	const char *const *steps; /* "doing this", of CHILD_AT; they must stay. Null: none */
};

/* One process. Zeroed before child_start, with its callbacks set; it must stay where it is until
 * `failed` is called or until child_reap. */
struct child {
	/* The program has replaced us. A process that was killed before that counts as started. */
	void (*started)(struct child *child);

	/* It can't be executed. Words: "not_found", "not_executable", "directory" (its own can't be
	 * entered), "spawn" for all else. `failed_error` is the errno. */
	void (*failed)(struct child *child, const struct fault *fault);

	/* It has ended by itself with a code, or by a signal, after `started`. It is not reaped. */
	void (*ended)(struct child *child, int code_or_signal, bool was_signal);

	pid_t pid; /* 0 before the start and once reaped */

	enum child_group group; /* from here on ours */
	int pidfd;
	struct watch process, report;
	int failed_stage, failed_error;
	const char *const *steps;
	char name[CHILD_NAME_MAX];
};

/* Makes the process; all else is told by callbacks, in later turns. Faults: "limit" (a plan that is
 * too large, or too many watches), "spawn" (no process or descriptor to be had). */
int child_start(
	struct child *child, struct loop *loop, const struct child_plan *plan, struct fault *fault);

/* Removes the process from the system's table. Only after `ended`, and needed then. */
void child_reap(struct child *child);

/* Signals the process, or its group where it has one of its own (else the process alone). Both
 * are safe from child_start to child_reap, with an ended process too. Fault: "io"; "ended" when it
 * is reaped. */
int child_signal(struct child *child, int number, struct fault *fault);
int child_signal_group(struct child *child, int number, struct fault *fault);

#endif
