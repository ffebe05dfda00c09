/* mark: see mark.h. */
#include "services/init/mark.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "services/init/measure.h"

#define FACTS 8u /* of one file */

/* Of a descriptor, which is closed; -1 is a file that is not there. */
static void take(uint64_t facts[FACTS], int fd)
{
	struct stat status;

	if (fd < 0)
		return;
	if (fstat(fd, &status) == 0) {
		facts[0] = 1;
		facts[1] = status.st_dev;
		facts[2] = status.st_ino;
		facts[3] = (uint64_t)status.st_size;
		facts[4] = (uint64_t)status.st_mtim.tv_sec;
		facts[5] = (uint64_t)status.st_mtim.tv_nsec;
		facts[6] = (uint64_t)status.st_ctim.tv_sec;
		facts[7] = (uint64_t)status.st_ctim.tv_nsec;
	}
	(void)close(fd);
}

void mark_files(uint8_t mark[DIGEST_SIZE], const struct unit_file *unit)
{
	uint64_t facts[UNIT_PATHS_MAX + MEASURE_PROGRAMS_MAX][FACTS] = {{0}};
	const char *programs[MEASURE_PROGRAMS_MAX];
	char path[PATH_MAX];
	uint32_t files = unit->environment_files.count, count = measure_programs(unit, programs);

	for (uint32_t i = 0; i < files; i++)
		take(facts[i], measure_open_variables(unit->environment_files.list[i]));
	for (uint32_t i = 0; i < count; i++)
		take(facts[files + i], measure_open_program(unit, programs[i], path));
	digest_text(mark, "files", facts, (files + count) * sizeof facts[0]);
}
