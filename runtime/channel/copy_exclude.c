/* copy_exclude: see copy_exclude.h. */
#include "runtime/channel/copy_exclude.h"

#include <fnmatch.h>
#include <stddef.h>
#include <string.h>

static bool matches(const char *pattern, const char *name)
{
	const char *part = name;

	if (*pattern == '/')
		return fnmatch(pattern + 1, name, FNM_PATHNAME) == 0;
	while (fnmatch(pattern, part, FNM_PATHNAME) != 0) {
		part = strchr(part, '/');
		if (part == NULL)
			return false;
		part++;
	}
	return true;
}

/* A slash at its end is no part of the pattern, and says that it is for folders. */
static bool excludes(const char *pattern, const char *name, bool is_folder)
{
	char whole[COPY_EXCLUDE_MAX + 1u];
	size_t size = strlen(pattern);

	if (size == 0 || size > COPY_EXCLUDE_MAX)
		return false;
	(void)memcpy(whole, pattern, size + 1);
	if (whole[size - 1] == '/') {
		if (!is_folder)
			return false;
		whole[size - 1] = '\0';
	}
	return matches(whole, name);
}

bool copy_excludes(const struct copy_exclude *exclude, const char *name, bool is_folder)
{
	for (unsigned i = 0; *name != '\0' && i < exclude->count; i++)
		if (excludes(exclude->patterns[i], name, is_folder))
			return true;
	return false;
}
