/* passing: see passing.h. */
#include "runtime/net/passing.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/net/socket.h"

/* A message of the kernel's has no more: all that come are seen, and closed if they must be. */
#define KERNEL_MAX 253

/* Room for one control message, aligned as the kernel wants it. */
union control {
	struct cmsghdr head;
	unsigned char room[CMSG_SPACE(KERNEL_MAX * sizeof(int))];
};

int passing_pair(int ends[2], struct fault *fault)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0)
		return 0;
	return socket_fault(fault, errno, "socketpair");
}

static int check_socket(int fd, struct fault *fault)
{
	int type = 0;
	socklen_t size = sizeof type;

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0)
		return socket_fault(fault, errno, "cannot pass descriptors");
	if (type == SOCK_SEQPACKET)
		return 0;
	return fault_set(fault, "socket",
		"descriptors are passed over Unix sockets of the type SOCK_SEQPACKET");
}

static enum stream_result try_again_or_fail(struct fault *fault, const char *what)
{
	if (errno == EAGAIN)
		return STREAM_AGAIN;
	socket_fault(fault, errno, "%s", what);
	return STREAM_FAILED;
}

enum stream_result passing_send(int fd, const struct passing *passing, struct fault *fault)
{
	size_t bytes = passing->count * sizeof(int);
	struct iovec part = {(void *)passing->message, passing->size};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	union control control;
	ssize_t put;

	if (check_socket(fd, fault) != 0)
		return STREAM_FAILED;
	if (passing->size == 0 || passing->size > PASSING_MESSAGE_MAX ||
		passing->count > PASSING_DESCRIPTORS_MAX) {
		fault_set(fault, "size", "a message has 1 to %u bytes and at most %u descriptors",
			PASSING_MESSAGE_MAX, PASSING_DESCRIPTORS_MAX);
		return STREAM_FAILED;
	}
	memset(&control, 0, sizeof control);
	if (passing->count > 0) {
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(bytes);
		memcpy(CMSG_DATA(&control.head), passing->descriptors, bytes);
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(bytes);
	}
	do {
		put = sendmsg(fd, &message, MSG_NOSIGNAL);
	} while (put < 0 && errno == EINTR);
	return put >= 0 ? STREAM_DONE : try_again_or_fail(fault, "cannot pass descriptors");
}

/* Takes descriptors out of a control message; those for which there is no room are closed. Returns
 * how many there were. */
static unsigned take(const struct cmsghdr *head, struct passing *passing, unsigned most)
{
	unsigned found = (unsigned)((head->cmsg_len - CMSG_LEN(0)) / sizeof(int));

	for (unsigned i = 0; i < found; i++) {
		int descriptor;

		memcpy(&descriptor, CMSG_DATA(head) + i * sizeof descriptor, sizeof descriptor);
		if (passing->count < most)
			passing->descriptors[passing->count++] = descriptor;
		else
			close(descriptor);
	}
	return found;
}

static enum stream_result refuse(
	struct passing *passing, struct fault *fault, const char *word, const char *reason)
{
	for (unsigned i = 0; i < passing->count; i++)
		close(passing->descriptors[i]);
	passing->count = 0;
	fault_set(fault, word, "a message with descriptors is refused: %s", reason);
	return STREAM_FAILED;
}

enum stream_result passing_receive(
	int fd, unsigned most, struct passing *passing, struct fault *fault)
{
	struct iovec part = {passing->message, sizeof passing->message};
	union control control;
	struct msghdr message = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof control};
	unsigned found = 0;
	ssize_t got;

	passing->count = 0;
	passing->size = 0;
	if (check_socket(fd, fault) != 0)
		return STREAM_FAILED;
	do {
		got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return try_again_or_fail(fault, "cannot receive descriptors");
	most = most < PASSING_DESCRIPTORS_MAX ? most : PASSING_DESCRIPTORS_MAX;
	for (struct cmsghdr *head = CMSG_FIRSTHDR(&message); head != NULL;
		head = CMSG_NXTHDR(&message, head))
		if (head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS)
			found += take(head, passing, most);
	if (found > most)
		return refuse(passing, fault, "size", "it has more descriptors than are expected");
	if ((message.msg_flags & MSG_CTRUNC) != 0)
		return refuse(passing, fault, "limit", "this process cannot open all of them");
	if ((message.msg_flags & MSG_TRUNC) != 0)
		return refuse(passing, fault, "size", "it has too many bytes");
	if (got == 0 && found > 0)
		return refuse(passing, fault, "size", "it has no bytes");
	passing->size = (size_t)got;
	return got > 0 ? STREAM_DONE : STREAM_END;
}
