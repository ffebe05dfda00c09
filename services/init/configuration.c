/* configuration: what is to run: unit files of the new root, or AWS's /cmd and /env. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/kernel/path.h"
#include "services/init/init.h"

#define NEW_ROOT     "/rootfs"
#define COMMAND      "/cmd"
#define ENVIRONMENT  "/env"
#define COMMAND_NAME "cmd"

#define DEFAULT_COMMAND "sh"
#define DEFAULT_PATH    "PATH=/sbin:/usr/sbin:/bin:/usr/bin"

/* --- /cmd and /env ---------------------------------------------------------------------------- */

/* Reads the file's lines, one word each, by `add`; returns how many there were. A file that is
 * missing has none. */
static int read_lines(struct unit_file *unit, const char *name, uint8_t digest[DIGEST_SIZE],
	int (*add)(struct unit_file *unit, const char *word, size_t size, struct fault *fault),
	struct fault *fault)
{
	static char text[UNIT_TEXT_MAX * 2u];
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), count = 0;
	ssize_t got = fd < 0 ? 0 : read(fd, text, sizeof text);
	const char *at = text, *end = text + (got < 0 ? 0 : got);

	if (fd >= 0)
		(void)close(fd);
	if (got == (ssize_t)sizeof text)
		return fault_set(fault, "limit", "%s has more than %zu bytes", name, sizeof text);
	digest_text(digest, strcmp(name, COMMAND) == 0 ? "file " COMMAND : "file " ENVIRONMENT,
		text, (size_t)(end - at));
	while (at < end) {
		const char *line_end = memchr(at, '\n', (size_t)(end - at));
		size_t size = (size_t)((line_end == NULL ? end : line_end) - at);

		if (size > 0 && add(unit, at, size, fault) != 0)
			return -1;
		count += size > 0;
		at += size + 1;
	}
	return count;
}

/* Read once and removed, as AWS's init does: what they hold is not for everybody inside. */
static int read_command(struct init *init, struct fault *fault)
{
	struct supervised *one = units_add(&init->units, COMMAND_NAME);
	int words = read_lines(&one->file, COMMAND, init->command, unit_file_argument, fault);
	int variables =
		read_lines(&one->file, ENVIRONMENT, init->environment, unit_file_variable, fault);

	if (words < 0 || variables < 0 ||
		(words == 0 && unit_file_argument(&one->file, DEFAULT_COMMAND,
				       strlen(DEFAULT_COMMAND), fault) != 0) ||
		(variables == 0 && unit_file_variable(&one->file, DEFAULT_PATH,
					   strlen(DEFAULT_PATH), fault) != 0))
		return -1;
	(void)unlink(COMMAND);
	(void)unlink(ENVIRONMENT);
	init->is_command = true;
	init->units.keeps_console = true;
	units_want(&init->units);
	return 0;
}

/* --- Units ------------------------------------------------------------------------------------ */

static int load(struct init *init, const char *root, const char *folder)
{
	int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC), failed;
	struct fault settings_fault = {0};

	if (fd < 0)
		return path_fault(&init->fault, errno, "open", root, strlen(root));
	failed = units_load(&init->units, fd, folder, &init->fault);
	if (init->folder == NULL && settings_read(&init->settings, fd, &init->has_settings,
					    init->settings_digest, &settings_fault) != 0) {
		init->fault = settings_fault;
		failed = -1;
	}
	(void)close(fd);
	return failed;
}

static enum boot_event configure(struct init *init)
{
	struct stat status;

	init->has_rootfs = stat(NEW_ROOT, &status) == 0 && S_ISDIR(status.st_mode);
	if (load(init, init->has_rootfs ? NEW_ROOT : "/", UNITS_FOLDER) == 0)
		init->has_units = init->units.count > 0;
	else if (strcmp(init->fault.word, "not_found") != 0)
		return BOOT_FAILED;
	if (init->has_units)
		return BOOT_DONE;
	if (access(COMMAND, F_OK) == 0)
		return read_command(init, &init->fault) == 0 ? BOOT_DONE : BOOT_FAILED;
	(void)fault_set(&init->fault, "missing",
		"the image names nothing to run: no units in /" UNITS_FOLDER ", and no " COMMAND);
	return BOOT_ABSENT;
}

void step_configuration(struct init *init)
{
	if (init->folder == NULL)
		boot_answer(init, configure(init));
	else
		boot_answer(init, load(init, init->folder, ".") == 0 ? BOOT_DONE : BOOT_FAILED);
}
