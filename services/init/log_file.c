/* log_file: see log_file.h. */
#include "services/init/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/kernel/log.h"
#include "runtime/kernel/time_text.h"

#define MODE      0640
#define NAME_SIZE 96u    /* bytes of a file's name with the NUL: a unit's has 63 at most */
#define WELL_SIZE 65536u /* bytes that are written between two warnings */
#define ROOM_MAX  32768u /* bytes that are written at once */

/* --- Names ------------------------------------------------------------------------------------ */

/* The name of the file that is `number` files old. No two units can have one of a name: a name ends
 * with ".log", or with that and the number. */
static const char *name_of(const struct log_file *file, uint32_t number, char name[NAME_SIZE])
{
	if (number == 0)
		(void)snprintf(name, NAME_SIZE, "%s.log", file->unit);
	else
		(void)snprintf(name, NAME_SIZE, "%s.log.%u", file->unit, number);
	return name;
}

static void remove_from(const struct log_file *file, int folder, uint32_t number)
{
	char name[NAME_SIZE];

	for (; number < LOG_FILES_MAX; number++)
		(void)unlinkat(folder, name_of(file, number, name), 0);
}

/* --- What goes wrong -------------------------------------------------------------------------- */

/* Said again when the file has been well in between. */
static void drop(struct log_file *file, size_t size, int error)
{
	if (file->dropped == 0 || file->written_since >= WELL_SIZE)
		LOG(LOG_WARNING,
			"what a unit writes can't be put into its log file, and is lost there",
			log_string("unit", file->unit), log_string("fault", strerror(error)));
	file->dropped += size;
	file->written_since = 0;
	file->is_torn = file->is_inside;
}

/* --- Opening ---------------------------------------------------------------------------------- */

/* A file of ours, and nothing else that somebody may have put there. 0, or an errno. */
static int check(int fd, struct stat *status)
{
	if (fstat(fd, status) != 0)
		return errno;
	return S_ISREG(status->st_mode) && status->st_nlink == 1 ? 0 : EEXIST;
}

/* NAME.log, which a supervisor before us may have left; it goes on there. 0, or an errno. */
static int begin(struct log_file *file, int folder)
{
	char name[NAME_SIZE];
	struct stat status = {0};
	uint8_t last = '\n';
	int fd = openat(folder, name_of(file, 0, name),
		O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, MODE);
	int error = fd < 0 ? errno : check(fd, &status);

	if (error != 0) {
		if (fd >= 0)
			(void)close(fd);
		return error;
	}
	if (status.st_size > 0)
		(void)pread(fd, &last, 1, status.st_size - 1);
	file->fd = fd;
	file->is_open = true;
	file->size = (uint64_t)status.st_size;
	file->is_inside = file->is_torn = last != '\n';
	return 0;
}

/* The next file is there before the last one goes: whatever fails, there is one. 0, or an errno. */
static int turn(struct log_file *file, int folder)
{
	char name[NAME_SIZE], older[NAME_SIZE], next[NAME_SIZE];
	int fd;

	(void)snprintf(next, sizeof next, "%s.log.next", file->unit);
	(void)unlinkat(folder, next, 0);
	fd = openat(folder, next, O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, MODE);
	if (fd < 0)
		return errno;
	for (uint32_t i = file->limits->files - 1u; i > 0; i--)
		(void)renameat(
			folder, name_of(file, i - 1u, name), folder, name_of(file, i, older));
	if (renameat(folder, next, folder, name_of(file, 0, name)) != 0) {
		int error = errno;

		(void)close(fd);
		return error;
	}
	(void)close(file->fd);
	file->fd = fd;
	file->size = 0;
	return 0;
}

/* --- Writing ---------------------------------------------------------------------------------- */

/* How many of these bytes the file takes: whole lines, or a part of one that is longer than it. */
static size_t fit(const struct log_file *file, const uint8_t *bytes, size_t size)
{
	uint64_t cap = file->limits->bytes / file->limits->files;
	uint64_t room = file->size < cap ? cap - file->size : 0;
	const uint8_t *end;

	if (size <= room)
		return size;
	end = room == 0 ? NULL : memrchr(bytes, '\n', (size_t)room);
	if (end != NULL)
		return (size_t)(end - bytes) + 1u;
	return file->size == 0 ? (size_t)room : 0;
}

/* Takes back what was written of a line that can't be written whole: from[0..size) is what the file
 * ends with. */
static void take_back(struct log_file *file, const uint8_t *from, size_t size, bool was_inside)
{
	const uint8_t *end = size == 0 ? NULL : memrchr(from, '\n', size);
	size_t cut = end == NULL ? size : size - (size_t)(end - from) - 1u;

	if (cut == 0 || ftruncate(file->fd, (off_t)(file->size - cut)) != 0)
		return;
	file->size -= cut;
	file->dropped += cut;
	file->is_inside = file->is_torn = end == NULL && was_inside;
}

static void write_all(struct log_file *file, int folder, const uint8_t *bytes, size_t size)
{
	const uint8_t *from = bytes;
	bool was_inside = file->is_inside;

	while (size > 0) {
		size_t some = fit(file, bytes, size);
		ssize_t done = 0;
		int error = 0;

		if (some == 0) {
			error = turn(file, folder);
			from = bytes;
			was_inside = false;
		} else if ((done = write(file->fd, bytes, some)) <= 0) {
			error = done < 0 ? errno : ENOSPC;
		}
		if (error != 0) {
			drop(file, size, error);
			if (done <= 0 && some > 0 && file->limits->has_times != 0)
				take_back(file, from, (size_t)(bytes - from), was_inside);
			return;
		}
		if (done == 0)
			continue;
		bytes += done;
		size -= (size_t)done;
		file->size += (uint64_t)done;
		file->is_inside = bytes[-1] != '\n';
		file->is_torn = false;
		file->written_since += (uint64_t)done;
	}
}

void log_file_put(
	struct log_file *file, int folder, int64_t wall, const uint8_t *bytes, size_t size)
{
	static uint8_t room[ROOM_MAX]; /* PID 1 has one thread */
	char time[TIME_TEXT_MAX], stamp[TIME_TEXT_MAX + 1u] = "";
	struct log_lines lines = {.stamp = stamp};
	int error = 0;

	if (folder < 0 || file->limits->bytes == 0)
		return;
	if (!file->is_open && (error = begin(file, folder)) != 0) {
		drop(file, size, error);
		return;
	}
	if (file->files != file->limits->files) {
		file->files = file->limits->files;
		remove_from(file, folder, file->files);
	}
	if (file->limits->has_times != 0) {
		time_to_text(wall, time);
		(void)snprintf(stamp, sizeof stamp, "%s ", time);
	}
	while (size > 0) {
		size_t filled, used;

		if (file->is_torn && stamp[0] != '\0')
			write_all(file, folder, (const uint8_t *)"\n", 1);
		lines.is_inside = file->is_inside;
		used = log_lines_put(&lines, bytes, size, room, sizeof room, &filled);
		write_all(file, folder, room, filled);
		bytes += used;
		size -= used;
	}
}

void log_file_close(struct log_file *file)
{
	if (file->is_open)
		(void)close(file->fd);
	file->is_open = false;
}

void log_file_clear(struct log_file *file, int folder)
{
	if (folder < 0 || file->limits->bytes == 0)
		return;
	log_file_close(file);
	remove_from(file, folder, 0);
	file->is_inside = file->is_torn = false;
}
