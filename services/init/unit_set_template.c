/* unit_set_template: units that are instances of a template: WHAT@.service stands for each unit
 * WHAT@NAME that another one names, or an operator, and that has no file of its own. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "runtime/kernel/path.h"
#include "services/init/unit_set.h"

/* A set that is looked through, and where it is from. */
struct search {
	struct unit_set *set;
	int root;
};

static bool has_template(const struct search *search, const char *name, size_t size)
{
	char file[CONF_FILE_MAX];
	struct fault fault = {0};
	int fd;

	(void)snprintf(
		file, sizeof file, "%s/%.*s%s", search->set->folder, (int)size, name, UNIT_SUFFIX);
	if (path_open(search->root, file, strlen(file), O_RDONLY | O_NONBLOCK, 0, &fd, &fault) != 0)
		return false;
	(void)close(fd);
	return true;
}

static void look_at(void *user, const char *name)
{
	const struct search *search = user;
	size_t size = strcspn(name, "@") + 1u; /* of the template's */
	struct unit_entry *entry;

	if (size >= strlen(name) || unit_set_find(search->set, name) < search->set->count ||
		!has_template(search, name, size))
		return;
	entry = unit_set_add(search->set, name);
	if (entry != NULL)
		entry->is_instance = true;
}

/* What is added is looked through as well. Faults are told when the set is read. */
void unit_set_add_instances(struct unit_set *set, int root, const struct choices *choices)
{
	static struct unit_file file;
	struct search search = {.set = set, .root = root};

	for (uint32_t i = 0; i < choices->count; i++)
		look_at(&search, choices->list[i].name);
	for (uint32_t i = 0; i < set->count; i++) {
		struct fault fault = {0};

		if (unit_set_take(set, root, i, &fault) == 0 &&
			unit_set_parse(set, i, &file, &fault) == 0 &&
			choices_enable(choices, &file))
			unit_file_names(&file, look_at, &search);
		set->used = 0;
	}
}
