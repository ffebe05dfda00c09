/* namespaces: a sandbox's own namespaces, and who its users are outside.
 *
 * Ids are mapped from outside, so a process is forked before: the mapper. What it can get depends
 * on who we are: root takes a range of 65,536 ids that nobody has, by CID; others get theirs of
 * /etc/subuid by newuidmap; and who has none is alone in the sandbox, as its root.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/enclave/keeper.h"

#define IDS      65536u
#define FIRST_ID 0x70000000u /* above what systemd gives to containers */
#define RANGES   16384u
#define TEXT_MAX 128
#define OTHERS                                                                                     \
	(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP)

/* What the mapper came to. */
enum mapped { MAPPED_RANGE = 1, MAPPED_SUBORDINATE, MAPPED_ONE, MAPPED_NOT };

struct mapper {
	const struct keeper *keeper;
	pid_t keeper_pid;
	int go, done; /* pipes: the namespace is there; the ids are mapped */
};

/* --- In the mapper ---------------------------------------------------------------------------- */

static int put(pid_t pid, const char *file, const char *text)
{
	char path[TEXT_MAX];
	size_t size = strlen(text);
	int fd, status;

	(void)snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	status = write(fd, text, size) == (ssize_t)size ? 0 : -1;
	close(fd);
	return status;
}

static int map(pid_t pid, uint32_t user, uint32_t group, uint32_t count)
{
	char text[TEXT_MAX];

	(void)snprintf(text, sizeof text, "0 %u %u", user, count);
	if (put(pid, "uid_map", text) < 0)
		return -1;
	(void)snprintf(text, sizeof text, "0 %u %u", group, count);
	return put(pid, "gid_map", text);
}

/* The sandbox's root must own the folder of its sockets, and be let in by its NSM. */
static int give(const struct keeper *keeper, uint32_t id)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof path, "%s/vsock/%u", keeper->folder, keeper->cid);
	if (chown(path, id, id) < 0)
		return -1;
	return keeper->nsm == NULL ? 0 : chown(keeper->nsm, id, id);
}

/* The first range of a user in /etc/subuid or /etc/subgid, whose lines are USER:FIRST:COUNT. */
static int find_range(const char *file, const char *user, uint32_t *first, uint32_t *count)
{
	FILE *stream = fopen(file, "re");
	char *line = NULL;
	size_t room = 0;
	int found = -1;

	while (stream != NULL && found < 0 && getline(&line, &room, stream) > 0) {
		char *rest = NULL;
		const char *name = strtok_r(line, ":", &rest);
		const char *begin = strtok_r(NULL, ":", &rest);
		const char *size = strtok_r(NULL, ":\n", &rest);

		if (size == NULL || strcmp(name, user) != 0)
			continue;
		*first = (uint32_t)strtoul(begin, NULL, 10);
		*count = (uint32_t)strtoul(size, NULL, 10);
		found = 0;
	}
	free(line);
	if (stream != NULL)
		(void)fclose(stream);
	return found;
}

static int run_helper(const char *helper, pid_t pid, uint32_t own, const char *file)
{
	const struct passwd *user = getpwuid(geteuid());
	uint32_t first, count;
	char texts[4][TEXT_MAX];
	int status;
	pid_t child;

	if (user == NULL || find_range(file, user->pw_name, &first, &count) < 0)
		return -1;
	(void)snprintf(texts[0], TEXT_MAX, "%d", (int)pid);
	(void)snprintf(texts[1], TEXT_MAX, "%u", own);
	(void)snprintf(texts[2], TEXT_MAX, "%u", first);
	(void)snprintf(texts[3], TEXT_MAX, "%u", count < IDS ? count : IDS - 1u);
	child = fork();
	if (child == 0) {
		execlp(helper, helper, texts[0], "0", texts[1], "1", "1", texts[2], texts[3], NULL);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return -1;
	return status == 0 ? 0 : -1;
}

static enum mapped map_ids(const struct mapper *mapper)
{
	uint32_t first = FIRST_ID + mapper->keeper->cid % RANGES * IDS;
	pid_t pid = mapper->keeper_pid;

	if (geteuid() == 0 && map(pid, first, first, IDS) == 0 && give(mapper->keeper, first) == 0)
		return MAPPED_RANGE;
	if (geteuid() != 0 && run_helper("newuidmap", pid, geteuid(), "/etc/subuid") == 0 &&
		run_helper("newgidmap", pid, getegid(), "/etc/subgid") == 0)
		return MAPPED_SUBORDINATE;
	(void)put(pid, "setgroups", "deny");
	return map(pid, geteuid(), getegid(), 1) == 0 ? MAPPED_ONE : MAPPED_NOT;
}

static int run_mapper(const struct mapper *mapper)
{
	char byte;
	enum mapped mapped;

	if (read(mapper->go, &byte, 1) != 1)
		return 1;
	mapped = map_ids(mapper);
	byte = (char)mapped;
	return write(mapper->done, &byte, 1) == 1 ? 0 : 1;
}

/* --- In the keeper ---------------------------------------------------------------------------- */

static int hide_mounts(struct fault *fault)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return fault_io(fault, errno, "cannot keep the sandbox's mounts to itself");
	return 0;
}

static int become_root(enum mapped mapped, struct fault *fault)
{
	if (mapped == MAPPED_ONE)
		keeper_note("the sandbox has one user and one group, its root: files of others "
			    "become root's, and programs can't change to another user; install "
			    "uidmap and give this user ids in /etc/subuid and /etc/subgid");
	if (setresgid(0, 0, 0) < 0 || (mapped != MAPPED_ONE && setgroups(0, NULL) < 0) ||
		setresuid(0, 0, 0) < 0)
		return fault_io(fault, errno, "cannot become the sandbox's root");
	return 0;
}

static int enter_user(int go, int done, struct fault *fault)
{
	char byte = 0;

	if (unshare(CLONE_NEWUSER) < 0)
		return fault_set(fault, "denied",
			"cannot make a user namespace: %s; a sandbox needs them, see "
			"sysctl user.max_user_namespaces and kernel.unprivileged_userns_clone",
			strerror(errno));
	if (write(go, "", 1) != 1 || read(done, &byte, 1) != 1 || byte == MAPPED_NOT)
		return fault_set(fault, "denied", "cannot map any user into the sandbox");
	return become_root((enum mapped)byte, fault);
}

static int enter_mapped(const struct keeper *keeper, struct fault *fault)
{
	struct mapper mapper = {.keeper = keeper, .keeper_pid = getpid()};
	int go[2], done[2], status;
	pid_t pid;

	if (pipe2(go, O_CLOEXEC) < 0 || pipe2(done, O_CLOEXEC) < 0)
		return fault_io(fault, errno, "cannot make a pipe");
	mapper.go = go[0];
	mapper.done = done[1];
	pid = fork();
	if (pid < 0)
		return fault_io(fault, errno, "cannot start the process that maps ids");
	if (pid == 0) {
		close(go[1]);
		close(done[0]);
		_exit(run_mapper(&mapper));
	}
	close(go[0]);
	close(done[1]);
	status = enter_user(go[1], done[0], fault);
	close(go[1]);
	close(done[0]);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return status;
}

int namespaces_enter(const struct keeper *keeper, struct sources *sources, struct fault *fault)
{
	/* Root takes its sources while it is still root; others may do so only inside. */
	bool early = geteuid() == 0 && unshare(CLONE_NEWNS) == 0;

	if (early && (hide_mounts(fault) < 0 || sources_open(sources, keeper, fault) < 0))
		return -1;
	if (enter_mapped(keeper, fault) < 0)
		return -1;
	if (unshare(OTHERS) < 0)
		return fault_io(fault, errno, "cannot make the sandbox's namespaces");
	if (hide_mounts(fault) < 0)
		return -1;
	return early ? 0 : sources_open(sources, keeper, fault);
}
