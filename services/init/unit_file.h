/* unit_file: one unit as its file describes it (spec/units.md), or as AWS's /cmd and /env do. */
#ifndef CLOISTER_SERVICES_INIT_UNIT_FILE_H
#define CLOISTER_SERVICES_INIT_UNIT_FILE_H

#include "runtime/kernel/conf.h"
#include "services/init/log_file.h"
#include "services/init/restart.h"

#define UNIT_NAME_MAX    64u   /* bytes with the NUL */
#define UNIT_TEXT_MAX    8192u /* bytes of all words of a unit with their NULs */
#define UNIT_WORDS_MAX   64u   /* arguments of a unit; variables of its environment */
#define UNIT_NAMES_MAX   32u   /* names of a list of units */
#define UNIT_PATHS_MAX   16u   /* paths of a list */
#define UNIT_SOCKETS_MAX 8u    /* addresses that it listens on */
#define UNIT_COMMAND_MAX 16u   /* words of a command beside ExecStart */
#define UNIT_SUFFIX      ".service"

#define UNIT_STOP_DEFAULT    10u  /* seconds between the wish to stop and SIGKILL */
#define UNIT_START_DEFAULT   30u  /* seconds until it must be ready, */
#define UNIT_ONESHOT_DEFAULT 300u /* or have done its work */
#define UNIT_READY_FD_MAX    63   /* a descriptor */
#define UNIT_HEALTH_INTERVAL 30u  /* seconds */
#define UNIT_HEALTH_RETRIES  3u
#define UNIT_MEMORY_MIN      65536u
#define UNIT_MEMORY_MAX      (INT64_C(1) << 50)
#define UNIT_TASKS_MAX       4194304u
#define UNIT_CPU_MAX         100000u

enum unit_type {
	UNIT_TYPE_SIMPLE,
	UNIT_TYPE_ONESHOT, /* done when its process has ended well */
	UNIT_TYPE_NOTIFY   /* ready when it says so on NOTIFY_SOCKET */
};

enum unit_on_failure { UNIT_FAILURE_NONE, UNIT_FAILURE_REBOOT, UNIT_FAILURE_POWEROFF };

/* A command beside the unit's own. Zeroed: none. */
struct unit_command {
	const char *words[UNIT_COMMAND_MAX + 1u]; /* to a null */
	uint32_t count;
};

/* When it is ready, whether it is well, how it is stopped, and what its failure does. */
struct unit_life {
	uint32_t type;            /* enum unit_type */
	uint32_t start_seconds;   /* 0: as the type has it */
	uint32_t ready_fd;        /* a newline is written there; 0: none */
	const char *ready_socket; /* accepts a connection; null: none */
	struct unit_command ready, stop, health;
	uint32_t stop_signal;
	uint32_t watchdog;        /* seconds; 0: none */
	uint32_t health_interval; /* seconds */
	uint32_t health_retries;  /* checks in a row that fail */
	uint32_t on_failure;      /* enum unit_on_failure */
};

/* Names of other units; without the suffix. */
struct unit_names {
	const char *list[UNIT_NAMES_MAX];
	uint32_t count;
};

/* Paths from the root; one behind a minus may be missing. */
struct unit_paths {
	const char *list[UNIT_PATHS_MAX];
	uint32_t count;
};

#define UNIT_RLIMITS          16u /* resources of getrlimit(2) */
#define UNIT_RLIMIT_UNLIMITED UINT64_MAX

/* What its process may, beside who it is. */
struct unit_rights {
	int bars;      /* no new privileges: 1 or 0, or -1 as rights.h says */
	int is_capped; /* `capabilities` are what it has: a set of 1 << CAP_NAME */
	uint64_t capabilities;
	uint32_t rlimits_named;         /* a set of 1 << RLIMIT_NAME, */
	uint64_t rlimits[UNIT_RLIMITS]; /* and each at its number */
	uint32_t filter;                /* enum unit_filter: of its system calls */
	int is_landlocked;              /* no files but these: */
	struct unit_paths readable, writable;
};

enum unit_filter {
	UNIT_FILTER_NONE,
	UNIT_FILTER_DEFAULT,
	UNIT_FILTER_NO_NETWORK,
	UNIT_FILTER_STRICT
};

/* Pointers lead into `text`, so it must stay where it is. */
struct unit_file {
	char name[UNIT_NAME_MAX];                     /* without the suffix */
	const char *instance;                         /* behind its @; null: it has none */
	const char *arguments[UNIT_WORDS_MAX + 1u];   /* to a null; [0] is the program */
	const char *environment[UNIT_WORDS_MAX + 1u]; /* NAME=VALUE to a null */
	uint32_t argument_count, variable_count;
	const char *directory; /* null: / */
	const char *user;      /* null: as init */
	const char *group;     /* null: the user's */
	struct unit_paths environment_files;
	struct unit_rights rights;
	const char *sockets[UNIT_SOCKETS_MAX]; /* addresses in the words of address_text */
	uint32_t socket_count;
	struct restart restart;
	struct unit_life life;
	uint32_t stop_seconds;
	uint64_t memory_max; /* bytes; 0 here and below: no limit */
	uint32_t tasks_max;
	uint32_t cpu_max; /* per cent of one processor */
	int is_enabled;
	int is_shown; /* what it writes, on the console */
	struct log_limits logs;
	const char *seal; /* the file of a public key to which others may seal it; null: none */
	struct unit_names after, before, required, required_by, wanted, milestones, bound;
	uint32_t used; /* bytes of text */
	char text[UNIT_TEXT_MAX];
};

/* What no file says. The name is copied. */
void unit_file_begin(struct unit_file *unit, const char *name);

/* Whether it can be the name of a unit: 1 to 63 of A-Z a-z 0-9 _ . @ : -, and no dot in front. */
bool unit_name_ok(const char *name);

/* Reads text[0..size) of the file `file`, after unit_file_begin. In all words of an instance %i is
 * replaced by its part behind the @, and %% by a percent sign. `conf` is used on the way.
 * Fault words: those of conf.h, "name", "limit". */
int unit_file_read(struct unit_file *unit, struct conf *conf, const char *file, const void *text,
	size_t size, struct fault *fault);

/* Calls for each name of another unit that it gives. */
void unit_file_names(
	const struct unit_file *unit, void (*call)(void *user, const char *name), void *user);

/* Appends one argument, or one variable. A variable that is set already stays. Fault: "limit". */
int unit_file_argument(struct unit_file *unit, const char *word, size_t size, struct fault *fault);
int unit_file_variable(struct unit_file *unit, const char *word, size_t size, struct fault *fault);

/* For how many seconds it may be starting. */
uint32_t unit_file_start_seconds(const struct unit_file *unit);

/* Whether it is told of NOTIFY_SOCKET. */
bool unit_file_notifies(const struct unit_file *unit);

/* Whether it names a limit of resources. */
bool unit_file_is_limited(const struct unit_file *unit);

/* The value of a variable of the unit's; null where it has none. */
const char *unit_file_value(const struct unit_file *unit, const char *name);

#endif
