/* probe: what the end-to-end tests run inside of an enclave.
 *
 * probe             asks the kernel what it can do, and prints a word for each thing that is there:
 *                   tests/e2e/kernel.py compares them with what spec/kernel.md promises
 * probe flood PORT  begins as many connections to a port of the parent as it can, and keeps them;
 *                   prints how many, and stays until its input ends
 * probe deaf PORT   takes connections at a port and never reads from them
 * probe fill PORT   connects to a port of CID 2 and writes until nobody takes any more
 * probe sink PORT   takes connections at a port, one after the other; of each it reads as many
 *                   bytes as the first eight promise, answers with one, and again
 * probe source PORT the same the other way: it sends as many bytes as eight ask for, and again
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/io.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LANDLOCK_VERSION 1u
#define PATIENCE         60000 /* ms */
#define FLOOD            6000u /* more than vsockd has room for */

static void tell(const char *word, bool is_there)
{
	if (is_there)
		printf("%s\n", word);
}

/* A system call with arguments that can't be right: whether the kernel knows it at all. */
static void call(const char *word, long number)
{
	tell(word, syscall(number, -1L, 0L, -1L, -1L, -1L, -1L) >= 0 || errno != ENOSYS);
}

/* Asks nf_tables for its generation, which it answers to root. */
static bool has_nf_tables(void)
{
	struct {
		struct nlmsghdr head;
		struct nfgenmsg body;
	} ask = {.head = {.nlmsg_len = sizeof ask,
			 .nlmsg_type = (NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_GETGEN,
			 .nlmsg_flags = NLM_F_REQUEST}};
	struct nlmsghdr answer[64];
	int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	ssize_t size;

	if (netlink < 0)
		return false;
	size = send(netlink, &ask, sizeof ask, 0) < 0 ? -1
						      : recv(netlink, answer, sizeof answer, 0);
	close(netlink);
	return size >= (ssize_t)sizeof *answer &&
	       answer->nlmsg_type == ((NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_NEWGEN);
}

/* A byte through vsock's loopback, CID 1. */
static bool has_vsock_loopback(void)
{
	struct sockaddr_vm name = {
		.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY, .svm_port = VMADDR_PORT_ANY};
	socklen_t size = sizeof name;
	int listener = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int caller = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0), taken = -1;
	char byte = 'v';
	bool came;

	came = listener >= 0 && caller >= 0 &&
	       bind(listener, (struct sockaddr *)(void *)&name, sizeof name) == 0 &&
	       listen(listener, 1) == 0 &&
	       getsockname(listener, (struct sockaddr *)(void *)&name, &size) == 0;
	name.svm_cid = VMADDR_CID_LOCAL;
	came = came && connect(caller, (struct sockaddr *)(void *)&name, sizeof name) == 0;
	if (came)
		taken = accept(listener, NULL, NULL);
	if (came && taken >= 0) {
		struct pollfd polled = {.fd = taken, .events = POLLIN};

		came = write(caller, &byte, 1) == 1 && poll(&polled, 1, PATIENCE) == 1 &&
		       read(taken, &byte, 1) == 1 && byte == 'v';
	}
	return came && taken >= 0;
}

static struct sockaddr_vm name_of(unsigned cid, const char *port)
{
	return (struct sockaddr_vm){.svm_family = AF_VSOCK,
		.svm_cid = cid,
		.svm_port = (unsigned)strtoul(port, NULL, 10)};
}

static void raise_limit(void)
{
	const struct rlimit limit = {FLOOD + 64, FLOOD + 64};

	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static int flood(const char *port)
{
	const struct sockaddr_vm name = name_of(VMADDR_CID_HOST + 1, port);
	unsigned begun = 0;
	char byte;

	raise_limit();
	for (; begun < FLOOD; begun++) {
		int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_NONBLOCK, 0);

		if (fd < 0 || (connect(fd, (const void *)&name, sizeof name) != 0 &&
				      errno != EINPROGRESS))
			break;
	}
	printf("%u\n", begun);
	(void)fflush(stdout);
	while (read(0, &byte, 1) > 0)
		;
	return 0;
}

static int listen_at(const char *port)
{
	const struct sockaddr_vm name = name_of(VMADDR_CID_ANY, port);
	int listener = socket(AF_VSOCK, SOCK_STREAM, 0);

	raise_limit();
	if (listener < 0 || bind(listener, (const void *)&name, sizeof name) != 0 ||
		listen(listener, 128) != 0)
		return -1;
	printf("listening\n");
	(void)fflush(stdout);
	return listener;
}

static int deaf(const char *port)
{
	int listener = listen_at(port);

	while (accept(listener, NULL, NULL) >= 0)
		;
	return 1;
}

static char block[1 << 18];

static int fill(const char *port)
{
	const struct sockaddr_vm name = name_of(VMADDR_CID_HOST, port);
	int fd = socket(AF_VSOCK, SOCK_STREAM, 0);

	if (fd < 0 || connect(fd, (const void *)&name, sizeof name) != 0)
		return 1;
	while (send(fd, block, sizeof block, MSG_NOSIGNAL) > 0)
		;
	return 0;
}

static int sink(const char *port)
{
	int listener = listen_at(port), fd;

	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		uint64_t left = 0;
		ssize_t got = 1;

		while (got > 0 && recv(fd, &left, sizeof left, MSG_WAITALL) == sizeof left) {
			for (; left > 0 && got > 0; left -= got > 0 ? (uint64_t)got : 0)
				got = recv(fd, block,
					left < sizeof block ? (size_t)left : sizeof block, 0);
			got = send(fd, block, 1, MSG_NOSIGNAL);
		}
		close(fd);
	}
	return 1;
}

/* vhost-device-vsock 0.3.0 reads no packet whose payload lies in more than one part. */
#define PIECE 16384u

static int source(const char *port)
{
	int listener = listen_at(port), fd;

	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		uint64_t left = 0;
		ssize_t put = 1;

		while (put > 0 && recv(fd, &left, sizeof left, MSG_WAITALL) == sizeof left)
			for (; left > 0 && put > 0; left -= put > 0 ? (uint64_t)put : 0)
				put = send(fd, block, left < PIECE ? (size_t)left : PIECE,
					MSG_NOSIGNAL);
		close(fd);
	}
	return 1;
}

int main(int count, char **arguments)
{
	static const struct {
		const char *name;
		int (*run)(const char *port);
	} verbs[] = {{"flood", flood}, {"deaf", deaf}, {"fill", fill}, {"sink", sink},
		{"source", source}};

	for (size_t i = 0; i < sizeof verbs / sizeof *verbs && count == 3; i++)
		if (strcmp(arguments[1], verbs[i].name) == 0)
			return verbs[i].run(arguments[2]);
	tell("nf_tables", has_nf_tables());
	tell("vsock_loopback", has_vsock_loopback());
	tell("fanotify_access", fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY) >= 0);
	tell("inotify", inotify_init1(IN_CLOEXEC) >= 0);
	tell("landlock", syscall(SYS_landlock_create_ruleset, NULL, 0L, LANDLOCK_VERSION) > 0);
	tell("port_access", iopl(3) == 0);
	call("io_uring", SYS_io_uring_setup);
	call("bpf", SYS_bpf);
	call("kexec", SYS_kexec_load);
	call("kexec_file", SYS_kexec_file_load);
	call("userfaultfd", SYS_userfaultfd);
	call("modules", SYS_finit_module);
	call("modify_ldt", SYS_modify_ldt);
	return 0;
}
