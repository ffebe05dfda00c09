/* environment: see environment.h. */
#include "services/init/environment.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gen/env_line.h"
#include "runtime/kernel/machine.h"
#include "services/init/units.h"

MACHINE_BYTES(env_line)

/* The variable of the name that ends with the first = of a word; null where there is none. */
static const char *find(const struct environment *environment, const char *word, size_t name_size)
{
	for (uint32_t i = 0; i < environment->count; i++)
		if (strncmp(environment->list[i], word, name_size) == 0 &&
			environment->list[i][name_size] == '=')
			return environment->list[i] + name_size + 1;
	return NULL;
}

const char *environment_value(const struct environment *environment, const char *name)
{
	return find(environment, name, strlen(name));
}

/* Adds NAME=VALUE where there is no such name. */
static void add(struct environment *environment, const char *word)
{
	const uint32_t most = sizeof environment->list / sizeof environment->list[0] - 1u;

	if (environment->count == most || find(environment, word, strcspn(word, "=")) != NULL)
		return;
	environment->list[environment->count++] = word;
	environment->list[environment->count] = NULL;
}

static void add_all(struct environment *environment, const char *const *words)
{
	for (; words != NULL && *words != NULL; words++)
		add(environment, *words);
}

/* --- Files ------------------------------------------------------------------------------------ */

/* Text of `size` bytes and room for one more, which ends the last line. */
static int add_lines(struct environment *environment, const char *path, size_t size,
	uint32_t *variables, struct fault *fault)
{
	char *at = environment->text + environment->used, *end = at + size + 1;

	end[-1] = '\n';
	for (unsigned number = 1; at < end; number++) {
		struct env_line line;
		const char *word = at;
		uint32_t before = environment->count;

		env_line_init(&line);
		at += env_line_drive(&line, 0, (const uint8_t *)at, (size_t)(end - at));
		if (line.cs == ENV_LINE_IN_BAD)
			return fault_set(fault, "syntax",
				"%.200s:%u: it is no variable: NAME=VALUE is expected", path,
				number);
		at[-1] = '\0';
		if (line.cs == ENV_LINE_IN_WORD)
			add(environment, word);
		*variables += environment->count - before;
		if (*variables > ENVIRONMENT_FILE_MAX)
			return fault_set(fault, "limit",
				"%.200s:%u: the files of EnvFile have more than %u variables", path,
				number, ENVIRONMENT_FILE_MAX);
	}
	environment->used += size + 1u;
	return 0;
}

/* The bytes of a file behind those of the others; a room for one more is left. */
static int read_file(struct environment *environment, const char *path, int fd, size_t *size,
	struct fault *fault)
{
	struct stat status;
	char *text = environment->text + environment->used;
	size_t room = ENVIRONMENT_BYTES_MAX + 1u - environment->used;
	ssize_t got = 1;

	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
		return fault_set(fault, "io", "EnvFile %.200s is no file", path);
	while (got > 0 && *size < room) {
		got = read(fd, text + *size, room - *size);
		if (got < 0)
			return fault_io(fault, errno, "EnvFile %.200s can't be read", path);
		*size += (size_t)got;
	}
	if (*size == room)
		return fault_set(fault, "limit",
			"the files of EnvFile have more than %u bytes together: %.200s",
			ENVIRONMENT_BYTES_MAX, path);
	return 0;
}

/* A path behind a minus may be missing. */
static int add_file(
	struct environment *environment, const char *path, uint32_t *variables, struct fault *fault)
{
	bool may_miss = path[0] == '-';
	size_t size = 0;
	int fd, failed;

	path += may_miss ? 1 : 0;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 && may_miss && errno == ENOENT)
		return 0;
	if (fd < 0 && errno == ENOENT)
		return fault_set(fault, "not_found", "there is no EnvFile %.200s", path);
	if (fd < 0)
		return fault_io(fault, errno, "EnvFile %.200s can't be opened", path);
	failed = read_file(environment, path, fd, &size, fault);
	(void)close(fd);
	return failed != 0 ? -1 : add_lines(environment, path, size, variables, fault);
}

int environment_make(struct environment *environment, const struct unit_file *unit,
	const char *const *ours, const char *const *inherited, struct fault *fault)
{
	uint32_t variables = 0;

	environment->count = 0;
	environment->used = 0;
	environment->list[0] = NULL;
	add_all(environment, ours);
	add_all(environment, unit->environment);
	for (uint32_t i = 0; i < unit->environment_files.count; i++)
		if (add_file(environment, unit->environment_files.list[i], &variables, fault) != 0)
			return -1;
	add_all(environment, inherited);
	add(environment, "PATH=" UNIT_PATH_DEFAULT);
	return 0;
}
