/* measure: what will be started, into register 16 of the NSM, with a log from which anybody can
 * compute the register again (spec/pcr.md). Then the register is locked: who is started can't add
 * to it. In a process of its own, since the NSM may take minutes. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/crypto/nsm.h"
#include "runtime/kernel/log.h"
#include "services/init/environment.h"
#include "services/init/init.h"

#define FOLDER   "/run/cloister"
#define EVENTS   FOLDER "/boot.events"
#define PCR_BOOT 16u
#define FILE_MAX (16 * 1024 * 1024) /* bytes of a program that is measured */

enum { CODE_MEASURED = 0, CODE_NO_NSM = 1, CODE_FAILED = 2 };

struct measuring {
	struct nsm *nsm; /* null: there is none, and the log is all */
	FILE *log;
};

static int extend(const struct measuring *measuring, const char *what,
	const uint8_t digest[DIGEST_SIZE], struct fault *fault)
{
	struct nsm_pcr pcr;

	(void)fprintf(measuring->log, "%u ", PCR_BOOT);
	for (size_t i = 0; i < DIGEST_SIZE; i++)
		(void)fprintf(measuring->log, "%02x", digest[i]);
	(void)fprintf(measuring->log, " %s\n", what);
	if (measuring->nsm == NULL)
		return 0;
	return nsm_extend_pcr(measuring->nsm, PCR_BOOT, digest, DIGEST_SIZE, &pcr, fault);
}

/* --- What is measured ------------------------------------------------------------------------- */

/* Opens the program that a unit names, as it will be looked up; -1 where there is none. */
static int open_program(const struct unit_file *unit, char path[PATH_MAX])
{
	static struct environment environment;
	struct fault fault = {0}; /* the unit's start will say so */
	const char *program = unit->arguments[0], *folders;
	const char *directory = unit->directory == NULL ? "" : unit->directory;

	if (strchr(program, '/') != NULL) {
		(void)snprintf(path, PATH_MAX, "%s%s%s", program[0] == '/' ? "" : directory,
			program[0] == '/' ? "" : "/", program);
		return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	}
	(void)environment_make(&environment, unit, NULL, NULL, &fault);
	folders = environment_value(&environment, "PATH");
	for (const char *at = folders == NULL ? UNIT_PATH_DEFAULT : folders; *at != '\0';) {
		size_t size = strcspn(at, ":");

		(void)snprintf(path, PATH_MAX, "%.*s/%s", (int)size, at, program);
		if (size > 0 && access(path, X_OK) == 0)
			return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		at += size + (at[size] == ':');
	}
	return -1;
}

/* Of a file that is open, which is closed then; -1 is a file that is missing: the unit's start will
 * say so. */
static int measure_file(const struct measuring *measuring, const char *kind, const char *path,
	int fd, struct fault *fault)
{
	char what[PATH_MAX + 16];
	uint8_t digest[DIGEST_SIZE];
	struct stat status;
	int failed = 0;

	if (fd < 0)
		return 0;
	(void)snprintf(what, sizeof what, "%s %s", kind, path);
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size <= FILE_MAX &&
		digest_file(digest, what, fd) == 0)
		failed = extend(measuring, what, digest, fault);
	(void)close(fd);
	return failed;
}

static int measure_files(
	const struct measuring *measuring, const struct unit_file *unit, struct fault *fault)
{
	char program[PATH_MAX];
	int fd;

	for (uint32_t i = 0; i < unit->environment_files.count; i++) {
		const char *path = unit->environment_files.list[i];

		path += path[0] == '-' ? 1 : 0;
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		if (measure_file(measuring, "env", path, fd, fault) != 0)
			return -1;
	}
	fd = open_program(unit, program);
	return measure_file(measuring, "exec", program, fd, fault);
}

static int measure_all(
	const struct init *init, const struct measuring *measuring, struct fault *fault)
{
	uint32_t order[UNITS_MAX], count = units_sequence(&init->units, order);

	if (init->is_command &&
		(extend(measuring, "file /cmd", init->command, fault) != 0 ||
			extend(measuring, "file /env", init->environment, fault) != 0))
		return -1;
	for (uint32_t i = 0; i < count; i++) {
		const struct supervised *one = &init->units.list[order[i]];
		char what[UNIT_NAME_MAX + 32];

		(void)snprintf(what, sizeof what, UNIT_WHAT, one->file.name);
		if ((!init->is_command && extend(measuring, what, one->digest, fault) != 0) ||
			measure_files(measuring, &one->file, fault) != 0)
			return -1;
	}
	return 0;
}

/* --- The step --------------------------------------------------------------------------------- */

static int write_events(const struct init *init, struct nsm *nsm, struct fault *fault)
{
	struct measuring measuring = {.nsm = nsm};
	int failed;

	make_folders(FOLDER, 0755);
	measuring.log = fopen(EVENTS, "we");
	if (measuring.log == NULL)
		return fault_io(fault, errno, "cannot write " EVENTS);
	failed = measure_all(init, &measuring, fault);
	if (fclose(measuring.log) != 0 && failed == 0)
		failed = fault_io(fault, errno, "cannot write " EVENTS);
	if (failed == 0 && nsm != NULL)
		failed = nsm_lock_pcr(nsm, PCR_BOOT, fault);
	return failed;
}

static int measure(const void *data)
{
	static struct nsm client;
	struct fault fault = {0};
	bool has_nsm = access(NSM_PATH, F_OK) == 0;

	if ((!has_nsm || nsm_open(&client, NSM_PATH, &fault) == 0) &&
		write_events(data, has_nsm ? &client : NULL, &fault) == 0)
		return has_nsm ? CODE_MEASURED : CODE_NO_NSM;
	log_fault(has_nsm ? LOG_ERROR : LOG_WARNING, "what starts can't be measured", &fault);
	return has_nsm ? CODE_FAILED : CODE_NO_NSM;
}

static void measured(struct aside *aside, int code)
{
	struct init *init = aside->user;

	if (code == CODE_NO_NSM)
		LOG(LOG_WARNING, "there is no NSM: what starts is logged, and can't be attested",
			log_string("log", EVENTS));
	else if (code != CODE_MEASURED)
		(void)fault_set(&init->fault, "nsm", "register 16 does not hold what starts");
	if (code == CODE_MEASURED || code == CODE_NO_NSM)
		boot_answer(init, code == CODE_MEASURED ? BOOT_DONE : BOOT_ABSENT);
	else
		boot_answer(init, BOOT_FAILED);
}

void step_measure(struct init *init)
{
	init->aside.done = measured;
	init->aside.user = init;
	if (aside_start(&init->aside, init->loop, measure, init, &init->fault) != 0)
		boot_answer(init, BOOT_FAILED);
}
