/* check: reads units as a start would, says what is wrong with them, and starts none. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/kernel/log.h"
#include "services/init/init.h"

#define EXIT_USAGE     2
#define CODE_MALFORMED 65
#define CODE_NO_INPUT  66
#define CODE_IO        74

struct checked {
	struct unit_set *set;
	uint32_t units, faulty;
};

static int no_input(const struct fault *fault)
{
	LOG(LOG_ERROR, "there is nothing to check", log_string("reason", fault->word),
		log_string("fault", fault->text));
	return CODE_NO_INPUT;
}

static int load(struct checked *checked, const char *folder)
{
	int root = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC), failed;
	static const struct choices none;
	struct fault fault = {0};

	if (root < 0) {
		(void)fault_io(&fault, errno, "cannot open the folder %.300s", folder);
		return no_input(&fault);
	}
	unit_set_begin(checked->set);
	failed = unit_set_load(checked->set, root, ".", &none, &fault);
	(void)close(root);
	return failed != 0 ? no_input(&fault) : 0;
}

static int check_folder(struct checked *checked, const char *folder)
{
	struct unit_set *set = checked->set;
	int failed = load(checked, folder);

	if (failed != 0)
		return failed;
	for (uint32_t i = 0; i < set->count; i++)
		checked->faulty += unit_set_say(set, i);
	checked->faulty += set->left_out;
	checked->units += set->count + set->left_out;
	return 0;
}

/* What a file says is judged among the others of its folder: those it names may be there. */
static int check_file(struct checked *checked, const char *path)
{
	const char *slash = strrchr(path, '/'), *file = slash == NULL ? path : slash + 1;
	size_t size = strlen(file), suffix = strlen(UNIT_SUFFIX);
	char folder[4096] = ".", name[UNIT_NAME_MAX] = "";
	struct fault fault = {0};
	uint32_t i;
	int failed;

	if (slash != NULL)
		(void)snprintf(folder, sizeof folder, "%.*s/", (int)(slash - path), path);
	if (size > suffix && size - suffix < sizeof name &&
		strcmp(file + size - suffix, UNIT_SUFFIX) == 0)
		memcpy(name, file, size - suffix);
	failed = load(checked, folder);
	if (failed != 0)
		return failed;
	i = unit_set_find(checked->set, name);
	if (i == checked->set->count) {
		(void)fault_set(&fault, "not_found",
			"%.300s is no unit file that is there: NAME" UNIT_SUFFIX " is expected",
			path);
		return no_input(&fault);
	}
	checked->faulty += unit_set_say(checked->set, i);
	checked->units++;
	return 0;
}

int check(struct unit_set *set, int count, char **paths)
{
	struct log_sink sink = {
		.program = "init", .fd = STDERR_FILENO, .form = LOG_PLAIN, .level = LOG_WARNING};
	struct checked checked = {.set = set};
	bool is_json = count > 0 && strcmp(paths[0], "--json") == 0;
	int failed = is_json + 1 > count ? EXIT_USAGE : 0;

	if (is_json)
		sink = (struct log_sink){.program = "init",
			.fd = STDOUT_FILENO,
			.form = LOG_JSON,
			.level = LOG_INFO};
	if (failed != 0)
		(void)fputs("init: --check wants a folder, or files\n", stderr);
	log_start(&sink);
	for (int i = is_json; i < count && failed == 0; i++) {
		struct stat status;
		bool is_folder = stat(paths[i], &status) == 0 && S_ISDIR(status.st_mode);

		failed = is_folder ? check_folder(&checked, paths[i])
				   : check_file(&checked, paths[i]);
	}
	if (failed != 0)
		return failed;
	if (is_json)
		LOG(LOG_INFO, "checked", log_number("units", checked.units),
			log_number("faulty", checked.faulty));
	else if (printf("%u units, %u of them with a fault\n", checked.units, checked.faulty) < 0)
		return CODE_IO;
	return checked.faulty > 0 ? CODE_MALFORMED : 0;
}
