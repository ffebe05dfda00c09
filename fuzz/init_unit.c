/* init_unit: any text as a unit file. What is accepted keeps the limits that unit_file.h states:
 * all words lie in the unit's own text and end there, names are names, numbers are in range. Twice
 * gives the same. Words that are quoted and parted again are the same words. */
#include "services/init/unit_file.h"

#include "gen/unit_words.h"
#include "runtime/net/address.h"

#include "fuzz/machine.h"

static struct conf conf; /* too large for a stack */
static struct unit_file first, second;

static void check_word(const struct unit_file *unit, const char *word)
{
	FUZZ_REQUIRE(word >= unit->text && word < unit->text + unit->used);
	FUZZ_REQUIRE(memchr(word, 0, (size_t)(unit->text + unit->used - word)) != NULL);
}

static void check_names(const struct unit_file *unit, const struct unit_names *names)
{
	FUZZ_REQUIRE(names->count <= UNIT_NAMES_MAX);
	for (uint32_t i = 0; i < names->count; i++) {
		check_word(unit, names->list[i]);
		FUZZ_REQUIRE(unit_name_ok(names->list[i]));
	}
}

static void check_paths(const struct unit_file *unit, const struct unit_paths *paths)
{
	FUZZ_REQUIRE(paths->count <= UNIT_PATHS_MAX);
	for (uint32_t i = 0; i < paths->count; i++) {
		const char *path = paths->list[i];

		check_word(unit, path);
		FUZZ_REQUIRE(path[path[0] == '-'] == '/');
	}
}

static void check_rights(const struct unit_file *unit, const struct unit_rights *rights)
{
	bool confines = rights->filter != UNIT_FILTER_NONE || rights->is_landlocked != 0;

	FUZZ_REQUIRE(rights->bars >= -1 && rights->bars <= 1);
	FUZZ_REQUIRE(rights->bars != 0 || !confines);
	FUZZ_REQUIRE(rights->capabilities >> 41u == 0);
	FUZZ_REQUIRE(rights->is_capped != 0 || rights->capabilities == 0);
	FUZZ_REQUIRE(rights->rlimits_named >> UNIT_RLIMITS == 0);
	FUZZ_REQUIRE(rights->filter <= UNIT_FILTER_STRICT);
	check_paths(unit, &rights->readable);
	check_paths(unit, &rights->writable);
}

static void check_sockets(const struct unit_file *unit)
{
	struct fault fault = {0};

	FUZZ_REQUIRE(unit->socket_count <= UNIT_SOCKETS_MAX);
	for (uint32_t i = 0; i < unit->socket_count; i++) {
		static struct address address;

		check_word(unit, unit->sockets[i]);
		FUZZ_REQUIRE(address_parse(unit->sockets[i], &address, &fault) == 0);
		FUZZ_REQUIRE(!address_is_name(&address));
	}
}

static void check_command(const struct unit_file *unit, const struct unit_command *command)
{
	FUZZ_REQUIRE(command->count <= UNIT_COMMAND_MAX);
	FUZZ_REQUIRE(command->words[command->count] == NULL);
	for (uint32_t i = 0; i < command->count; i++)
		check_word(unit, command->words[i]);
}

static void check_life(const struct unit_file *unit, const struct unit_life *life)
{
	FUZZ_REQUIRE(life->type <= UNIT_TYPE_NOTIFY && life->on_failure <= UNIT_FAILURE_POWEROFF);
	FUZZ_REQUIRE(unit_file_start_seconds(unit) >= 1);
	FUZZ_REQUIRE(life->ready_fd == 0 ||
		     (life->ready_fd >= 3 && life->ready_fd <= UNIT_READY_FD_MAX));
	FUZZ_REQUIRE((life->type != UNIT_TYPE_SIMPLE) + (life->ready_fd != 0) +
			     (life->ready_socket != NULL) + (life->ready.count > 0) <=
		     1);
	if (life->ready_socket != NULL)
		check_word(unit, life->ready_socket);
	check_command(unit, &life->ready);
	check_command(unit, &life->stop);
	check_command(unit, &life->health);
	FUZZ_REQUIRE(life->stop_signal >= 1 && life->stop_signal < 64);
	FUZZ_REQUIRE(life->health_interval >= 1 && life->health_retries >= 1);
}

static void check_unit(const struct unit_file *unit)
{
	FUZZ_REQUIRE(unit->used <= UNIT_TEXT_MAX);
	FUZZ_REQUIRE(unit->argument_count >= 1 && unit->argument_count <= UNIT_WORDS_MAX);
	FUZZ_REQUIRE(unit->arguments[unit->argument_count] == NULL);
	FUZZ_REQUIRE(unit->arguments[0][0] != '\0');
	for (uint32_t i = 0; i < unit->argument_count; i++)
		check_word(unit, unit->arguments[i]);
	FUZZ_REQUIRE(unit->variable_count <= UNIT_WORDS_MAX);
	FUZZ_REQUIRE(unit->environment[unit->variable_count] == NULL);
	for (uint32_t i = 0; i < unit->variable_count; i++) {
		const char *equals = strchr(unit->environment[i], '=');

		check_word(unit, unit->environment[i]);
		FUZZ_REQUIRE(equals != NULL && equals != unit->environment[i]);
	}
	if (unit->directory != NULL)
		check_word(unit, unit->directory);
	if (unit->user != NULL)
		check_word(unit, unit->user);
	if (unit->group != NULL)
		check_word(unit, unit->group);
	check_paths(unit, &unit->environment_files);
	check_rights(unit, &unit->rights);
	check_sockets(unit);
	check_names(unit, &unit->after);
	check_names(unit, &unit->before);
	check_names(unit, &unit->required);
	check_names(unit, &unit->wanted);
	check_names(unit, &unit->milestones);
	check_names(unit, &unit->bound);
	check_life(unit, &unit->life);
	check_names(unit, &unit->required_by);
	FUZZ_REQUIRE(unit->restart.policy <= RESTART_ON_SUCCESS);
	FUZZ_REQUIRE(
		unit->restart.base >= RESTART_DELAY_MIN && unit->restart.base <= RESTART_BASE_MAX);
	FUZZ_REQUIRE(unit->restart.limit <= RESTART_LIMIT_MAX && unit->restart.window >= 1000 &&
		     unit->restart.window <= RESTART_BASE_MAX);
	FUZZ_REQUIRE(unit->stop_seconds >= 1 && unit->stop_seconds <= 600);
	FUZZ_REQUIRE(
		unit->memory_max == 0 || (unit->memory_max >= UNIT_MEMORY_MIN &&
						 unit->memory_max <= (uint64_t)UNIT_MEMORY_MAX));
	FUZZ_REQUIRE(unit->tasks_max <= UNIT_TASKS_MAX && unit->cpu_max <= UNIT_CPU_MAX);
	FUZZ_REQUIRE(unit->is_enabled == 0 || unit->is_enabled == 1);
}

/* A word in single quotes, its own ones behind a backslash, gives its bytes and an end. */
static void check_quoted(const char *word)
{
	struct unit_words m;
	const char *at = word;

	unit_words_init(&m);
	unit_words_step(&m, '\'');
	for (; *at != '\0'; at++) {
		if (*at == '\'') {
			unit_words_step(&m, '\'');
			unit_words_step(&m, '\\');
		}
		unit_words_step(&m, (uint8_t)*at);
		FUZZ_REQUIRE(m.gives == UNIT_WORDS_BYTE);
		if (*at == '\'')
			unit_words_step(&m, '\'');
	}
	unit_words_step(&m, '\'');
	unit_words_step(&m, 0);
	FUZZ_REQUIRE(m.cs == UNIT_WORDS_IN_DONE && m.gives == UNIT_WORDS_END);
}

static int load(struct unit_file *unit, const uint8_t *data, size_t size, struct fault *fault)
{
	unit_file_begin(unit, size % 4 == 0 ? "one@two" : "one"); /* an instance as well */
	return unit_file_read(unit, &conf, "one.service", data, size, fault);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fault fault = {0}, again = {0};
	int failed;

	(void)fuzz_seed(&data, &size);
	failed = load(&first, data, size, &fault);

	FUZZ_REQUIRE(load(&second, data, size, &again) == failed);
	FUZZ_REQUIRE(first.used == second.used);
	FUZZ_REQUIRE(memcmp(first.text, second.text, first.used) == 0);
	FUZZ_REQUIRE(strcmp(fault.text, again.text) == 0);
	if (failed != 0) {
		FUZZ_REQUIRE(fault.word[0] != '\0');
		return 0;
	}
	check_unit(&first);
	for (uint32_t i = 0; i < first.argument_count; i++)
		check_quoted(first.arguments[i]);
	return 0;
}
