/* options: see options.h. */
#include "host/attest/options.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECONDS_MAX INT64_C(253402300799) /* the year 9999 ends */

/* Digits up to `end`, which the caller looks at. */
static int read_number(const char *text, int64_t most, int64_t *number, char **end)
{
	uintmax_t value;

	errno = 0;
	value = strtoumax(text, end, 10);
	*number = (int64_t)value;
	return *text >= '0' && *text <= '9' && errno == 0 && value <= (uintmax_t)most ? 0 : -1;
}

static int take_time(struct options *options, const char *value, struct fault *fault)
{
	struct tm parts = {0};
	const char *rest = strptime(value, "%Y-%m-%dT%H:%M:%SZ", &parts);
	int64_t seconds = 0;
	char *end = NULL;

	if (rest != NULL && *rest == '\0')
		seconds = (int64_t)timegm(&parts);
	else if (read_number(value, SECONDS_MAX, &seconds, &end) != 0 || *end != '\0')
		seconds = -1;
	if (seconds < 0 || seconds > SECONDS_MAX)
		return fault_set(fault, "usage",
			"--at wants a time such as 2024-09-07T14:37:39Z, or seconds since 1970, "
			"and not '%s'",
			value);
	options->wish.wish.at = seconds;
	options->has_time = true;
	return 0;
}

static int take_age(struct options *options, const char *value, struct fault *fault)
{
	static const struct {
		const char *unit;
		int64_t seconds;
	} units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
	const int64_t most = 1000000;
	int64_t number;
	char *end;

	if (read_number(value, most, &number, &end) == 0)
		for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
			if (strcmp(end, units[i].unit) == 0) {
				options->wish.wish.age = number * units[i].seconds;
				options->wish.wish.has_age = true;
				return 0;
			}
	return fault_set(fault, "usage",
		"--max-age wants seconds, or a number with s, m, h or d behind it, and not '%s'",
		value);
}

static int take_hex(
	uint8_t *bytes, size_t most, size_t *size, const char *digits, struct fault *fault)
{
	if (*digits != '\0' && OPENSSL_hexstr2buf_ex(bytes, most, size, digits, '\0') == 1)
		return 0;
	return fault_set(fault, "usage",
		"'%.80s' is not 1 to %zu bytes, each as two hexadecimal digits", digits, most);
}

static int take_nonce(struct options *options, const char *value, struct fault *fault)
{
	options->wish.wish.wants_nonce = true;
	return take_hex(options->wish.nonce, sizeof options->wish.nonce, &options->wish.nonce_size,
		value, fault);
}

static int take_pcr(struct options *options, const char *value, struct fault *fault)
{
	struct attestation_wish *wish = &options->wish;
	int64_t index;
	char *end;

	if (read_number(value, VERDICT_PCRS - 1, &index, &end) != 0 || *end != '=')
		return fault_set(fault, "usage",
			"--pcr wants a number from 0 to %u, '=' and a value, and not '%.80s'",
			VERDICT_PCRS - 1, value);
	if (wish->wish.wants_pcr[index])
		return fault_set(
			fault, "usage", "what register %" PRId64 " must hold is said twice", index);
	wish->wish.wants_pcr[index] = true;
	return take_hex(wish->pcrs[index], sizeof wish->pcrs[index], &wish->pcr_sizes[index],
		end + 1, fault);
}

/* A log without an event of register 17 wants no value there: judging the document looks whether
 * there is one all the same. */
static int take_event_log(struct options *options, const char *path, struct fault *fault)
{
	struct attestation_wish *wish = &options->wish;

	options->has_events = true;
	if (event_log_replay(path, &options->events, fault) != 0)
		return -1;
	for (unsigned i = 0; i < EVENT_LOG_REGISTERS; i++) {
		unsigned index = EVENT_LOG_BOOT + i;

		if (!options->events.has[i])
			continue;
		if (wish->wish.wants_pcr[index])
			return fault_set(fault, "usage",
				"what register %u must hold is said twice: by --pcr, by "
				"--event-log",
				index);
		wish->wish.wants_pcr[index] = true;
		wish->pcr_sizes[index] = EVENT_LOG_SIZE;
		memcpy(wish->pcrs[index], options->events.values[i], EVENT_LOG_SIZE);
	}
	return 0;
}

int options_take(struct options *options, int code, const char *value, struct fault *fault)
{
	switch (code) {
	case OPTION_DOCUMENT:
		options->document = value;
		return 0;
	case OPTION_ROOT:
		options->root = value;
		return 0;
	case OPTION_AT:
		return take_time(options, value, fault);
	case OPTION_MAX_AGE:
		return take_age(options, value, fault);
	case OPTION_NONCE:
		return take_nonce(options, value, fault);
	case OPTION_PCR:
		return take_pcr(options, value, fault);
	case OPTION_EVENT_LOG:
		return take_event_log(options, value, fault);
	case OPTION_POLICY:
		options->policy = value;
		return 0;
	case OPTION_JSON:
		options->json = true;
		return 0;
	default:
		return fault_set(fault, "usage", "an option is unknown, or lacks its value");
	}
}

int options_finish(struct options *options, struct fault *fault)
{
	if (options->document == NULL)
		return fault_set(fault, "usage", "--doc FILE is needed");
	if (!options->has_time)
		options->wish.wish.at = (int64_t)time(NULL);
	if (options->policy != NULL && (options->root != NULL || options->wish.wish.has_age))
		return fault_set(fault, "usage",
			"--policy says which root and age are wanted, and nothing else may");
	if (options->policy != NULL)
		return 0;
	return options->root == NULL
		       ? attestation_root_aws(&options->wish.root, fault)
		       : attestation_root_file(&options->wish.root, options->root, fault);
}
