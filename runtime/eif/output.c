/* output: see output.h. */
#include "runtime/eif/output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_TRIES 16

static volatile sig_atomic_t signal_seen;

static void note_signal(int number)
{
	signal_seen = number;
}

void output_catch_signals(void)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = note_signal};
	struct sigaction before;

	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		/* A signal that the parent chose to ignore stays ignored. */
		if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
	}
	/* Writing to a closed pipe shall fail, not kill: there may be a file to remove. */
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
}

int output_interrupted(void)
{
	return signal_seen;
}

/* Writes ".eif-" and random digits, in the directory of `name`. */
static int temporary_name(const char *name, char temporary[PATH_MAX], struct fault *fault)
{
	const char *slash = strrchr(name, '/');
	int folder = slash == NULL ? 0 : (int)(slash - name + 1);
	unsigned long long random = 0;

	if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
		return fault_set(fault, "output", "no random bytes for a temporary name");
	if (snprintf(temporary, PATH_MAX, "%.*s.eif-%016llx", folder, name, random) >= PATH_MAX)
		return fault_set(fault, "output", "%.64s...: the path is too long", name);
	return 0;
}

static int check_target(const char *name, bool replace, struct fault *fault)
{
	struct stat status;

	if (lstat(name, &status) < 0) {
		if (errno == ENOENT)
			return 0;
		return fault_set(fault, "output", "can't write %s: %s", name, strerror(errno));
	}
	if (S_ISDIR(status.st_mode))
		return fault_set(fault, "output", "can't write %s: it is a directory", name);
	if (!S_ISREG(status.st_mode) && !S_ISLNK(status.st_mode))
		return fault_set(fault, "output",
			"can't write %s: it is no regular file, and would be replaced", name);
	if (!replace)
		return fault_set(
			fault, "output", "%s exists already; give --force to replace it", name);
	return 0;
}

int output_open(struct output *output, const char *name, bool replace, struct fault *fault)
{
	output->fd = -1;
	if (strlen(name) >= sizeof output->name)
		return fault_set(fault, "output", "%.64s...: the path is too long", name);
	memcpy(output->name, name, strlen(name) + 1);
	if (check_target(name, replace, fault) < 0)
		return -1;
	for (int i = 0; i < NAME_TRIES && output->fd < 0; i++) {
		if (temporary_name(name, output->temporary, fault) < 0)
			return -1;
		output->fd = open(output->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (output->fd < 0 && errno != EEXIST)
			break;
	}
	if (output->fd < 0)
		return fault_set(fault, "output", "can't write %s: %s", name, strerror(errno));
	return 0;
}

int output_write(struct output *output, const void *bytes, size_t size, struct fault *fault)
{
	const char *next = bytes;

	while (size > 0) {
		ssize_t written;

		if (signal_seen != 0)
			return fault_set(fault, "interrupted", "interrupted, nothing was written");
		written = write(output->fd, next, size);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return fault_io(fault, errno, "writing %s failed", output->name);
		next += written;
		size -= (size_t)written;
	}
	return 0;
}

int output_write_at(
	struct output *output, const void *bytes, size_t size, off_t offset, struct fault *fault)
{
	if (lseek(output->fd, offset, SEEK_SET) < 0)
		return fault_io(fault, errno, "writing %s failed", output->name);
	return output_write(output, bytes, size, fault);
}

int output_commit(struct output *output, struct fault *fault)
{
	int fd = output->fd;

	if (signal_seen != 0)
		return fault_set(fault, "interrupted", "interrupted, nothing was written");
	output->fd = -1;
	/* Some file systems tell only here that there was no room. */
	if (close(fd) < 0) {
		int error = errno;

		(void)unlink(output->temporary);
		return fault_io(fault, error, "writing %s failed", output->name);
	}
	if (rename(output->temporary, output->name) < 0) {
		int error = errno;

		(void)unlink(output->temporary);
		return fault_set(
			fault, "output", "can't write %s: %s", output->name, strerror(error));
	}
	return 0;
}

void output_discard(struct output *output)
{
	if (output->fd < 0)
		return;
	(void)close(output->fd);
	(void)unlink(output->temporary);
	output->fd = -1;
}

int output_scratch(const char *name, struct fault *fault)
{
	char temporary[PATH_MAX];
	int fd;

	if (temporary_name(name, temporary, fault) < 0)
		return -1;
	fd = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return fault_set(
			fault, "output", "can't write beside %s: %s", name, strerror(errno));
	(void)unlink(temporary);
	return fd;
}
