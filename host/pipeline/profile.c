/* profile: see profile.h. Every table of the file is read, also of enclaves that are not meant:
 * what is wrong in it is told at once, and not on the day when it is needed. */
#include "host/pipeline/profile.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/channel/copy_share.h"
#include "runtime/kernel/conf.h"

#define NAME "cloister/pipeline.conf"

/* --- Where it is ------------------------------------------------------------------------------ */

/* False: there is no such folder. */
static bool find_file(char path[PATH_MAX])
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	int size = -1;

	if (config != NULL && *config == '/')
		size = snprintf(path, PATH_MAX, "%s/" NAME, config);
	else if (home != NULL && *home == '/')
		size = snprintf(path, PATH_MAX, "%s/.config/" NAME, home);
	return 0 < size && size < PATH_MAX;
}

/* Who may write to it decides which enclaves are believed. */
static int check(const char *path, struct fault *fault)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return 0; /* reading it tells */
	if ((status.st_uid == geteuid() || status.st_uid == 0) && (status.st_mode & 022) == 0)
		return 0;
	if (!S_ISREG(status.st_mode) && status.st_uid == 0)
		return 0; /* as /dev/null */
	return fault_set(fault, "permission",
		"%s can be written by others, who could say which enclaves are believed: it has to "
		"be yours or root's, and chmod go-w",
		path);
}

static int load(struct profile *profile, const char *path, struct fault *fault)
{
	const char *slash = strrchr(path, '/');

	(void)snprintf(profile->folder, sizeof profile->folder, "%.*s",
		slash != NULL ? (int)(slash + 1 - path) : 0, path);
	profile->conf = calloc(1, sizeof *profile->conf);
	if (profile->conf == NULL)
		return fault_set(fault, "memory", "there is no memory for %s", path);
	if (check(path, fault) != 0)
		return -1;
	return conf_parse_file(profile->conf, path, fault);
}

/* --- What it says ----------------------------------------------------------------------------- */

struct values {
	const char *address, *key, *policy, *root;
	int64_t seconds, streams;
	int accepts_unsigned, accepts_debug;
};

static int read_common(struct conf *conf, const struct conf_entry *table, struct values *values,
	struct fault *fault)
{
	if (conf_string(conf, table, "key", &values->key, fault) != 0 ||
		conf_string(conf, table, "policy", &values->policy, fault) != 0 ||
		conf_string(conf, table, "root", &values->root, fault) != 0 ||
		conf_integer(conf, table, "timeout", 1, OPTIONS_SECONDS_MAX, &values->seconds,
			fault) != 0 ||
		conf_integer(
			conf, table, "streams", 1, COPY_STREAMS_MAX, &values->streams, fault) != 0)
		return -1;
	if (values->policy != NULL && values->root != NULL)
		return conf_refuse(conf, conf_find(conf, table, "root"), fault, "range",
			"a policy says what documents are signed under: leave one of them out");
	return 0;
}

static int read_enclave(struct conf *conf, const struct conf_entry *table, struct values *values,
	struct fault *fault)
{
	struct address address;
	struct fault inner;

	*values = (struct values){0};
	if (read_common(conf, table, values, fault) != 0 ||
		conf_string(conf, table, "address", &values->address, fault) != 0 ||
		conf_boolean(conf, table, "accept_unsigned", &values->accepts_unsigned, fault) !=
			0 ||
		conf_boolean(conf, table, "accept_debug", &values->accepts_debug, fault) != 0)
		return -1;
	if (values->address != NULL && address_parse(values->address, &address, &inner) != 0)
		return conf_refuse(conf, conf_find(conf, table, "address"), fault, "range",
			"%.300s", inner.text);
	if (values->policy != NULL && (values->accepts_unsigned || values->accepts_debug))
		return conf_refuse(conf, table, fault, "range",
			"with a policy nothing else is accepted: leave accept_* out");
	return 0;
}

/* A path that does not begin with a slash is beside the file. */
static const char *beside(struct profile *profile, const char *path)
{
	char *text;

	if (path == NULL || profile->count == sizeof profile->texts / sizeof profile->texts[0])
		return path;
	if (asprintf(&text, "%s%s", *path == '/' ? "" : profile->folder, path) < 0)
		return path;
	profile->texts[profile->count++] = text;
	return text;
}

/* Keys of tokens and TPMs have no path. */
static bool is_file(const char *key)
{
	return key != NULL && strncmp(key, "pkcs11:", 7) != 0 && strncmp(key, "tpm:", 4) != 0;
}

static void keep(struct profile *profile, const struct values *own, const struct values *all)
{
	const char *key = own->key != NULL ? own->key : all->key;
	bool has_belief = own->policy != NULL || own->root != NULL || own->accepts_unsigned ||
			  own->accepts_debug;
	const struct values *belief = has_belief ? own : all;
	int64_t seconds = own->seconds != 0 ? own->seconds : all->seconds;

	profile->address = own->address;
	profile->seconds = (uint32_t)seconds;
	profile->streams = (uint32_t)(own->streams != 0 ? own->streams : all->streams);
	profile->key =
		is_file(key) ? beside(profile, strncmp(key, "file:", 5) == 0 ? key + 5 : key) : key;
	profile->policy = belief->policy != NULL ? profile_policy(profile, belief->policy) : NULL;
	if (belief->policy != NULL && profile->policy == belief->policy)
		profile->policy = beside(profile, belief->policy);
	profile->root = beside(profile, belief->root);
	profile->accepts_unsigned = own->accepts_unsigned != 0;
	profile->accepts_debug = own->accepts_debug != 0;
}

static int read_policies(struct conf *conf, struct fault *fault)
{
	struct conf_entry *table;
	const char *file;

	if (conf_table(conf, conf_root(conf), "policies", &table, fault) != 0)
		return -1;
	for (const struct conf_entry *each = conf_first(conf, table); each != NULL;
		each = conf_next(conf, each))
		if (conf_string(conf, table, conf_name(conf, each), &file, fault) != 0)
			return -1;
	return 0;
}

static int read_all(struct profile *profile, const char *name, bool may_choose, struct fault *fault)
{
	struct conf *conf = profile->conf;
	const struct conf_entry *root = conf_root(conf);
	struct values all = {0}, own = {0}, one;
	const char *choice = NULL;
	struct conf_entry *table, *entry;

	if (read_common(conf, root, &all, fault) != 0 ||
		conf_string(conf, root, "enclave", &choice, fault) != 0 ||
		read_policies(conf, fault) != 0 ||
		conf_table(conf, root, "enclaves", &table, fault) != 0)
		return -1;
	profile->enclave = name != NULL ? name : may_choose ? choice : NULL;
	for (const struct conf_entry *each = conf_first(conf, table); each != NULL;
		each = conf_next(conf, each)) {
		if (conf_table(conf, table, conf_name(conf, each), &entry, fault) != 0 ||
			read_enclave(conf, entry, &one, fault) != 0)
			return -1;
		if (profile->enclave != NULL &&
			strcmp(conf_name(conf, each), profile->enclave) == 0)
			own = one;
	}
	if (conf_unknown(conf, fault) != 0)
		return -1;
	keep(profile, &own, &all);
	return 0;
}

/* --- All of it -------------------------------------------------------------------------------- */

int profile_open(struct profile *profile, const struct options *options, const char *name,
	bool may_choose, struct failure *failure)
{
	char path[PATH_MAX];
	const char *file = options->config;

	*profile = (struct profile){.enclave = name};
	if (file == NULL) {
		if (!find_file(path) || (access(path, F_OK) != 0 && errno == ENOENT))
			return 0;
		file = path;
	}
	if (load(profile, file, &failure->fault) == 0 &&
		read_all(profile, name, may_choose, &failure->fault) == 0)
		return 0;
	if (strcmp(failure->fault.word, "not_found") != 0 &&
		strcmp(failure->fault.word, "input") != 0 &&
		strcmp(failure->fault.word, "permission") != 0) {
		failure->exec_code = 125;
		failure->other_code = 65;
	}
	return -1;
}

void profile_close(struct profile *profile)
{
	for (unsigned i = 0; i < profile->count; i++)
		free(profile->texts[i]);
	free(profile->conf);
	profile->count = 0;
	profile->conf = NULL;
}

const char *profile_policy(struct profile *profile, const char *name)
{
	struct conf_entry *table;
	const char *file = NULL;
	struct fault unused;

	if (profile->conf == NULL || strchr(name, '/') != NULL ||
		conf_table(profile->conf, conf_root(profile->conf), "policies", &table, &unused) !=
			0 ||
		conf_string(profile->conf, table, name, &file, &unused) != 0 || file == NULL)
		return name;
	return beside(profile, file);
}
