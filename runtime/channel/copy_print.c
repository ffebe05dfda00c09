/* copy_print: a copy of one file that is written to a descriptor and not put in place. What has
 * been written stays written: whether it was right is known at its end. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/channel/copy_receive_inside.h"

#define OUTPUT   "the output"
#define PATIENCE 100  /* milliseconds until it is asked again whether to stop */
#define AT_ONCE  4096 /* a pipe that takes anything takes that much without waiting */

int copy_print_begin(struct receiver *receiver)
{
	if (receiver->member.name[0] != '\0' || receiver->has_target)
		return copy_print_refuse(receiver);
	receiver->has_target = true;
	receiver->done = 0;
	copy_receive_progress(receiver);
	return copy_digest_begin(&receiver->digest, &receiver->fault);
}

int copy_print_refuse(struct receiver *receiver)
{
	return fault_set(&receiver->fault, "request",
		"only one file can be written to an output, and the source is none");
}

/* Whoever reads it may take as long as he likes, and the copy be stopped meanwhile. */
static int wait_for_room(struct receiver *receiver)
{
	struct pollfd output = {.fd = receiver->options->output, .events = POLLOUT};

	do {
		if (copy_go_on(&receiver->options->watch, &receiver->fault) < 0)
			return -1;
	} while (poll(&output, 1, PATIENCE) == 0);
	return 0;
}

static size_t most_at_once(int output, size_t size)
{
	struct stat status;

	if (size <= AT_ONCE || (fstat(output, &status) == 0 && S_ISREG(status.st_mode)))
		return size;
	return AT_ONCE;
}

int copy_print(struct receiver *receiver, const uint8_t *bytes, size_t size)
{
	int output = receiver->options->output;

	while (size > 0) {
		ssize_t n;

		if (wait_for_room(receiver) < 0)
			return -1;
		n = write(output, bytes, most_at_once(output, size));
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return path_fault(
				&receiver->fault, errno, "write to", OUTPUT, strlen(OUTPUT));
		bytes += n > 0 ? n : 0;
		size -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}
