/* remains: see remains.h. */
#include "services/slc/remains.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/kernel/system.h"

#define ROUNDS 16 /* who forks faster than that has won */

/* The session of a process and whether it lives; 0: there is no such process. */
static pid_t session_of(pid_t pid, bool *lives)
{
	char path[64], text[512], *rest;
	ssize_t size;
	int fd;

	(void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	size = read(fd, text, sizeof text - 1);
	(void)close(fd);
	text[size > 0 ? size : 0] = '\0';
	rest = strrchr(text, ')'); /* a name may have anything in it */
	if (rest == NULL || strlen(rest) < 4)
		return 0;
	*lives = rest[2] != 'Z' && rest[2] != 'X';
	(void)strtol(rest + 3, &rest, 10); /* its parent, its group */
	(void)strtol(rest, &rest, 10);
	return (pid_t)strtol(rest, NULL, 10);
}

/* The descriptor names the process before it is looked at, so that no other one is hit. */
static bool kill_if_in(pid_t leader, pid_t pid)
{
	int process = system_pidfd_open(pid);
	bool lives = false, is_hit;

	if (process < 0)
		return false;
	is_hit = session_of(pid, &lives) == leader && lives &&
		 system_pidfd_signal(process, SIGKILL) == 0;
	(void)close(process);
	return is_hit;
}

static bool kill_all(DIR *processes, pid_t leader)
{
	const struct dirent *entry;
	bool was_any = false;

	rewinddir(processes);
	while ((entry = readdir(processes)) != NULL) {
		long pid = strtol(entry->d_name, NULL, 10);

		if (pid > 0 && pid != leader)
			was_any = kill_if_in(leader, (pid_t)pid) || was_any;
	}
	return was_any;
}

void remains_kill_session(pid_t leader)
{
	DIR *processes = opendir("/proc");

	for (unsigned i = 0; processes != NULL && i < ROUNDS; i++)
		if (!kill_all(processes, leader))
			break;
	if (processes != NULL)
		(void)closedir(processes);
}
