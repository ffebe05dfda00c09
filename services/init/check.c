/* check: reads a folder of units as a start would, says what is wrong with it, and starts none. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/kernel/log.h"
#include "services/init/init.h"

#define CODE_MALFORMED 65
#define CODE_NO_INPUT  66

int check_folder(struct unit_set *set, const char *folder)
{
	const struct log_sink sink = {
		.program = "init", .fd = STDERR_FILENO, .form = LOG_AS_FITS, .level = LOG_WARNING};
	int root = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC), failed;
	struct fault fault = {0};
	uint32_t faulty;

	log_start(&sink);
	if (root < 0) {
		(void)fault_io(&fault, errno, "cannot open the folder %.300s", folder);
		fault_print(stderr, "init", &fault);
		return CODE_NO_INPUT;
	}
	failed = unit_set_load(set, root, ".", &fault);
	(void)close(root);
	if (failed != 0) {
		fault_print(stderr, "init", &fault);
		return CODE_NO_INPUT;
	}
	faulty = unit_set_faulty(set);
	if (printf("%u units, %u of them with a fault\n", set->count, faulty) < 0)
		return 74;
	return faulty > 0 ? CODE_MALFORMED : 0;
}
