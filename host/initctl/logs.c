/* logs: what a unit has written and writes, for people, as JSON, or as it is. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/initctl/row.h"
#include "host/initctl/verbs.h"
#include "runtime/control/text.h"

#define FILES_MAX 64u

struct logs {
	const struct command *command;
	bool is_terminal;
	uint8_t kept[8192]; /* of a line, or a character, whose end has not come */
	size_t used;
	struct row row;
};

/* --- Bytes ------------------------------------------------------------------------------------ */

static void line_out(struct logs *logs, size_t size)
{
	(void)fputs("{\"unit\":", stdout);
	json_text(stdout, logs->command->unit, strlen(logs->command->unit));
	(void)fputs(",\"text\":", stdout);
	json_text(stdout, logs->kept, size);
	(void)fputs("}\n", stdout);
}

/* Shows `size` of what is kept; the rest moves to the front. */
static void show_kept(struct logs *logs, size_t size)
{
	if (logs->command->json)
		line_out(logs, size);
	else
		terminal_text(stdout, logs->kept, size);
	logs->used -= size;
	memmove(logs->kept, logs->kept + size, logs->used);
}

static void take_byte(struct logs *logs, uint8_t byte)
{
	if (logs->command->json && byte == '\n') {
		show_kept(logs, logs->used);
		return;
	}
	logs->kept[logs->used++] = byte;
	if (logs->used == sizeof logs->kept)
		show_kept(logs, text_whole(logs->kept, logs->used));
}

static bool log_bytes(void *user, const uint8_t *bytes, size_t size)
{
	struct logs *logs = user;

	if (!logs->command->json && !logs->is_terminal) {
		(void)fwrite(bytes, 1, size, stdout);
		return fflush(stdout) == 0;
	}
	for (size_t i = 0; i < size; i++)
		take_byte(logs, bytes[i]);
	if (!logs->command->json)
		show_kept(logs, text_whole(logs->kept, logs->used));
	return fflush(stdout) == 0;
}

static void log_end(struct logs *logs)
{
	if (logs->used > 0)
		show_kept(logs, logs->used);
}

static bool log_missed(void *user, struct fields fields)
{
	struct logs *logs = user;

	if (!row_read(&logs->row, fields))
		return false;
	if (logs->command->json)
		(void)printf("{\"missed\":%" PRIu64 "}\n", logs->row.numbers[CONTROL_OF_MISSED]);
	else
		(void)fprintf(stderr, "initctl: %" PRIu64 " bytes were overwritten unread\n",
			logs->row.numbers[CONTROL_OF_MISSED]);
	return fflush(stdout) == 0;
}

/* --- Files: read where initctl runs, as ps reads /proc there ---------------------------------- */

static bool status_row(void *user, struct fields fields)
{
	return row_read(user, fields);
}

/* The files, the newest one first, so that one that is renamed meanwhile is found again. */
static size_t open_files(const struct row *row, int files[FILES_MAX])
{
	ino_t seen[FILES_MAX];
	size_t count = 0;

	for (uint64_t i = 0; i < row->numbers[CONTROL_OF_LOG_FILES] && count < FILES_MAX; i++) {
		char path[CONTROL_TEXT_MAX + 32u];
		struct stat status;
		bool is_known = false;
		int fd;

		(void)snprintf(path, sizeof path, i == 0 ? "%s" : "%s.%" PRIu64,
			row->texts[CONTROL_OF_LOG_FILE], i);
		fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
			status.st_ino = 0;
		for (size_t k = 0; k < count; k++)
			is_known |= seen[k] == status.st_ino;
		if (is_known || status.st_ino == 0) {
			(void)close(fd);
			continue;
		}
		seen[count] = status.st_ino;
		files[count++] = fd;
	}
	return count;
}

static bool copy_file(struct logs *logs, int fd)
{
	uint8_t bytes[16384];
	ssize_t size;

	while ((size = read(fd, bytes, sizeof bytes)) > 0)
		if (!log_bytes(logs, bytes, (size_t)size))
			return false;
	return size == 0;
}

static int read_files(struct logs *logs, struct command *command, struct fault *fault)
{
	static int files[FILES_MAX];
	const struct request request = {
		.verb = CONTROL_STATUS, .unit = command->unit, .lines = UINT32_MAX};
	const struct listener_of_reply listener = {
		.row = status_row, .bytes = log_bytes, .user = &logs->row};
	int code = talk_ask(&command->talk, &request, &listener, fault);
	size_t count;

	if (code != 0)
		return code;
	if (!logs->row.has[CONTROL_OF_LOG_FILE]) {
		(void)fault_set(fault, "not_found",
			"unit '%.64s' has no log files: LogLimit is 0, or init has no folder for "
			"them (--logs)",
			command->unit);
		return 66;
	}
	count = open_files(&logs->row, files);
	if (count == 0 && access(logs->row.texts[CONTROL_OF_LOG_FILE], R_OK) != 0 &&
		errno != ENOENT)
		code = 74;
	while (count-- > 0) {
		if (code == 0 && !copy_file(logs, files[count]))
			code = 74;
		(void)close(files[count]);
	}
	if (code != 0)
		(void)fault_io(fault, errno, "cannot read the log files");
	return code;
}

int verb_logs(struct command *command, struct fault *fault)
{
	static struct logs logs;
	const struct request request = {.verb = CONTROL_LOGS,
		.unit = command->unit,
		.lines = command->lines,
		.follows = command->follows};
	const struct listener_of_reply listener = {
		.row = log_missed, .bytes = log_bytes, .user = &logs};
	int code;

	logs.command = command;
	logs.is_terminal = isatty(STDOUT_FILENO);
	code = command->all ? read_files(&logs, command, fault)
			    : talk_ask(&command->talk, &request, &listener, fault);
	log_end(&logs);
	return code;
}
