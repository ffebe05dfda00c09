/* cloister_options: the options of libcloister, by their names, and how it says what went wrong.
 * See runtime/channel/cloister.h. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/client/cloister_inside.h"
#include "runtime/client/enclave.h"

#define SECONDS_MAX 86400u

enum kind { TEXT, ADDRESS, SECONDS, TRUTH };

static const struct row {
	const char *name;
	enum kind kind;
} rows[CLOISTER_OPTIONS] = {
	[CLOISTER_ADDRESS] = {"address", ADDRESS},
	[CLOISTER_ENCLAVE] = {"enclave", TEXT},
	[CLOISTER_TIMEOUT] = {"timeout", SECONDS},
	[CLOISTER_POLICY] = {"policy", TEXT},
	[CLOISTER_ROOT] = {"root", TEXT},
	[CLOISTER_KEY] = {"key", TEXT},
	[CLOISTER_UNSIGNED] = {"accept_unsigned", TRUTH},
	[CLOISTER_DEBUG] = {"accept_debug", TRUTH},
	[CLOISTER_VSOCK_DIR] = {"vsock_dir", TEXT},
	[CLOISTER_INSECURE] = {"insecure_dev", TRUTH},
};

const char *cloister_version(void)
{
	return CLOISTER_VERSION;
}

int client_fail(struct cloister_error *error, const struct fault *fault)
{
	if (error != NULL) {
		(void)snprintf(error->word, sizeof error->word, "%s", fault->word);
		(void)snprintf(error->text, sizeof error->text, "%s", fault->text);
	}
	return -1;
}

struct cloister_options *cloister_options_new(void)
{
	return calloc(1, sizeof(struct cloister_options));
}

void cloister_options_free(struct cloister_options *options)
{
	for (size_t i = 0; options != NULL && i < CLOISTER_OPTIONS; i++)
		free(options->texts[i]);
	free(options);
}

/* --- One option ------------------------------------------------------------------------------- */

static uint32_t seconds_of(const char *text)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end != '\0' || errno != 0 || value > SECONDS_MAX)
		return 0;
	return (uint32_t)value;
}

static int check(const struct row *row, const char *value, struct fault *fault)
{
	struct address address;

	if (row->kind == ADDRESS)
		return address_parse(value, &address, fault);
	if (row->kind == SECONDS && seconds_of(value) == 0)
		return fault_set(fault, "usage", "%s wants seconds from 1 to %u, not %.100s",
			row->name, SECONDS_MAX, value);
	if (row->kind == TRUTH && strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
		return fault_set(
			fault, "usage", "%s is true or false, not %.100s", row->name, value);
	return 0;
}

static const struct row *row_of(const char *name)
{
	for (size_t i = 0; i < CLOISTER_OPTIONS; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

int cloister_set(struct cloister_options *options, const char *name, const char *value,
	struct cloister_error *error)
{
	const struct row *row = row_of(name);
	char *copy = NULL, **place;
	struct fault fault;

	if (row == NULL) {
		fault_set(&fault, "usage", "there is no option %.100s", name);
		return client_fail(error, &fault);
	}
	if (value != NULL && check(row, value, &fault) != 0)
		return client_fail(error, &fault);
	if (value != NULL && (copy = strdup(value)) == NULL) {
		fault_set(&fault, "memory", "there is no memory for an option");
		return client_fail(error, &fault);
	}
	place = &options->texts[row - rows];
	free(*place);
	*place = copy;
	return 0;
}

/* --- All of them ------------------------------------------------------------------------------ */

static bool is_true(const char *text)
{
	return text != NULL && strcmp(text, "true") == 0;
}

static int find_address(
	const struct cloister_options *options, struct address *address, struct failure *failure)
{
	const char *text = options->texts[CLOISTER_ADDRESS];
	const char *enclave = options->texts[CLOISTER_ENCLAVE];

	if ((text == NULL) == (enclave == NULL))
		return fault_set(&failure->fault, "usage",
			"where to? one of the options address and enclave says it");
	if (enclave != NULL ? enclave_address(enclave, address, failure) != 0
			    : address_parse(text, address, &failure->fault) != 0)
		return -1;
	return address_stand_in(address, options->texts[CLOISTER_VSOCK_DIR], &failure->fault);
}

int client_settings(const struct cloister_options *options, bool needs_address,
	struct connection_settings *settings, struct failure *failure)
{
	const char *seconds = options->texts[CLOISTER_TIMEOUT];

	*settings = (struct connection_settings){
		.may_be_late = options->texts[CLOISTER_ENCLAVE] != NULL,
		.patience = seconds != NULL ? seconds_of(seconds) * CLOCK_SECOND : 0,
		.is_plain = is_true(options->texts[CLOISTER_INSECURE]),
		.root = options->texts[CLOISTER_ROOT],
		.policy = options->texts[CLOISTER_POLICY],
		.accepts_unsigned = is_true(options->texts[CLOISTER_UNSIGNED]),
		.accepts_debug = is_true(options->texts[CLOISTER_DEBUG]),
		.key = options->texts[CLOISTER_KEY],
	};
	if (needs_address)
		return find_address(options, &settings->address, failure);
	return address_parse("unix:@peer", &settings->address, &failure->fault); /* for texts */
}
