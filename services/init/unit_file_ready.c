/* unit_file_ready: when a unit is ready, whether it is well, how it is stopped. */
#include <signal.h>
#include <string.h>

#include "runtime/net/address.h"
#include "services/init/unit_file_keys.h"

static const char *const types[] = {[UNIT_TYPE_SIMPLE] = "simple",
	[UNIT_TYPE_ONESHOT] = "oneshot",
	[UNIT_TYPE_NOTIFY] = "notify",
	[UNIT_TYPE_NOTIFY + 1] = NULL};

static const char *const failures[] = {[UNIT_FAILURE_NONE] = "none",
	[UNIT_FAILURE_REBOOT] = "reboot",
	[UNIT_FAILURE_POWEROFF] = "poweroff",
	[UNIT_FAILURE_POWEROFF + 1] = NULL};

/* Those that a program may take for a wish to end. */
static const struct {
	const char *name;
	uint32_t number;
} signals[] = {{"SIGTERM", SIGTERM}, {"SIGINT", SIGINT}, {"SIGQUIT", SIGQUIT}, {"SIGHUP", SIGHUP},
	{"SIGUSR1", SIGUSR1}, {"SIGUSR2", SIGUSR2}, {"SIGWINCH", SIGWINCH}, {"SIGABRT", SIGABRT},
	{"SIGKILL", SIGKILL}};

static int refuse(const struct unit_reading *reading, const char *name, const char *text)
{
	(void)fault_set(reading->fault, "range", "%s", text);
	return unit_key_refuse(reading, name);
}

static int read_signal(const struct unit_reading *reading, const struct unit_key *key)
{
	const char *word = NULL;

	if (conf_string(reading->conf, reading->root, key->name, &word, reading->fault) != 0)
		return -1;
	for (size_t i = 0; word != NULL && i < sizeof signals / sizeof signals[0]; i++)
		if (strcmp(word, signals[i].name) == 0) {
			reading->unit->life.stop_signal = signals[i].number;
			return 0;
		}
	if (word == NULL)
		return 0;
	return refuse(reading, key->name,
		"it is SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGWINCH, SIGABRT or "
		"SIGKILL");
}

/* A name would have to be looked up, which may take as long as it likes. */
static int read_socket(const struct unit_reading *reading, const struct unit_key *key)
{
	static struct address address; /* too large for a stack beside what else is there */

	if (unit_key_text(reading, key) != 0)
		return -1;
	if (reading->unit->life.ready_socket == NULL)
		return 0;
	if (address_parse(reading->unit->life.ready_socket, &address, reading->fault) != 0)
		return unit_key_refuse(reading, key->name);
	if (address_is_name(&address))
		return refuse(reading, key->name, "a host is given by its number here");
	return 0;
}

/* The type comes last, since it must agree with the others. */
static int read_type(const struct unit_reading *reading, const struct unit_key *key)
{
	struct unit_life *life = &reading->unit->life;
	uint32_t policy = reading->unit->restart.policy;
	unsigned ways = (life->ready_fd != 0 ? 1u : 0u) + (life->ready_socket != NULL ? 1u : 0u) +
			(life->ready.count > 0 ? 1u : 0u);

	if (unit_key_word(reading, key) != 0)
		return -1;
	if (ways + (life->type != UNIT_TYPE_SIMPLE ? 1u : 0u) > 1u)
		return refuse(reading,
			life->type != UNIT_TYPE_SIMPLE ? key->name
			: life->ready.count > 0        ? "ReadyExec"
						       : "ReadySocket",
			"a unit is ready in one way: oneshot, notify, ReadyFd, ReadySocket or "
			"ReadyExec");
	if (life->ready_fd != 0 && life->ready_fd < 3u + reading->unit->socket_count)
		return refuse(reading, "ReadyFd", "it is the descriptor of one of its Sockets");
	if (life->type != UNIT_TYPE_ONESHOT)
		return 0;
	if (policy == RESTART_ALWAYS || policy == RESTART_ON_SUCCESS)
		return refuse(reading, key->name,
			"a oneshot that is started again when it has ended well is never done: "
			"Restart");
	if (life->health.count > 0 || life->watchdog != 0)
		return refuse(reading, key->name, "a oneshot has neither HealthExec nor Watchdog");
	return 0;
}

const struct unit_key unit_keys_ready[] = {
	UNIT_KEY_NUMBER("StartTimeout", life.start_seconds, 1, 86400),
	UNIT_KEY_NUMBER("ReadyFd", life.ready_fd, 3, UNIT_READY_FD_MAX),
	{.name = "ReadySocket",
		.read = read_socket,
		.place = offsetof(struct unit_file, life.ready_socket)},
	UNIT_KEY_COMMAND("ReadyExec", life.ready),
	UNIT_KEY_COMMAND("ExecStop", life.stop),
	{.name = "StopSignal", .read = read_signal},
	UNIT_KEY_NUMBER("Watchdog", life.watchdog, 1, 86400),
	UNIT_KEY_COMMAND("HealthExec", life.health),
	UNIT_KEY_NUMBER("HealthInterval", life.health_interval, 1, 86400),
	UNIT_KEY_NUMBER("HealthRetries", life.health_retries, 1, 1000),
	UNIT_KEY_WORD("OnFailure", life.on_failure, failures),
	{.name = "Type",
		.read = read_type,
		.place = offsetof(struct unit_file, life.type),
		.words = types},
	{.name = NULL},
};
