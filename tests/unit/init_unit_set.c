/* init_unit_set: folders of unit files as sets, and what is another in another set. */
#include "services/init/unit_set.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct unit_set sets[2];
static struct choices choices;
static char folder[64];
static int root = -1;

static int set_up(void **unused)
{
	(void)unused;
	(void)snprintf(folder, sizeof folder, "/tmp/init-set-XXXXXX");
	assert_non_null(mkdtemp(folder));
	root = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(root >= 0);
	assert_int_equal(mkdirat(root, "units", 0755), 0);
	memset(&choices, 0, sizeof choices);
	unit_set_begin(&sets[0]);
	unit_set_begin(&sets[1]);
	return 0;
}

static int tear_down(void **unused)
{
	char command[128];

	(void)unused;
	close(root);
	(void)snprintf(command, sizeof command, "rm -r %s", folder);
	return system(command); /* NOLINT: its own folder */
}

static void put(const char *file, const char *text)
{
	char path[128];
	FILE *stream;

	(void)snprintf(path, sizeof path, "%s/units/%s", folder, file);
	stream = fopen(path, "we");
	assert_non_null(stream);
	assert_true(fputs(text, stream) >= 0);
	assert_int_equal(fclose(stream), 0);
}

static void removed(const char *file)
{
	char path[128];

	(void)snprintf(path, sizeof path, "%s/units/%s", folder, file);
	assert_int_equal(unlink(path), 0);
}

static struct unit_set *load(unsigned which)
{
	struct fault fault = {0};

	unit_set_begin(&sets[which]);
	assert_int_equal(unit_set_load(&sets[which], root, "units", &choices, &fault), 0);
	return &sets[which];
}

static enum unit_change change_of(const char *name)
{
	return unit_set_change(
		&sets[0], unit_set_find(&sets[0], name), &sets[1], unit_set_find(&sets[1], name));
}

static void units_are_in_order(void **unused)
{
	const struct unit_set *set;

	(void)unused;
	put("web.service", "ExecStart = 'x'\nRequires = ['db']\n");
	put("db.service", "ExecStart = 'x'\n");
	put("no.txt", "?");
	put("aside.service.disabled", "?");
	put(".hidden.service", "?");
	put("a b.service", "?");
	set = load(0);
	assert_int_equal(set->count, 2);
	assert_int_equal(set->left_out, 1);
	assert_string_equal(set->list[0].name, "db");
	assert_int_equal(set->edge_count, 1);
	assert_int_equal(set->edges[0].before, 0);
	assert_int_equal(set->edges[0].after, 1);
	assert_int_equal(unit_set_find(set, "nobody"), set->count);
}

static void what_differs(void **unused)
{
	(void)unused;
	put("same.service", "ExecStart = 'x'\n");
	put("other.service", "ExecStart = 'x'\n");
	put("gone.service", "ExecStart = 'x'\n");
	put("bad.service", "ExecStart = 'x'\nRequires = ['late']\n");
	(void)load(0);
	(void)load(1);
	assert_int_equal(unit_set_changes(&sets[0], &sets[1]), 0);
	put("other.service", "ExecStart = 'y'\n");
	put("late.service", "ExecStart = 'x'\n");
	removed("gone.service");
	(void)load(1);
	assert_int_equal(change_of("same"), UNIT_UNCHANGED);
	assert_int_equal(change_of("other"), UNIT_CHANGED);
	assert_int_equal(change_of("gone"), UNIT_REMOVED);
	assert_int_equal(change_of("late"), UNIT_ADDED);
	assert_int_equal(change_of("bad"), UNIT_CHANGED); /* by what others are */
	assert_int_equal(unit_set_changes(&sets[0], &sets[1]), 4);
}

static void choices_go_before_files(void **unused)
{
	struct fault fault = {0};
	static struct unit_file file;

	(void)unused;
	put("on.service", "ExecStart = 'x'\n");
	put("off.service", "ExecStart = 'x'\nServiceEnable = false\nRequires = ['on']\n");
	put("aside.service.disabled", "ExecStart = 'x'\n");
	(void)load(0);
	assert_int_equal(sets[0].count, 2);
	assert_int_equal(sets[0].edge_count, 0);
	assert_int_equal(choices_set(&choices, "on", CHOICE_DISABLED, &fault), 0);
	assert_int_equal(choices_set(&choices, "off", CHOICE_ENABLED, &fault), 0);
	assert_int_equal(choices_set(&choices, "aside", CHOICE_ENABLED, &fault), 0);
	(void)load(1);
	assert_int_equal(change_of("on"), UNIT_CHANGED);
	assert_int_equal(change_of("off"), UNIT_CHANGED);
	assert_int_equal(change_of("aside"), UNIT_ADDED);
	assert_int_equal(sets[1].edge_count, 1);
	assert_int_equal(unit_set_read(&sets[1], unit_set_find(&sets[1], "off"), &file, &fault), 0);
	assert_int_equal(file.is_enabled, 1);
	assert_int_equal(choices_set(&choices, "aside", CHOICE_DISABLED, &fault), 0);
	(void)load(1);
	assert_int_equal(change_of("aside"), UNIT_ADDED); /* it stays known */
	assert_int_equal(sets[1].list[0].is_enabled, 0);
	put("aside.service", "ExecStart = 'y'\n");
	(void)load(1);
	assert_int_equal(sets[1].count, 3); /* the other file of that name is not looked at */
	assert_int_equal(unit_set_read(&sets[1], 0, &file, &fault), 0);
	assert_string_equal(file.arguments[0], "y");
}

static void choices_are_as_many_as_units(void **unused)
{
	struct fault fault = {0};
	char name[16];

	(void)unused;
	for (unsigned i = 0; i < UNITS_MAX; i++) {
		(void)snprintf(name, sizeof name, "u%u", i);
		assert_int_equal(choices_set(&choices, name, CHOICE_ENABLED, &fault), 0);
	}
	assert_int_equal(choices_set(&choices, "u0", CHOICE_DISABLED, &fault), 0);
	assert_int_equal(choices_of(&choices, "u0"), CHOICE_DISABLED);
	assert_int_equal(choices_of(&choices, "nobody"), CHOICE_NONE);
	assert_int_equal(choices_set(&choices, "more", CHOICE_ENABLED, &fault), -1);
	assert_string_equal(fault.word, "limit");
}

static void faults_go_with_their_set(void **unused)
{
	(void)unused;
	put("bad.service", "Nonsense = 1\n");
	put("ring.service", "ExecStart = 'x'\nAfter = ['ring']\n");
	(void)load(0);
	assert_string_equal(sets[0].faults[0].word, "missing");
	assert_string_equal(sets[0].faults[1].word, "cycle");
	put("bad.service", "ExecStart = 'x'\n");
	put("ring.service", "ExecStart = 'x'\n");
	(void)load(0);
	assert_string_equal(sets[0].faults[0].word, "");
	assert_string_equal(sets[0].faults[1].word, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(units_are_in_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_differs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(choices_go_before_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(choices_are_as_many_as_units, set_up, tear_down),
		cmocka_unit_test_setup_teardown(faults_go_with_their_set, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
