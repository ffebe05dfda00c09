/* settings: see settings.h. */
#include "services/init/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "runtime/kernel/conf.h"
#include "runtime/kernel/path.h"

#define TEXT_MAX 4096u

static int read_word(struct conf *conf, const char *key, const char *const *words, uint32_t *value,
	struct fault *fault)
{
	const struct conf_entry *root = conf_root(conf);
	const char *word = words[0];

	if (conf_string(conf, root, key, &word, fault) != 0)
		return -1;
	for (*value = 0; words[*value] != NULL; (*value)++)
		if (strcmp(word, words[*value]) == 0)
			return 0;
	*value = 0;
	return conf_refuse(conf, conf_find(conf, root, key), fault, "range",
		"%s: '%.40s' is none of its words", key, word);
}

static int parse(struct settings *settings, const char *text, size_t size, struct fault *fault)
{
	static const char *const changes[] = {"once", "many", "none", NULL};
	static const char *const files[] = {"log", "refuse", NULL};
	static struct conf conf; /* too large for a stack */

	if (conf_parse(&conf, SETTINGS_FILE, text, size, fault) != 0 ||
		read_word(&conf, "RunTimeChanges", changes, &settings->changes, fault) != 0 ||
		read_word(&conf, "ChangedFiles", files, &settings->changed_files, fault) != 0)
		return -1;
	return conf_unknown(&conf, fault);
}

int settings_read(struct settings *settings, int root, bool *found, uint8_t digest[DIGEST_SIZE],
	struct fault *fault)
{
	char text[TEXT_MAX];
	ssize_t size;
	int fd;

	*found = false;
	if (path_open(root, SETTINGS_FILE, strlen(SETTINGS_FILE), O_RDONLY | O_NONBLOCK, 0, &fd,
		    fault) != 0)
		return strcmp(fault->word, "not_found") == 0 ? 0 : -1;
	size = read(fd, text, sizeof text);
	(void)close(fd);
	if (size < 0)
		return fault_io(fault, errno, "cannot read " SETTINGS_FILE);
	if (size == (ssize_t)sizeof text)
		return fault_set(fault, "limit", SETTINGS_FILE " has %u bytes or more", TEXT_MAX);
	*found = true;
	digest_text(digest, "file /" SETTINGS_FILE, text, (size_t)size);
	return parse(settings, text, (size_t)size, fault);
}
