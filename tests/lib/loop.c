/* loop: see loop.h. */
#include "tests/lib/loop.h"

#include <dirent.h>

static unsigned before;

unsigned descriptors_open(void)
{
	DIR *folder = opendir("/proc/self/fd");
	unsigned count = 0;

	if (folder == NULL)
		return 0;
	while (readdir(folder) != NULL)
		count++;
	(void)closedir(folder);
	return count;
}

int test_loop_open(void **state)
{
	struct fault fault;
	struct loop *loop;

	before = descriptors_open();
	if (loop_open(&loop, &clock_system, &fault) != 0)
		return -1;
	*state = loop;
	return 0;
}

int test_loop_close(void **state)
{
	unsigned after;

	loop_close(*state);
	after = descriptors_open();
	if (after == before)
		return 0;
	fprintf(stderr, "%u descriptors before, %u after\n", before, after);
	return -1;
}
