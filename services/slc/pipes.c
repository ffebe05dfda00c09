/* pipes: see pipes.h. */
#include "services/slc/pipes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/net/passing.h"

static int refuse(struct fault *fault, const char *what)
{
	return fault_set(fault, "limit", "there is no %s for it: %s", what, strerror(errno));
}

void pipes_close(int *descriptors)
{
	for (unsigned i = 0; i < PACKET_PIPES_COUNT; i++) {
		if (descriptors[i] >= 0)
			close(descriptors[i]);
		descriptors[i] = -1;
	}
}

/* A pipe, or for a copy two sockets: what they hold is moved at less cost than a pipe's pages. */
static int make_pipe(int *ends, int bulk)
{
	if (bulk == 0)
		return pipe2(ends, O_CLOEXEC);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return -1;
	for (unsigned i = 0; i < 2; i++)
		(void)setsockopt(ends[i], SOL_SOCKET, SO_SNDBUF, &bulk, sizeof bulk);
	return 0;
}

/* From the first on. */
static int make_pipes(
	int *ours, int *theirs, unsigned first, const struct pipes_wish *wish, struct fault *fault)
{
	for (unsigned i = first; i < PACKET_PIPES_COUNT; i++) {
		int ends[2];

		if (i == 2 && wish->passes) {
			if (passing_pair(ends, fault) != 0)
				return -1;
		} else if (make_pipe(ends, i < 2 ? wish->bulk : 0) != 0) {
			return refuse(fault, "pipe");
		}
		ours[i] = i == 0 ? ends[1] : ends[0];
		theirs[i] = i == 0 ? ends[0] : ends[1];
	}
	return 0;
}

/* Our two are one end of the terminal, theirs the other one; the third of ours ends at once. */
static int make_terminal(int *ours, int *theirs, const struct pipes_wish *wish, struct fault *fault)
{
	const struct pipes_terminal *terminal = wish->terminal;
	const struct winsize size = {.ws_row = terminal->rows,
		.ws_col = terminal->columns,
		.ws_xpixel = terminal->width,
		.ws_ypixel = terminal->height};

	ours[0] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (ours[0] < 0 || unlockpt(ours[0]) != 0)
		return refuse(fault, "terminal");
	theirs[0] = ioctl(ours[0], TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (theirs[0] < 0)
		return refuse(fault, "terminal");
	(void)ioctl(ours[0], TIOCSWINSZ, &size);
	(void)!fchown(theirs[0], terminal->owner, (gid_t)-1); /* so that he may open it by name */
	ours[1] = fcntl(ours[0], F_DUPFD_CLOEXEC, 0);
	theirs[1] = fcntl(theirs[0], F_DUPFD_CLOEXEC, 0);
	if (ours[1] < 0 || theirs[1] < 0 || make_pipes(ours, theirs, 2, wish, fault) != 0)
		return refuse(fault, "descriptor");
	close(theirs[2]);
	theirs[2] = fcntl(theirs[0], F_DUPFD_CLOEXEC, 0);
	return theirs[2] >= 0 ? 0 : refuse(fault, "descriptor");
}

int pipes_make(int *ours, int *theirs, const struct pipes_wish *wish, struct fault *fault)
{
	for (unsigned i = 0; i < PACKET_PIPES_COUNT; i++)
		ours[i] = theirs[i] = -1;
	if (wish->terminal != NULL ? make_terminal(ours, theirs, wish, fault) != 0
				   : make_pipes(ours, theirs, 0, wish, fault) != 0)
		return -1;
	for (unsigned i = 0; i < PACKET_PIPES_COUNT; i++)
		if (fcntl(ours[i], F_SETFL, O_NONBLOCK) != 0)
			return fault_io(fault, errno, "fcntl");
	return 0;
}
