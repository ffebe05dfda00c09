/* measure_files: see measure.h. */
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "services/init/environment.h"
#include "services/init/measure.h"
#include "services/init/units.h"

#define FILE_MAX (16 * 1024 * 1024) /* bytes of a program that is measured */

/* The register first: the log tells of what is in it. */
int measure_event(const struct measuring *measuring, const char *what,
	const uint8_t digest[DIGEST_SIZE], struct fault *fault)
{
	struct nsm_pcr pcr;

	if (measuring->nsm != NULL && nsm_extend_pcr(measuring->nsm, measuring->pcr, digest,
					      DIGEST_SIZE, &pcr, fault) != 0)
		return -1;
	(void)fprintf(measuring->log, "%u ", measuring->pcr);
	for (size_t i = 0; i < DIGEST_SIZE; i++)
		(void)fprintf(measuring->log, "%02x", digest[i]);
	(void)fprintf(measuring->log, " %s\n", what);
	return 0;
}

int measure_word(const struct measuring *measuring, const char *what, struct fault *fault)
{
	uint8_t digest[DIGEST_SIZE];

	digest_text(digest, what, "", 0);
	return measure_event(measuring, what, digest, fault);
}

uint32_t measure_programs(const struct unit_file *unit, const char *programs[MEASURE_PROGRAMS_MAX])
{
	const struct unit_command *const others[] = {
		&unit->life.ready, &unit->life.stop, &unit->life.health};
	uint32_t count = 1;

	programs[0] = unit->arguments[0];
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (others[i]->count > 0)
			programs[count++] = others[i]->words[0];
	return count;
}

/* Whether a path is that of a file that may be executed; a folder may be searched, which access
 * calls the same. */
static bool is_program(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

/* What is relative is so to the unit's own folder, in which it will begin. */
static bool is_beneath(const struct unit_file *unit, const char *folder, size_t size,
	const char *program, char path[PATH_MAX])
{
	const char *start = size > 0 ? folder : program;
	const char *directory = unit->directory == NULL ? "" : unit->directory;
	int length = snprintf(path, PATH_MAX, "%s%s%.*s%s%s", start[0] == '/' ? "" : directory,
		start[0] == '/' ? "" : "/", (int)size, folder, size > 0 ? "/" : "", program);

	return length > 0 && length < PATH_MAX && is_program(path);
}

bool program_find(
	const struct unit_file *unit, const char *folders, const char *program, char path[PATH_MAX])
{
	if (strchr(program, '/') != NULL)
		return is_beneath(unit, "", 0, program, path);
	for (const char *at = folders == NULL ? UNIT_PATH_DEFAULT : folders; *at != '\0';) {
		size_t size = strcspn(at, ":");

		if (size > 0 && is_beneath(unit, at, size, program, path))
			return true;
		at += size + (at[size] == ':');
	}
	return false;
}

int measure_open_program(const struct unit_file *unit, const char *program, char *path)
{
	static struct environment environment;
	struct fault fault = {0}; /* the unit's start will say so */

	(void)environment_make(&environment, unit, NULL, NULL, &fault);
	if (!program_find(unit, environment_value(&environment, "PATH"), program, path))
		return -1;
	return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

int measure_open_variables(const char *path)
{
	return open(path + (path[0] == '-' ? 1 : 0), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
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
		failed = measure_event(measuring, what, digest, fault);
	(void)close(fd);
	return failed;
}

static int measure_files(
	const struct measuring *measuring, const struct unit_file *unit, struct fault *fault)
{
	const char *programs[MEASURE_PROGRAMS_MAX];
	uint32_t count = measure_programs(unit, programs);
	char program[PATH_MAX];
	int fd;

	for (uint32_t i = 0; i < unit->environment_files.count; i++) {
		const char *path = unit->environment_files.list[i];

		fd = measure_open_variables(path);
		path += path[0] == '-' ? 1 : 0;
		if (measure_file(measuring, "env", path, fd, fault) != 0)
			return -1;
	}
	for (uint32_t i = 0; i < count; i++) {
		fd = measure_open_program(unit, programs[i], program);
		if (measure_file(measuring, "exec", program, fd, fault) != 0)
			return -1;
	}
	return 0;
}

int measure_unit(const struct measuring *measuring, const struct unit_file *unit,
	const uint8_t *digest, struct fault *fault)
{
	char what[UNIT_NAME_MAX + 32];

	(void)snprintf(what, sizeof what, UNIT_WHAT, unit->name);
	if (digest != NULL && measure_event(measuring, what, digest, fault) != 0)
		return -1;
	return measure_files(measuring, unit, fault);
}
