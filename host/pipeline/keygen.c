/* keygen: the verb that makes an operator's pair of keys. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "host/pipeline/output.h"
#include "host/pipeline/verbs.h"
#include "runtime/crypto/key.h"

#define COMMENT_MAX 200u /* bytes */

static const char help[] =
	"usage: pipeline keygen [-o FILE] [--type TYPE] [--comment TEXT] [--force]\n"
	"\n"
	"Makes a pair of keys for an operator: FILE, which nobody else may read, and\n"
	"FILE.pub, which goes into images: make eif KEY=FILE.pub\n"
	"\n"
	"  -o FILE          by default cloister.key\n"
	"  --type ed25519|p256   by default ed25519\n"
	"  --comment TEXT   a line for people, kept in FILE.pub\n"
	"  --force          replace what is there: who had that key loses it\n"
	"  --json           {\"type\", \"private\", \"public\", \"fingerprint\", \"spki\"}\n"
	"  --quiet          print nothing\n";

struct keygen {
	const char *path, *comment;
	char public_path[PATH_MAX];
	enum key_type type;
	bool replace;
};

static int show(const struct keygen *keygen, const struct key_public *public,
	const struct options *options, struct fault *fault)
{
	char fingerprint[KEY_FINGERPRINT_MAX], spki[KEY_BASE64_MAX];

	key_fingerprint(public, fingerprint);
	key_base64(public, spki);
	if (options->json)
		return output_json(
			json_pack("{s:s, s:o, s:o, s:s, s:s}", "type", key_type_word(public->type),
				"private", output_text(keygen->path), "public",
				output_text(keygen->public_path), "fingerprint", fingerprint,
				"spki", spki),
			fault);
	if (options->quiet)
		return 0;
	printf("%-12s ", "private key");
	print_escaped(stdout, keygen->path);
	printf("\n%-12s ", "public key");
	print_escaped(stdout, keygen->public_path);
	printf("\n%-12s %s\n\nAn image that lets it in: make eif KEY=", "fingerprint", fingerprint);
	print_escaped(stdout, keygen->public_path);
	putchar('\n');
	return output_finish(fault);
}

/* Before anything is made, so that no half of a pair is left behind. */
static int check_free(const struct keygen *keygen, struct fault *fault)
{
	const char *paths[] = {keygen->path, keygen->public_path};
	struct stat status;

	for (size_t i = 0; i < 2 && !keygen->replace; i++)
		if (lstat(paths[i], &status) == 0)
			return fault_set(fault, "exists",
				"%s is there already: choose another name, or --force to replace "
				"it",
				paths[i]);
	return 0;
}

static int make(const struct keygen *keygen, const struct options *options, struct fault *fault)
{
	struct key *key = NULL;
	int status = -1;

	if (check_free(keygen, fault) != 0 || key_make(&key, keygen->type, fault) != 0)
		return -1;
	if (key_write(key, keygen->path, keygen->replace, fault) == 0 &&
		key_public_write(key_public(key), keygen->comment, keygen->public_path,
			keygen->replace, fault) == 0)
		status = show(keygen, key_public(key), options, fault);
	key_free(key);
	return status;
}

/* --- The command line ------------------------------------------------------------------------- */

enum { TYPE = OPTION_HELP + 1, COMMENT, FORCE };

static int take_type(struct keygen *keygen, const char *word, struct fault *fault)
{
	for (unsigned type = KEY_ED25519; type <= KEY_P256; type++)
		if (strcmp(key_type_word((enum key_type)type), word) == 0) {
			keygen->type = (enum key_type)type;
			return 0;
		}
	return fault_set(fault, "usage", "--type is ed25519 or p256, and not %.40s", word);
}

static int take_comment(struct keygen *keygen, const char *text, struct fault *fault)
{
	for (const char *at = text; *at != '\0'; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			return fault_set(fault, "usage",
				"--comment is one line, without control characters");
	if (strlen(text) > COMMENT_MAX)
		return fault_set(fault, "usage", "--comment has at most %u bytes", COMMENT_MAX);
	keygen->comment = text;
	return 0;
}

static int take(struct keygen *keygen, int code, char **arguments, struct options *options,
	struct failure *failure)
{
	switch (code) {
	case 'o':
		keygen->path = optarg;
		return 0;
	case TYPE:
		return take_type(keygen, optarg, &failure->fault);
	case COMMENT:
		return take_comment(keygen, optarg, &failure->fault);
	case FORCE:
		keygen->replace = true;
		return 0;
	default:
		return options_take(options, code, "keygen", arguments, failure);
	}
}

int verb_keygen(struct options *options, int count, char **arguments, struct failure *failure)
{
	static const struct option table[] = {OPTIONS_COMMON,
		{"type", required_argument, NULL, TYPE},
		{"comment", required_argument, NULL, COMMENT}, {"force", no_argument, NULL, FORCE},
		{0}};
	struct keygen keygen = {.path = "cloister.key", .type = KEY_ED25519};
	int code;

	while ((code = getopt_long(count, arguments, "o:", table, NULL)) != -1) {
		if (code == OPTION_HELP) {
			fputs(help, stdout);
			return 0;
		}
		if (take(&keygen, code, arguments, options, failure) != 0)
			return -1;
	}
	if (optind != count)
		return fault_set(&failure->fault, "usage", "keygen takes no arguments but options");
	if (snprintf(keygen.public_path, sizeof keygen.public_path, "%s.pub", keygen.path) >=
		(int)sizeof keygen.public_path)
		return fault_set(&failure->fault, "usage", "the name of the file is too long");
	return make(&keygen, options, &failure->fault);
}
