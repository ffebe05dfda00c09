/* journal: see journal.h. */
#include "services/slc/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TRIES 500u /* for the lock: 5 seconds, in which a broker without its front has ended */
#define PAUSE 10000000L

/* Whoever had the folder may be about to end. */
static int lock(int folder, const char *path, struct fault *fault)
{
	const struct timespec pause = {.tv_nsec = PAUSE};

	for (unsigned i = 0; i < TRIES; i++) {
		if (flock(folder, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return fault_io(fault, errno, "the folder '%s' can't be locked", path);
		(void)nanosleep(&pause, NULL);
	}
	return fault_set(fault, "in_use",
		"another slc keeps its records in '%s': name a folder for each of them", path);
}

static int check_folder(int folder, const char *path, struct fault *fault)
{
	struct stat status;

	if (fstat(folder, &status) != 0)
		return fault_io(fault, errno, "the folder '%s' can't be looked at", path);
	if (status.st_uid == geteuid() && (status.st_mode & 077) == 0)
		return 0;
	return fault_set(fault, "journal",
		"the folder '%s' is not ours alone: it must have our user, and mode 0700", path);
}

int journal_open(struct journal *journal, const char *path, struct fault *fault)
{
	int folder;

	*journal = (struct journal){.folder = -1, .file = -1};
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return fault_io(fault, errno, "the folder '%s' can't be made", path);
	folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder < 0)
		return fault_io(fault, errno, "the folder '%s' can't be opened", path);
	if (check_folder(folder, path, fault) != 0 || lock(folder, path, fault) != 0) {
		close(folder);
		return -1;
	}
	journal->folder = folder;
	journal->is_open = true;
	return 0;
}

void journal_close(struct journal *journal)
{
	if (!journal->is_open)
		return;
	if (journal->file >= 0)
		close(journal->file);
	close(journal->folder);
	*journal = (struct journal){.folder = -1, .file = -1};
}

static int check_file(int file, uint64_t most, struct fault *fault)
{
	struct stat status;

	if (fstat(file, &status) != 0)
		return fault_io(fault, errno, "the log's file can't be looked at");
	if (!S_ISREG(status.st_mode) || status.st_nlink != 1)
		return fault_set(fault, "journal", "the log's file is no file, or has other names");
	if (status.st_uid != geteuid())
		return fault_set(fault, "journal",
			"the log's file belongs to user %u, and not to %u", (unsigned)status.st_uid,
			(unsigned)geteuid());
	if ((status.st_mode & 07777) != 0600)
		return fault_set(fault, "journal", "the log's file has mode %04o, and not 0600",
			(unsigned)(status.st_mode & 07777));
	if ((uint64_t)status.st_size > most)
		return fault_set(fault, "journal", "the log's file is longer than any log");
	return 0;
}

int journal_read(const struct journal *journal, uint64_t most, struct fault *fault)
{
	const int file = openat(
		journal->folder, JOURNAL_FILE, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (file < 0 && errno == ENOENT)
		return fault_set(fault, "not_found", "there is no file yet");
	if (file < 0)
		return fault_io(fault, errno, "the log's file can't be opened");
	if (check_file(file, most, fault) == 0)
		return file;
	close(file);
	return -1;
}

int journal_begin(const struct journal *journal, struct fault *fault)
{
	int file;

	(void)unlinkat(journal->folder, JOURNAL_NEXT, 0);
	file = openat(journal->folder, JOURNAL_NEXT,
		O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return file >= 0 ? file : fault_io(fault, errno, "the log's file can't be made");
}

int journal_put(struct journal *journal, int file, struct fault *fault)
{
	if (journal->file >= 0)
		close(journal->file);
	journal->file = file;
	if (renameat(journal->folder, JOURNAL_NEXT, journal->folder, JOURNAL_FILE) != 0)
		return fault_io(fault, errno, "the log's file can't be put in place");
	return 0;
}

int journal_add(
	const struct journal *journal, const uint8_t *bytes, size_t size, struct fault *fault)
{
	const ssize_t put = write(journal->file, bytes, size);

	if (put == (ssize_t)size)
		return 0;
	return fault_io(fault, put < 0 ? errno : ENOSPC, "the log's file can't be written");
}

void journal_lose(struct journal *journal)
{
	(void)unlinkat(journal->folder, JOURNAL_NEXT, 0);
	(void)unlinkat(journal->folder, JOURNAL_FILE, 0);
	if (journal->file < 0)
		return;
	(void)!ftruncate(journal->file, 0);
	close(journal->file);
	journal->file = -1;
}
