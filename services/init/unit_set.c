/* unit_set: the folder of unit files; see unit_set.h. */
#include "services/init/unit_set.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/kernel/log.h"
#include "runtime/kernel/path.h"

#define SET_ASIDE ".disabled" /* behind the suffix: the file is no unit until it is enabled */

void unit_set_begin(struct unit_set *set)
{
	for (uint32_t i = 0; i < set->count; i++)
		if (set->faults[i].word[0] != '\0')
			set->faults[i].word[0] = '\0';
	set->count = set->left_out = set->used = 0;
	set->has_templates = false;
	set->edge_count = 0;
}

uint32_t unit_set_find(const struct unit_set *set, const char *name)
{
	uint32_t i = 0;

	while (i < set->count && strcmp(set->list[i].name, name) != 0)
		i++;
	return i;
}

uint32_t unit_set_say(const struct unit_set *set, uint32_t i)
{
	const struct fault *fault = &set->faults[i];

	if (fault->word[0] == '\0')
		return 0;
	LOG(LOG_ERROR, "a unit can't be used", log_string("unit", set->list[i].name),
		log_string("reason", fault->word), log_string("fault", fault->text));
	return 1;
}

/* --- Names ------------------------------------------------------------------------------------ */

/* Takes `end` away from the end of a name; false where it does not end so. */
static bool cut(const char *file, size_t *size, const char *end)
{
	size_t suffix = strlen(end);

	if (*size <= suffix || memcmp(file + *size - suffix, end, suffix) != 0)
		return false;
	*size -= suffix;
	return true;
}

/* The unit that a file stands for; false for files that are no units. */
static bool unit_of(struct unit_set *set, const char *file, const struct choices *choices,
	struct unit_entry *entry)
{
	size_t size = strlen(file);

	entry->is_set_aside = cut(file, &size, SET_ASIDE);
	if (!cut(file, &size, UNIT_SUFFIX) || file[0] == '.')
		return false;
	if (size < UNIT_NAME_MAX) {
		memcpy(entry->name, file, size);
		entry->name[size] = '\0';
		if (unit_name_ok(entry->name))
			return !entry->is_set_aside ||
			       choices_of(choices, entry->name) != CHOICE_NONE;
	}
	if (entry->is_set_aside)
		return false;
	set->left_out++;
	LOG(LOG_ERROR, "a unit file has a name that no unit may have", log_string("file", file));
	return false;
}

/* Of one name the file that is not set aside comes first. */
static int compare(const void *left, const void *right)
{
	const struct unit_entry *one = left, *other = right;
	int order = strcmp(one->name, other->name);

	return order != 0 ? order : one->is_set_aside - other->is_set_aside;
}

struct unit_entry *unit_set_add(struct unit_set *set, const char *name)
{
	struct unit_entry *entry = &set->list[set->count];

	if (set->count == UNITS_MAX) {
		set->left_out++;
		LOG(LOG_ERROR, "there are too many units: this one is left out",
			log_string("unit", name), log_number("limit", UNITS_MAX));
		return NULL;
	}
	memset(entry, 0, sizeof *entry);
	memcpy(entry->name, name, strlen(name) + 1u);
	set->count++;
	return entry;
}

static void sort(struct unit_set *set)
{
	uint32_t kept = 0;

	qsort(set->list, set->count, sizeof set->list[0], compare);
	for (uint32_t i = 0; i < set->count; i++)
		if (kept == 0 || strcmp(set->list[i].name, set->list[kept - 1u].name) != 0)
			set->list[kept++] = set->list[i];
	set->count = kept;
}

static void take_name(struct unit_set *set, const char *name, bool is_set_aside)
{
	struct unit_entry *entry;

	if (name[strlen(name) - 1u] == '@') {
		set->has_templates |= !is_set_aside;
		return;
	}
	entry = unit_set_add(set, name);
	if (entry != NULL)
		entry->is_set_aside = is_set_aside;
}

static int list_names(
	struct unit_set *set, int folder, const struct choices *choices, struct fault *fault)
{
	DIR *entries = fdopendir(folder);
	const struct dirent *file;

	if (entries == NULL) {
		(void)close(folder);
		return fault_io(fault, errno, "cannot read the folder of units");
	}
	while ((file = readdir(entries)) != NULL) {
		struct unit_entry entry = {.size = 0};

		if (!unit_of(set, file->d_name, choices, &entry))
			continue;
		take_name(set, entry.name, entry.is_set_aside);
	}
	(void)closedir(entries);
	return 0;
}

/* --- Files ------------------------------------------------------------------------------------ */

static void file_of(const struct unit_set *set, uint32_t i, char file[CONF_FILE_MAX])
{
	const char *name = set->list[i].name;
	size_t size = set->list[i].is_instance ? strcspn(name, "@") + 1u : strlen(name);

	(void)snprintf(file, CONF_FILE_MAX, "%s/%.*s" UNIT_SUFFIX "%s", set->folder, (int)size,
		name, set->list[i].is_set_aside ? SET_ASIDE : "");
}

/* All that the file holds, behind what the set has. */
static int read_text(struct unit_set *set, struct unit_entry *entry, int fd, struct fault *fault)
{
	struct stat status;
	ssize_t got = 1;

	entry->begin = set->used;
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
		return fault_set(fault, "io", "it is no file");
	while (got > 0 && set->used < sizeof set->text) {
		got = read(fd, set->text + set->used, sizeof set->text - set->used);
		if (got < 0)
			return fault_io(fault, errno, "it can't be read");
		set->used += (uint32_t)got;
	}
	if (set->used == sizeof set->text)
		return fault_set(fault, "limit",
			"it, and the units before it, have more than %u bytes", UNIT_SET_TEXT_MAX);
	entry->size = set->used - entry->begin;
	return 0;
}

int unit_set_take(struct unit_set *set, int root, uint32_t i, struct fault *fault)
{
	struct unit_entry *entry = &set->list[i];
	char file[CONF_FILE_MAX], what[UNIT_NAME_MAX + 32u];
	int fd, failed;

	entry->begin = set->used;
	entry->size = 0;
	file_of(set, i, file);
	if (path_open(root, file, strlen(file), O_RDONLY | O_NONBLOCK, 0, &fd, fault) != 0)
		return -1;
	failed = read_text(set, entry, fd, fault);
	(void)close(fd);
	if (failed != 0)
		set->used = entry->begin;
	(void)snprintf(what, sizeof what, UNIT_WHAT, entry->name);
	digest_text(entry->digest, what, set->text + entry->begin, entry->size);
	return failed;
}

int unit_set_parse(
	const struct unit_set *set, uint32_t i, struct unit_file *file, struct fault *fault)
{
	static struct conf conf; /* too large for a stack; PID 1 has one thread */
	const struct unit_entry *entry = &set->list[i];
	char name[CONF_FILE_MAX];

	file_of(set, i, name);
	unit_file_begin(file, entry->name);
	return unit_file_read(file, &conf, name, set->text + entry->begin, entry->size, fault);
}

int unit_set_read(
	const struct unit_set *set, uint32_t i, struct unit_file *file, struct fault *fault)
{
	if (unit_set_parse(set, i, file, fault) != 0)
		return -1;
	file->is_enabled = set->list[i].is_enabled;
	return 0;
}

/* Takes one file in, with who comes before whom by what it says. */
static int take(struct unit_set *set, int root, uint32_t i, const struct choices *choices,
	struct fault *fault)
{
	static struct unit_file file;
	struct unit_entry *entry = &set->list[i];

	if (unit_set_take(set, root, i, fault) != 0 || unit_set_parse(set, i, &file, fault) != 0)
		return -1;
	entry->is_enabled = choices_enable(choices, &file);
	return entry->is_enabled ? unit_set_link(set, i, &file, fault) : 0;
}

int unit_set_load(struct unit_set *set, int root, const char *folder, const struct choices *choices,
	struct fault *fault)
{
	int fd;

	(void)snprintf(set->folder, sizeof set->folder, "%s", folder);
	if (path_open(root, folder, strlen(folder), O_RDONLY | O_DIRECTORY, 0, &fd, fault) != 0 ||
		list_names(set, fd, choices, fault) != 0)
		return -1;
	if (set->has_templates)
		unit_set_add_instances(set, root, choices);
	sort(set);
	for (uint32_t i = 0; i < set->count; i++)
		(void)take(set, root, i, choices, &set->faults[i]);
	unit_set_find_rings(set);
	return 0;
}
