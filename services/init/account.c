/* account: see account.h. */
#include "services/init/account.h"

#include <fcntl.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

bool account_number(const char *text, uint32_t *number)
{
	uint64_t value = 0;
	size_t size = strlen(text);

	if (size == 0 || size > 10 || strspn(text, "0123456789") != size)
		return false;
	for (; *text != '\0'; text++)
		value = value * 10u + (uint64_t)(*text - '0');
	*number = (uint32_t)value;
	return value < UINT32_MAX;
}

/* Ends the field at `at`; the next one, or the end of the line. */
static char *end_field(char *at)
{
	char *end = at + strcspn(at, ":");

	if (*end == '\0')
		return end;
	*end = '\0';
	return end + 1;
}

/* Whether it is the line that is looked for. */
static bool is_it(char *line, const char *name, uint32_t id, struct account *account)
{
	char *password = end_field(line), *number = end_field(password);
	char *group = end_field(number);

	(void)end_field(group);
	if (*line == '\0' || !account_number(number, &account->id))
		return false;
	if (!account_number(group, &account->group))
		account->group = UINT32_MAX;
	return name != NULL ? strcmp(line, name) == 0 : account->id == id;
}

/* What is read of a file; a line that has no room is passed over. */
struct lines {
	int fd;
	size_t used;
	bool passes_over, has_ended;
	char text[ACCOUNT_LINE_MAX];
};

static void fill(struct lines *lines)
{
	ssize_t got = read(lines->fd, lines->text + lines->used, sizeof lines->text - lines->used);

	if (got <= 0)
		lines->has_ended = true;
	else
		lines->used += (size_t)got;
}

/* Takes the first line of what was read, with a NUL for its end; 0: there is none yet. */
static size_t whole_line(struct lines *lines)
{
	char *end = memchr(lines->text, '\n', lines->used);

	if (end == NULL && lines->used == sizeof lines->text) {
		lines->passes_over = true;
		lines->used = 0;
	}
	if (end == NULL && lines->has_ended && lines->used > 0 && lines->used < sizeof lines->text)
		end = lines->text + lines->used++; /* the last one has no end */
	if (end == NULL)
		return 0;
	*end = '\0';
	return (size_t)(end - lines->text) + 1u;
}

bool account_find(const char *path, const char *name, uint32_t id, struct account *account)
{
	struct lines lines = {.fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
	bool found = false;

	if (lines.fd < 0)
		return false;
	while (!found) {
		size_t size = whole_line(&lines);

		if (size == 0 && lines.has_ended)
			break;
		if (size == 0) {
			fill(&lines);
			continue;
		}
		found = !lines.passes_over && is_it(lines.text, name, id, account);
		lines.passes_over = false;
		lines.used -= size;
		memmove(lines.text, lines.text + size, lines.used);
	}
	(void)close(lines.fd);
	return found;
}
