/* units_load: the folder of unit files, and who comes before whom. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/kernel/log.h"
#include "runtime/kernel/path.h"
#include "services/init/units.h"

#define FILE_NAME_MAX (UNIT_NAME_MAX + sizeof UNIT_SUFFIX)

/* Names found in the folder, without the suffix. */
struct names {
	char list[UNITS_MAX][UNIT_NAME_MAX];
	uint32_t count;
};

/* A unit that will not start, and why. */
static void lose(struct units *units, struct supervised *one, const struct fault *fault)
{
	one->fault = *fault;
	units->standings[one - units->list] = ORDER_LOST;
	LOG(LOG_ERROR, "a unit can't be used", log_string("unit", one->file.name),
		log_string("reason", fault->word), log_string("fault", fault->text));
}

/* --- The folder ------------------------------------------------------------------------------- */

/* The name of the unit that a file stands for; false for files that are no units. */
static bool unit_of(const char *file, char name[UNIT_NAME_MAX])
{
	size_t size = strlen(file), suffix = strlen(UNIT_SUFFIX);

	if (size <= suffix || strcmp(file + size - suffix, UNIT_SUFFIX) != 0 || file[0] == '.')
		return false;
	if (size - suffix < UNIT_NAME_MAX) {
		memcpy(name, file, size - suffix);
		name[size - suffix] = '\0';
		if (unit_name_ok(name))
			return true;
	}
	LOG(LOG_ERROR, "a unit file has a name that no unit may have", log_string("file", file));
	return false;
}

static int compare(const void *left, const void *right)
{
	return strcmp(left, right);
}

static int list_names(int folder, struct names *names, struct fault *fault)
{
	DIR *entries = fdopendir(folder);
	const struct dirent *entry;

	if (entries == NULL) {
		(void)close(folder);
		return fault_io(fault, errno, "cannot read the folder of units");
	}
	while ((entry = readdir(entries)) != NULL) {
		char name[UNIT_NAME_MAX];

		if (!unit_of(entry->d_name, name))
			continue;
		if (names->count == UNITS_MAX) {
			LOG(LOG_ERROR, "there are too many units: this one is left out",
				log_string("unit", name), log_number("limit", UNITS_MAX));
			continue;
		}
		memcpy(names->list[names->count++], name, sizeof name);
	}
	(void)closedir(entries);
	qsort(names->list, names->count, sizeof names->list[0], compare);
	return 0;
}

/* The bytes of a file, up to one more than a text may have. */
static int read_file(int fd, char *text, size_t room, size_t *size, struct fault *fault)
{
	struct stat status;
	ssize_t got = 1;

	*size = 0;
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
		return fault_set(fault, "io", "it is no file");
	while (got > 0 && *size < room) {
		got = read(fd, text + *size, room - *size);
		if (got < 0)
			return fault_io(fault, errno, "it can't be read");
		*size += (size_t)got;
	}
	return 0;
}

static int load_one(struct units *units, int root, const char *folder, struct supervised *one,
	struct fault *fault)
{
	static struct conf conf; /* too large for a stack; PID 1 has one thread */
	static char text[CONF_TEXT_MAX + 1u];
	char file[CONF_FILE_MAX], what[UNIT_NAME_MAX + 32u];
	size_t size = 0;
	int fd, failed;

	(void)units;
	(void)snprintf(file, sizeof file, "%s/%s%s", folder, one->file.name, UNIT_SUFFIX);
	if (path_open(root, file, strlen(file), O_RDONLY, 0, &fd, fault) != 0)
		return -1;
	failed = read_file(fd, text, sizeof text, &size, fault);
	(void)close(fd);
	if (failed != 0)
		return -1;
	(void)snprintf(what, sizeof what, UNIT_WHAT, one->file.name);
	digest_text(one->digest, what, text, size);
	return unit_file_read(&one->file, &conf, file, text, size, fault);
}

int units_load(struct units *units, int root, const char *folder, struct fault *fault)
{
	struct names names = {.count = 0};
	int fd;

	if (path_open(root, folder, strlen(folder), O_RDONLY | O_DIRECTORY, 0, &fd, fault) != 0 ||
		list_names(fd, &names, fault) != 0)
		return -1;
	for (uint32_t i = 0; i < names.count; i++) {
		struct supervised *one = units_add(units, names.list[i]);

		if (load_one(units, root, folder, one, fault) != 0)
			lose(units, one, fault);
		else if (one->file.is_enabled == 0)
			units->standings[i] = ORDER_LOST;
	}
	units_link(units);
	return 0;
}

/* --- The order -------------------------------------------------------------------------------- */

static int add_edge(
	struct units *units, uint32_t before, uint32_t after, bool required, struct fault *fault)
{
	if (units->edge_count == ORDER_EDGES_MAX)
		return fault_set(
			fault, "limit", "the units have more than %u relations", ORDER_EDGES_MAX);
	units->edges[units->edge_count++] = (struct order_edge){
		.before = before, .after = after, .required = required ? 1u : 0u};
	return 0;
}

/* Edges from one list of names; a name that no unit has is lost only where it is required. */
static int link_names(struct units *units, uint32_t i, const struct unit_names *names,
	bool comes_before, bool required, struct fault *fault)
{
	for (uint32_t k = 0; k < names->count; k++) {
		uint32_t other = units_find(units, names->list[k]);

		if (other == units->count && required)
			return fault_set(fault, "missing",
				"it requires '%.64s', and there is no such unit", names->list[k]);
		if (other == units->count) {
			LOG(LOG_WARNING, "a unit is ordered by one that is not there",
				log_string("unit", units->list[i].file.name),
				log_string("other", names->list[k]));
			continue;
		}
		if (add_edge(units, comes_before ? i : other, comes_before ? other : i, required,
			    fault) != 0)
			return -1;
	}
	return 0;
}

/* Says one circle that goes through `first`: each is named before the one it waits for. */
static void lose_ring(struct units *units, const uint8_t *ring, uint32_t first)
{
	struct fault fault = {0};
	char text[FAULT_TEXT_MAX - 100];
	uint8_t seen[UNITS_MAX] = {0};
	uint32_t at = first;
	size_t used = 0;

	while (seen[at] == 0 && used < sizeof text) {
		size_t k = 0;

		seen[at] = 1;
		used += (size_t)snprintf(
			text + used, sizeof text - used, "%s -> ", units->list[at].file.name);
		while (units->edges[k].after != at || ring[units->edges[k].before] == 0)
			k++;
		at = units->edges[k].before;
	}
	(void)fault_set(
		&fault, "cycle", "it waits for itself: %s%s", text, units->list[at].file.name);
	lose(units, &units->list[first], &fault);
}

void units_link(struct units *units)
{
	uint8_t ring[UNITS_MAX] = {0};

	for (uint32_t i = 0; i < units->count; i++) {
		struct unit_file *file = &units->list[i].file;
		struct fault fault = {0};

		if (units->standings[i] == ORDER_LOST)
			continue;
		if (link_names(units, i, &file->required, false, true, &fault) != 0 ||
			link_names(units, i, &file->after, false, false, &fault) != 0 ||
			link_names(units, i, &file->before, true, false, &fault) != 0)
			lose(units, &units->list[i], &fault);
	}
	if (order_find_rings(units->edges, units->edge_count, ring, units->count) == 0)
		return;
	for (uint32_t i = 0; i < units->count; i++)
		if (ring[i] != 0)
			lose_ring(units, ring, i);
}
