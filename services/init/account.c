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

/* Takes bytes up to the end of a line at most, of a name that is looked for one; how many. */
static size_t take(struct search *search, const uint8_t *bytes, size_t size)
{
	const struct account_line *line = &search->line;
	const bool compares = search->name != NULL && (line->cs == ACCOUNT_LINE_IN_BEGIN ||
							      line->cs == ACCOUNT_LINE_IN_NAME);
	const size_t used = account_line_drive(&search->line, 0, bytes, compares ? 1 : size);

	if (compares && line->cs == ACCOUNT_LINE_IN_NAME && !search->is_other) {
		search->is_other = (uint8_t)search->name[search->same] != *bytes;
		search->same++;
	}
	return used;
}

/* Whether the line has ended, and is the one that is looked for. */
static bool is_it(const struct search *search)
{
	if (search->line.cs != ACCOUNT_LINE_IN_DONE)
		return false;
	return search->name == NULL ? search->line.id == search->id
				    : !search->is_other && search->name[search->same] == '\0';
}

/* Takes all of them, or those up to the end of that line. */
static bool find(struct search *search, const uint8_t *bytes, size_t size)
{
	for (size_t at = 0; at < size;) {
		if (account_line_ended(&search->line))
			begin_line(search);
		at += take(search, bytes + at, size - at);
		if (is_it(search))
			return true;
	}
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
		found = find(&search, bytes, (size_t)size);
	(void)close(fd);
	if (!found && !find(&search, (const uint8_t *)"\n", 1)) /* the last line may have no end */
		return false;
	account->id = search.line.id;
	account->group = search.line.group;
	return true;
}
