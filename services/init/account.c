/* account: see account.h. */
#include "services/init/account.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gen/account_line.h"
#include "runtime/kernel/machine.h"

MACHINE_BYTES(account_line)

bool account_number(const char *text, uint32_t *number)
{
	size_t size = strlen(text);
	unsigned long long value;

	if (size == 0 || size > 10 || strspn(text, "0123456789") != size)
		return false;
	value = strtoull(text, NULL, 10);
	*number = (uint32_t)value;
	return value <= ACCOUNT_LINE_MAX;
}

/* What is looked for, and the line that is being read. */
struct search {
	const char *name; /* or null */
	uint32_t id;
	struct account_line line;
	size_t same;   /* bytes of the name so far */
	bool is_other; /* than the name */
};

static void begin_line(struct search *search)
{
	account_line_init(&search->line);
	search->same = 0;
	search->is_other = false;
}

/* Takes one byte; whether it ends the line that is looked for. */
static bool take(struct search *search, uint8_t byte)
{
	const struct account_line *line = &search->line;
	const char *name = search->name;

	(void)account_line_drive(&search->line, 0, &byte, 1);
	if (line->cs == ACCOUNT_LINE_IN_NAME && name != NULL && !search->is_other) {
		search->is_other = (uint8_t)name[search->same] != byte;
		search->same++;
	}
	if (!account_line_ended(line))
		return false;
	if (line->cs == ACCOUNT_LINE_IN_DONE &&
		(name == NULL ? line->id == search->id
			      : !search->is_other && name[search->same] == '\0'))
		return true;
	begin_line(search);
	return false;
}

bool account_find(const char *path, const char *name, uint32_t id, struct account *account)
{
	struct search search = {.name = name, .id = id};
	uint8_t bytes[512];
	bool found = false;
	ssize_t size;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return false;
	begin_line(&search);
	while (!found && (size = read(fd, bytes, sizeof bytes)) > 0)
		for (ssize_t i = 0; i < size && !found; i++)
			found = take(&search, bytes[i]);
	(void)close(fd);
	if (!found && !take(&search, '\n')) /* the last line may have no end */
		return false;
	account->id = search.line.id;
	account->group = search.line.group;
	return true;
}
