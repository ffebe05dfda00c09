/* options: see options.h. */
#include "host/pipeline/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "host/pipeline/output.h"
#include "runtime/client/enclave.h"

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
	default:
		return unknown(verb, arguments, failure);
	}
}

const char *options_root(const struct options *options)
{
	const char *root = options->root != NULL ? options->root : getenv("CLOISTER_ROOT");

	return root != NULL && *root != '\0' ? root : NULL;
}

const char *options_key(const struct options *options)
{
	const char *key = options->key != NULL ? options->key : getenv("CLOISTER_KEY");

	return key != NULL && *key != '\0' ? key : NULL;
}

static int find_address(
	const struct options *options, struct address *address, struct failure *failure)
{
	const char *text = options->address != NULL ? options->address : getenv("CLOISTER_ADDR");

	if (options->address != NULL && options->enclave != NULL)
		return fault_set(&failure->fault, "usage",
			"where to? --addr and --enclave exclude each other");
	if (options->enclave != NULL) {
		if (enclave_address(options->enclave, address, failure) != 0)
			return -1;
		text = NULL;
	} else if (text == NULL || *text == '\0') {
		return fault_set(&failure->fault, "usage",
			"where to? give --addr ADDRESS or --enclave NAME, or set CLOISTER_ADDR");
	}
	if (text != NULL && address_parse(text, address, &failure->fault) != 0)
		return -1;
	return address_stand_in(address, getenv("CLOISTER_VSOCK_DIR"), &failure->fault);
}

static void alarm_person(const struct connection *connection, const char *text)
{
	(void)connection;
	output_alarm(text);
}

/* A policy says all that the environment might: only what is on the command line is in its way. */
int options_connect(
	const struct options *options, struct connection *connection, struct failure *failure)
{
	struct connection_settings settings = {
		.may_be_late = options->enclave != NULL,
		.patience = options->seconds * CLOCK_SECOND,
		.is_plain = options->is_insecure,
		.root = options->policy != NULL ? options->root : options_root(options),
		.policy = options->policy,
		.accepts_unsigned = options->accepts_unsigned,
		.accepts_debug = options->accepts_debug,
		.key = options_key(options),
		.alarm = alarm_person,
	};

	connection->fd = -1;
	if (find_address(options, &settings.address, failure) != 0)
		return -1;
	return connection_open(connection, &settings, failure);
}
