/* enclave_init: an /init for tests of the launcher, static and alone. The file /mode holds words
 * that say what it does, in their order; then it waits for SIGTERM and says farewell.
 *   silent      no heartbeat, no lines
 *   unready     a heartbeat and no more
 *   exit        ends at once, with 3
 *   fail        says farewell 125
 *   deaf        ignores SIGTERM
 *   shout       writes 300,000 bytes to the console
 *   fill        writes to the file /full until the root is full, and says so
 *   forge       says what is no line, and half a heartbeat
 *   tree        prints every name of its root's own file system
 *   trash       leaves files and a deep tree in the folder of its sockets
 *   facts       prints what it is and what it sees */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *sockets;

static int dial(unsigned port)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(name.sun_path, sizeof name.sun_path, "%s/3/%u", sockets, port);
	if (fd < 0 || connect(fd, (struct sockaddr *)&name, sizeof name) < 0) {
		printf("cannot dial %u: %s\n", port, strerror(errno));
		return -1;
	}
	return fd;
}

static void beat(void)
{
	unsigned char byte = 0xb7, answer = 0;
	int fd = dial(9000);

	if (fd < 0 || write(fd, &byte, 1) != 1 || read(fd, &answer, 1) != 1 || answer != 0xb7)
		puts("no answer to the heartbeat");
	close(fd);
}

/* Taken when the host has closed. */
static void say(const char *line)
{
	int fd = dial(9002);
	char byte;

	if (fd < 0)
		return;
	if (write(fd, line, strlen(line)) < 0)
		puts("cannot say a line");
	shutdown(fd, SHUT_WR);
	while (read(fd, &byte, 1) > 0)
		;
	close(fd);
}

static void walk(const char *path, dev_t device)
{
	DIR *stream = opendir(*path == '\0' ? "/" : path);
	struct dirent *entry;

	while (stream != NULL && (entry = readdir(stream)) != NULL) {
		char name[8192];
		struct stat found;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
		if (lstat(name, &found) < 0)
			continue;
		printf("tree %s %o %u:%u %lld\n", name, found.st_mode, found.st_uid, found.st_gid,
			S_ISREG(found.st_mode) ? (long long)found.st_size : 0);
		if (S_ISDIR(found.st_mode) && found.st_dev == device)
			walk(name, device);
	}
	if (stream != NULL)
		closedir(stream);
}

static void print_file(const char *label, const char *path)
{
	char line[512];
	FILE *file = fopen(path, "r");

	while (file != NULL && fgets(line, sizeof line, file) != NULL)
		printf("%s %s", label, line);
	if (file != NULL)
		fclose(file);
}

static void print_link(const char *what)
{
	char path[64], target[128] = {0};

	snprintf(path, sizeof path, "/tmp.proc/self/ns/%s", what);
	if (readlink(path, target, sizeof target - 1) > 0)
		printf("namespace %s\n", target);
}

static void facts(void)
{
	static const char *const kinds[] = {"user", "pid", "mnt", "net", "uts", "ipc", "cgroup"};
	char host[128] = {0};

	gethostname(host, sizeof host - 1);
	printf("pid %d uid %u host %s\n", (int)getpid(), getuid(), host);
	printf("vsock %s\n", socket(40, SOCK_STREAM, 0) < 0 ? strerror(errno) : "open");
	mkdir("/tmp.proc", 0700);
	if (mount("proc", "/tmp.proc", "proc", 0, NULL) < 0)
		printf("no proc: %s\n", strerror(errno));
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		print_link(kinds[i]);
	print_file("mount", "/tmp.proc/self/mounts");
	print_file("net", "/tmp.proc/net/dev");
	umount("/tmp.proc");
	rmdir("/tmp.proc");
	printf("null %s\n", open("/dev/null", O_RDWR) < 0 ? strerror(errno) : "opens");
}

static void fill(void)
{
	static const char block[65536];
	int fd = open("/full", O_WRONLY | O_CREAT, 0600);
	long long size = 0;
	ssize_t put;

	while ((put = write(fd, block, sizeof block)) > 0)
		size += put;
	printf("full after %lld: %s\n", size, strerror(errno));
}

static void trash(void)
{
	char path[256];
	int fd;

	snprintf(path, sizeof path, "%s/any/file", sockets);
	fd = open(path, O_WRONLY | O_CREAT, 0);
	if (fd < 0 || write(fd, path, sizeof path) < 0)
		printf("cannot trash: %s\n", strerror(errno));
	snprintf(path, sizeof path, "%s/any", sockets);
	if (chdir(path) < 0)
		puts("cannot go there");
	for (int i = 0; i < 3000; i++)
		if (mkdir("deep", 0700) < 0 || symlink("/", "link") < 0 || chdir("deep") < 0)
			printf("cannot trash %d: %s\n", i, strerror(errno));
	if (chdir("/") < 0)
		puts("cannot go back");
	puts("trash ends");
}

static void forge(void)
{
	int fd = dial(9000);

	if (write(fd, "x", 1) < 0)
		puts("cannot forge");
	say("ready -1\n");
	say("ready");
}

static void await_end(void)
{
	sigset_t set;
	int number;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigwait(&set, &number);
	say("farewell 0 poweroff\n");
	reboot(RB_POWER_OFF);
	_exit(0);
}

static void act(const char *word)
{
	if (strcmp(word, "exit") == 0)
		_exit(3);
	if (strcmp(word, "fail") == 0) {
		say("farewell 125 reboot\n");
		_exit(0);
	}
	if (strcmp(word, "shout") == 0)
		for (int i = 0; i < 30000; i++)
			printf("%09d\n", i);
	if (strcmp(word, "fill") == 0)
		fill();
	if (strcmp(word, "trash") == 0)
		trash();
	if (strcmp(word, "forge") == 0)
		forge();
	if (strcmp(word, "tree") == 0) {
		struct stat root;

		stat("/", &root);
		walk("", root.st_dev);
		puts("tree ends");
	}
	if (strcmp(word, "facts") == 0)
		facts();
}

int main(void)
{
	char mode[256] = {0}, *word, *left = NULL;
	FILE *file = fopen("/mode", "r");
	int deaf = 0, silent = 0, unready = 0;
	sigset_t set;

	setvbuf(stdout, NULL, _IOLBF, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sockets = getenv("CLOISTER_VSOCK_DIR");
	if (file != NULL && fgets(mode, sizeof mode, file) == NULL)
		mode[0] = '\0';
	if (file != NULL)
		fclose(file);
	puts("init begins");
	for (word = strtok_r(mode, " \n", &left); word != NULL;
		word = strtok_r(NULL, " \n", &left)) {
		deaf |= strcmp(word, "deaf") == 0;
		silent |= strcmp(word, "silent") == 0;
		unready |= strcmp(word, "unready") == 0;
		act(word);
	}
	if (!silent)
		beat();
	if (!silent && !unready)
		say("ready 1\n");
	puts("init waits");
	while (deaf)
		pause();
	await_end();
	return 0;
}
