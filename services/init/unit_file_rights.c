/* unit_file_rights: what a unit's process may. */
#include <string.h>
#include <sys/resource.h>

#include "services/init/unit_file_keys.h"

static const char *const filters[] = {[UNIT_FILTER_NONE] = "none",
	[UNIT_FILTER_DEFAULT] = "default",
	[UNIT_FILTER_NO_NETWORK] = "no-network",
	[UNIT_FILTER_STRICT] = "strict",
	[UNIT_FILTER_STRICT + 1] = NULL};

/* In the order of their numbers. */
static const char *const capabilities[] = {"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH",
	"CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP",
	"CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN",
	"CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO",
	"CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT",
	"CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD",
	"CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE",
	"CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ",
	"CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE"};

static int add_capability(const struct unit_reading *reading, const char *name)
{
	for (size_t i = 0; i < sizeof capabilities / sizeof capabilities[0]; i++)
		if (strcmp(name, capabilities[i]) == 0) {
			reading->unit->rights.capabilities |= UINT64_C(1) << i;
			return 0;
		}
	return fault_set(reading->fault, "range",
		"'%.80s' is no capability: CAP_NET_BIND_SERVICE is one, for example", name);
}

/* An empty list is none at all. */
static int read_capabilities(const struct unit_reading *reading, const struct unit_key *key)
{
	struct conf_strings list = {0};

	if (conf_list(reading->conf, reading->root, key->name, &list, reading->fault) != 0)
		return -1;
	for (uint32_t i = 0; i < list.count; i++)
		if (add_capability(reading, conf_at(reading->conf, &list, i)) != 0)
			return unit_key_refuse(reading, key->name);
	if (conf_find(reading->conf, reading->root, key->name) != NULL)
		reading->unit->rights.is_capped = 1;
	return 0;
}

/* Who may gain rights by starting a program may not be filtered, says the kernel. */
static int need_bar(const struct unit_reading *reading, const struct unit_key *key)
{
	if (reading->unit->rights.bars != 0)
		return 0;
	(void)fault_set(reading->fault, "range",
		"it can't be kept where NoNewPrivileges is false: leave one of them out");
	return unit_key_refuse(reading, key->name);
}

static int read_filter(const struct unit_reading *reading, const struct unit_key *key)
{
	if (unit_key_word(reading, key) != 0)
		return -1;
	return reading->unit->rights.filter == UNIT_FILTER_NONE ? 0 : need_bar(reading, key);
}

static int read_paths(const struct unit_reading *reading, const struct unit_key *key)
{
	if (unit_key_paths(reading, key) != 0)
		return -1;
	if (conf_find(reading->conf, reading->root, key->name) == NULL)
		return 0;
	reading->unit->rights.is_landlocked = 1;
	return need_bar(reading, key);
}

/* A number, or "infinity". */
static int read_rlimit(const struct unit_reading *reading, const struct unit_key *key)
{
	const struct conf_entry *entry = conf_find(reading->conf, reading->root, key->name);
	struct unit_rights *rights = &reading->unit->rights;
	const char *word = "infinity";
	int64_t number = 0;

	if (entry == NULL)
		return 0;
	rights->rlimits_named |= UINT32_C(1) << key->low;
	if (entry->type != CONF_TYPE_STRING) {
		if (conf_integer(reading->conf, reading->root, key->name, 0, INT64_MAX, &number,
			    reading->fault) != 0)
			return -1;
		rights->rlimits[key->low] = (uint64_t)number;
		return 0;
	}
	if (conf_string(reading->conf, reading->root, key->name, &word, reading->fault) != 0)
		return -1;
	rights->rlimits[key->low] = UNIT_RLIMIT_UNLIMITED;
	if (strcmp(word, "infinity") == 0)
		return 0;
	(void)fault_set(reading->fault, "range", "it is a number or \"infinity\"");
	return unit_key_refuse(reading, key->name);
}

#define RLIMIT(key, resource)                                                                      \
	{                                                                                          \
		.name = (key), .read = read_rlimit, .low = (resource)                              \
	}

const struct unit_key unit_keys_rights[] = {
	UNIT_KEY_FLAG("NoNewPrivileges", rights.bars),
	{.name = "Capabilities", .read = read_capabilities},
	RLIMIT("LimitAS", RLIMIT_AS),
	RLIMIT("LimitCORE", RLIMIT_CORE),
	RLIMIT("LimitCPU", RLIMIT_CPU),
	RLIMIT("LimitDATA", RLIMIT_DATA),
	RLIMIT("LimitFSIZE", RLIMIT_FSIZE),
	RLIMIT("LimitMEMLOCK", RLIMIT_MEMLOCK),
	RLIMIT("LimitNOFILE", RLIMIT_NOFILE),
	RLIMIT("LimitNPROC", RLIMIT_NPROC),
	RLIMIT("LimitSTACK", RLIMIT_STACK),
	{.name = "SeccompProfile",
		.read = read_filter,
		.place = offsetof(struct unit_file, rights.filter),
		.words = filters},
	{.name = "LandlockRead",
		.read = read_paths,
		.place = offsetof(struct unit_file, rights.readable)},
	{.name = "LandlockWrite",
		.read = read_paths,
		.place = offsetof(struct unit_file, rights.writable)},
	{.name = NULL},
};
