/* options: see options.h. */
#include "host/pipeline/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "host/pipeline/output.h"
#include "host/pipeline/profile.h"
#include "host/pipeline/where.h"

int options_number(const char *name, const char *text, uint32_t most, uint32_t *number,
	struct failure *failure)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end != '\0' || errno != 0 || value < 1 ||
		value > most)
		return fault_set(&failure->fault, "usage", "%s wants a number from 1 to %u, not %s",
			name, most, text);
	*number = (uint32_t)value;
	return 0;
}

static int unknown(const char *verb, char **arguments, struct failure *failure)
{
	char letter[] = {'-', (char)optopt, '\0'};
	bool is_letter = 0 < optopt && optopt < 256;

	return fault_set(&failure->fault, "usage",
		"%s: unknown option, or its value is missing: %s", verb,
		is_letter ? letter : arguments[optind - 1]);
}

int options_take(struct options *options, int code, const char *verb, char **arguments,
	struct failure *failure)
{
	switch (code) {
	case OPTION_ADDRESS:
		options->address = optarg;
		return 0;
	case OPTION_TIMEOUT:
		return options_number(
			"--timeout", optarg, OPTIONS_SECONDS_MAX, &options->seconds, failure);
	case OPTION_JSON:
		options->json = true;
		return 0;
	case OPTION_QUIET:
		options->quiet = true;
		return 0;
	case OPTION_ROOT:
		options->root = optarg;
		return 0;
	case OPTION_POLICY:
		options->policy = optarg;
		return 0;
	case OPTION_KEY:
		options->key = optarg;
		return 0;
	case OPTION_UNSIGNED:
		options->accepts_unsigned = true;
		return 0;
	case OPTION_DEBUG:
		options->accepts_debug = true;
		return 0;
	case OPTION_INSECURE:
		options->is_insecure = true;
		return 0;
	case OPTION_ENCLAVE:
		options->enclave = optarg;
		return 0;
	case OPTION_ENCLAVE_ID:
		options->enclave_id = optarg;
		return 0;
	case OPTION_CID:
		options->has_cid = true;
		return options_number("--cid", optarg, UINT32_MAX - 1, &options->cid, failure);
	case OPTION_PORT:
		return options_number("--port", optarg, UINT32_MAX - 1, &options->port, failure);
	case OPTION_CONFIG:
		options->config = optarg;
		return 0;
	default:
		return unknown(verb, arguments, failure);
	}
}

static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && *value != '\0' ? value : NULL;
}

static void complete_belief(struct options *options, struct profile *profile)
{
	if (options->policy != NULL)
		options->policy = profile_policy(profile, options->policy);
	else
		options->policy = profile->policy;
	if (options->policy != NULL)
		return;
	if (options->root == NULL)
		options->root = variable("CLOISTER_ROOT");
	if (options->root == NULL)
		options->root = profile->root;
	options->accepts_unsigned = options->accepts_unsigned || profile->accepts_unsigned;
	options->accepts_debug = options->accepts_debug || profile->accepts_debug;
}

int options_complete(struct options *options, struct profile *profile, struct failure *failure)
{
	if (profile_open(profile, options, options->enclave, !where_is_given(options), failure) !=
		0)
		return -1;
	complete_belief(options, profile);
	if (options->key == NULL)
		options->key = variable("CLOISTER_KEY");
	if (options->key == NULL)
		options->key = profile->key;
	if (options->seconds == 0)
		options->seconds = profile->seconds;
	return 0;
}

static void alarm_person(const struct connection *connection, const char *text)
{
	(void)connection;
	output_alarm(text);
}

static int connect_all(const struct options *options, const struct profile *profile,
	struct connection *connection, struct failure *failure)
{
	struct connection_settings settings = {
		.may_be_late = options->enclave_id != NULL || profile->enclave != NULL,
		.patience = options->seconds * CLOCK_SECOND,
		.is_plain = options->is_insecure,
		.root = options->root,
		.policy = options->policy,
		.accepts_unsigned = options->accepts_unsigned,
		.accepts_debug = options->accepts_debug,
		.key = options->key,
		.alarm = connection->beside == NULL ? alarm_person : NULL, /* was told it */
	};

	if (where_address(options, profile, &settings.address, failure) != 0)
		return -1;
	return connection_open(connection, &settings, failure);
}

int options_connect(
	const struct options *options, struct connection *connection, struct failure *failure)
{
	struct options all = *options;
	struct profile profile;
	int status;

	connection->fd = -1;
	status = options_complete(&all, &profile, failure);
	if (status == 0)
		status = connect_all(&all, &profile, connection, failure);
	profile_close(&profile);
	return status;
}
