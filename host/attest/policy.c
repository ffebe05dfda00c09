/* policy: the verb that makes a policy of measurements, for `attest verify --policy`. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/attest/options.h"
#include "host/attest/verbs.h"
#include "runtime/channel/policy.h"

static const char help[] =
	"usage: attest policy [--max-age D] [--root PEM] FILE...\n"
	"\n"
	"Prints a policy that accepts the images with these measurements, and no others: files\n"
	"that `make eif` writes, out/cloister.pcr.json, or what `eif describe` prints.\n"
	"\n"
	"  --max-age D    refuse older documents: 90, 90s, 5m, 3h, 1d\n"
	"  --root PEM     trust this certificate, and not AWS's: for simulated enclaves\n"
	"                 \"$(nsmsim root)\"\n"
	"\n"
	"spec/policy.md says what else a policy can say.\n";

/* A text between quotes; what is not plain becomes '_'. */
static void put_text(FILE *stream, const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		unsigned char byte = (unsigned char)text[i];
		bool is_plain = byte >= 0x20 && byte <= 0x7e && byte != '"' && byte != '\\';

		(void)fputc(is_plain ? byte : '_', stream);
	}
}

/* What the image calls itself, or else the file's name without what stands behind the first dot. */
static void put_name(FILE *stream, const char *path, const json_t *description)
{
	const char *name = json_string_value(json_object_get(description, "ImageName"));
	const char *version = json_string_value(json_object_get(description, "ImageVersion"));
	const char *slash = strrchr(path, '/'), *base = slash == NULL ? path : slash + 1;
	size_t stem = strcspn(base, ".");

	fputs("\n[[image]]\nname = \"", stream);
	if (name != NULL && *name != '\0') {
		put_text(stream, name, strlen(name));
		fputs(version != NULL ? " " : "", stream);
		put_text(stream, version != NULL ? version : "",
			version != NULL ? strlen(version) : 0);
	} else {
		put_text(stream, base, stem != 0 ? stem : strlen(base));
	}
	fputs("\"\n", stream);
}

static int put_image(FILE *stream, const char *path, struct fault *fault)
{
	json_error_t error;
	json_t *description = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	const json_t *measurements = json_object_get(description, "Measurements");
	bool has_any = false;
	char name[16];

	if (description == NULL)
		return fault_set(fault, "input", "can't read %s: %s", path, error.text);
	put_name(stream, path, description);
	for (unsigned i = 0; i < POLICY_PCRS; i++) {
		const char *digits;

		(void)snprintf(name, sizeof name, "PCR%u", i);
		digits = json_string_value(json_object_get(measurements, name));
		if (digits == NULL)
			continue;
		fprintf(stream, "pcr%u = \"", i);
		put_text(stream, digits, strlen(digits));
		fputs("\"\n", stream);
		has_any = true;
	}
	json_decref(description);
	return has_any ? 0
		       : fault_set(fault, "missing",
				 "there are no measurements in %s: PCR0 is needed", path);
}

static int put_root(FILE *stream, const char *root, struct fault *fault)
{
	char path[PATH_MAX];

	if (realpath(root, path) == NULL)
		return fault_io(fault, errno, "can't find %s", root);
	fputs("root = \"", stream);
	put_text(stream, path, strlen(path));
	fputs("\"\n", stream);
	return 0;
}

static int put_policy(
	FILE *stream, const struct options *options, int count, char **files, struct fault *fault)
{
	fputs("# Which enclaves are accepted: spec/policy.md of Cloister.\n", stream);
	if (options->wish.wish.has_age)
		fprintf(stream, "max_age = %" PRId64 "\n", options->wish.wish.age);
	if (options->root != NULL && put_root(stream, options->root, fault) != 0)
		return -1;
	for (int i = 0; i < count; i++)
		if (put_image(stream, files[i], fault) != 0)
			return -1;
	return 0;
}

/* What is printed is what `verify` would take: it is read before. */
static int check(const char *text, size_t size, struct fault *fault)
{
	struct policy *policy = malloc(sizeof *policy);
	struct conf *conf = malloc(sizeof *conf);
	int status = -1;

	if (policy == NULL || conf == NULL)
		(void)fault_set(fault, "memory", "no memory to check the policy");
	else
		status = policy_read(policy, conf, "policy", text, size, fault);
	free(conf);
	free(policy);
	return status;
}

static int make(const struct options *options, int count, char **files, struct fault *fault)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);
	int status = -1;

	if (stream == NULL)
		return fault_set(fault, "memory", "no memory to make a policy");
	status = put_policy(stream, options, count, files, fault);
	if (fclose(stream) != 0 && status == 0)
		status = fault_set(fault, "memory", "no memory to make a policy");
	if (status == 0)
		status = check(text, size, fault);
	if (status == 0) {
		(void)fwrite(text, 1, size, stdout);
		status = finish_output(fault);
	}
	free(text);
	return status;
}

int verb_policy(int count, char **arguments, struct fault *fault)
{
	static const struct option table[] = {{"max-age", required_argument, NULL, OPTION_MAX_AGE},
		{"root", required_argument, NULL, OPTION_ROOT},
		{"help", no_argument, NULL, OPTION_HELP}, {0}};
	static struct options options;
	int code;

	while ((code = getopt_long(count, arguments, "", table, NULL)) != -1) {
		if (code == OPTION_HELP) {
			fputs(help, stdout);
			return 0;
		}
		if (options_take(&options, code, optarg, fault) != 0)
			return -1;
	}
	if (optind == count)
		return fault_set(fault, "usage", "policy wants files with measurements");
	return make(&options, count - optind, arguments + optind, fault);
}
