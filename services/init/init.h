/* init: PID 1 of an enclave, and a supervisor elsewhere. The machines boot and shutdown decide;
 * the files here perform what they ask for, and answer with events. */
#ifndef CLOISTER_SERVICES_INIT_INIT_H
#define CLOISTER_SERVICES_INIT_INIT_H

#include <sys/stat.h>

#include "gen/boot.h"
#include "gen/shutdown.h"
#include "runtime/crypto/nsm.h"
#include "runtime/kernel/signals.h"
#include "runtime/net/listener.h"
#include "services/init/aside.h"
#include "services/init/change.h"
#include "services/init/control.h"
#include "services/init/message.h"
#include "services/init/settings.h"
#include "services/init/units.h"

#define PORT_HEARTBEAT 9000u /* spec/ports.md */
#define PORT_HEALTH    9001u
#define PORT_READY     9002u

#define LOG_FOLDER "/run/log" /* of an enclave: memory, as all there */

#define UNITS_FOLDER "etc/cloister/units" /* beneath the root */

#define OBSERVERS_MAX 8u /* who are told of health at the same time */

#define EVENTS_MAX 8u /* of one machine that wait while it is being served */

/* Events of one machine, which are served one after the other: what an effect answers at once must
 * not overtake the effects that come after it. */
struct events {
	struct {
		unsigned event;
		uint32_t n;
	} list[EVENTS_MAX];
	unsigned first, count;
	bool is_served;
};

/* What the old root has and the new one needs, held while the root changes. */
struct carried {
	int fd; /* a detached copy of the mount; -1: nothing */
};

/* Who was told how the enclave is, until it has closed or its time is over. */
struct observer {
	struct init *init;
	struct watch watch;
	struct timer limit;
	bool is_there;
};

struct init {
	struct loop *loop;
	struct signals signals;
	const char *folder;       /* of units, as a supervisor; null: PID 1 of an enclave */
	const char *stand_ins;    /* CLOISTER_VSOCK_DIR, or null */
	const char *control_path; /* of a supervisor's Unix socket; null: none */
	const char *logs_path;    /* of its folder for log files; null: none */
	const char *inherited[4];
	uint64_t began;

	struct boot boot;
	struct events boot_events;
	struct timer boot_timer;
	uint32_t boot_generation;
	struct fault fault; /* of the step in flight, for warn and report */

	struct shutdown shutdown;
	struct events shutdown_events;
	struct timer shutdown_timer;
	uint32_t shutdown_generation;
	bool is_reaping_all; /* shutdown waits for the last process */
	struct post reap_again;
	bool reaps_again;

	struct units units;
	struct change change;
	struct settings settings;
	uint8_t settings_digest[DIGEST_SIZE];
	bool has_settings;
	bool has_nsm;            /* when the boot was measured; */
	struct stat nsm;         /* this one */
	struct post unit_failed; /* one has, and its OnFailure ends all: */
	uint32_t failure;
	uint32_t lost;   /* units that the boot has been told of */
	bool is_command; /* the one unit is AWS's /cmd: its end is ours */
	bool has_units;  /* /etc/cloister/units was found */
	bool has_rootfs;
	bool has_loopback;
	uint8_t command[DIGEST_SIZE], environment[DIGEST_SIZE]; /* of /cmd and /env */
	int status;                                             /* for the farewell */

	struct aside aside; /* of the boot: the question to the NSM */
	struct aside disks; /* of the shutdown: sync and unmounting */
	struct aside clock; /* the look at it, every ten minutes */
	struct timer clock_timer;
	struct message heartbeat, line; /* line: ready, then farewell */
	struct carried devices, sockets;
	struct listener listener; /* of PORT_HEALTH */
	struct observer observers[OBSERVERS_MAX];
	struct controls controls;
};

/* --- boot.c, shutdown.c ----------------------------------------------------------------------- */

void boot_happen(struct init *init, enum boot_event event, uint32_t n);
void shutdown_happen(struct init *init, enum shutdown_event event, uint32_t n);

/* Has the system end, wherever it is: the first one who asks says how. */
void init_end(struct init *init, enum shutdown_how how);

/* Answers the step in flight; a failure with the fault that is in init->fault. */
void boot_answer(struct init *init, enum boot_event answer);

/* Adds an event; true where the caller is to serve them, which it does until events_next is false,
 * and then is_served is false again. */
bool events_add(struct events *events, unsigned event, uint32_t n);
bool events_next(struct events *events, unsigned *event, uint32_t *n);

/* --- Steps: each answers by boot_answer, now or later ----------------------------------------- */

void step_devices(struct init *init);       /* mounts.c */
void step_console(struct init *init);       /* console.c */
void step_nsm(struct init *init);           /* nsm.c */
void step_heartbeat(struct init *init);     /* host.c */
void step_configuration(struct init *init); /* configuration.c */
void step_root(struct init *init);          /* root.c */
void step_mounts(struct init *init);        /* mounts.c */
void step_network(struct init *init);       /* network.c */
void step_measure(struct init *init);       /* measure.c */

/* Gives the kernel random numbers of the NSM; blocks (entropy.c). */
int entropy_seed(struct nsm *nsm, struct fault *fault);
/* Says where the hardware's come from; /sys is there. */
void entropy_check(void);

/* Sets the clock, which answers the step in flight, and looks at it from then on; *answers is false
 * where the clock is not ours (timekeeper.c). */
int timekeeper_start(struct init *init, bool *answers);

/* Opens the log anew, on what is standard error now. */
void console_log(void);

/* Tells the host that we are ready, or that this is the end, which is answered by SAID. */
void host_ready(struct init *init, uint32_t units); /* host.c */
void host_farewell(struct init *init);

/* Lets anybody ask how the enclave is, from now on. */
void observe_start(struct init *init); /* observe.c */
/* One word for how the enclave is, and what its units have come to. */
const char *observe_word(const struct init *init, struct units_sum *sum);

/* Holds a copy of what is mounted at `path`, and mounts it there again. */
void carried_take(struct carried *carried, const char *path);
int carried_put(struct carried *carried, const char *path, struct fault *fault);
void carried_drop(struct carried *carried);

/* Makes a folder and those above it. Failures show when it is used. */
void make_folders(const char *path, unsigned mode);

/* Removes all that is in a root in memory but what `kept` names, to a null; `root` is closed. Who
 * calls has left that root. */
void empty_ramdisk(int root, const char *const *kept);

/* Unmounts what holds data; runs aside. */
int unmount_all(const void *data);

/* Reads units as a start would, and says what is wrong with them (check.c): of a folder all, of a
 * file that one. Returns an exit code. */
int check(struct unit_set *set, int count, char **paths);

/* --- reap.c ----------------------------------------------------------------------------------- */

/* Reaps what is left to us; what is a unit's or an aside's stays for its owner. */
void reap(struct init *init);

#endif
