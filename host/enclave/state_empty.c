/* state_empty: removes what an enclave has left in its folder, which may be anything. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/enclave/state.h"

/* What is in a folder that can't be removed for it is not empty comes up to where we are: so no
 * tree is too deep. */
static void raise_members(int folder, const char *name)
{
	static unsigned number;
	int inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *stream = inner < 0 ? NULL : fdopendir(inner);
	struct dirent *entry;

	while (stream != NULL && (entry = readdir(stream)) != NULL) {
		char fresh[32];

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		(void)snprintf(fresh, sizeof fresh, ".removed-%u", number++);
		if (unlinkat(inner, entry->d_name, 0) < 0)
			(void)renameat(inner, entry->d_name, folder, fresh);
	}
	if (stream != NULL)
		(void)closedir(stream);
	else if (inner >= 0)
		close(inner);
}

/* Returns whether something was removed. */
static bool remove_members(int folder)
{
	int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = again < 0 ? NULL : fdopendir(again);
	struct dirent *entry;
	bool removed = false;

	while (stream != NULL && (entry = readdir(stream)) != NULL) {
		const char *name = entry->d_name;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		if (unlinkat(folder, name, 0) == 0 || unlinkat(folder, name, AT_REMOVEDIR) == 0) {
			removed = true;
			continue;
		}
		raise_members(folder, name);
		removed = unlinkat(folder, name, AT_REMOVEDIR) == 0 || removed;
	}
	if (stream != NULL)
		(void)closedir(stream);
	else if (again >= 0)
		close(again);
	return removed;
}

void state_empty(int folder)
{
	while (remove_members(folder))
		;
}
