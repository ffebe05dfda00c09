/* client: see client.h. */
#include "host/enclave/client.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "runtime/net/connect.h"

#define CONNECT_SECONDS 5u
#define WAIT_MOST       (60u * CLOCK_SECOND) /* of one poll */

struct attempt {
	struct connector connector;
	int fd;
	struct fault *fault;
};

static void done(struct connector *connector, int fd, const struct fault *fault)
{
	struct attempt *attempt = (struct attempt *)(void *)connector;

	attempt->fd = fd;
	if (fd < 0)
		*attempt->fault = *fault;
}

int client_open(const char *folder, char request, struct fault *fault)
{
	struct attempt attempt = {.connector.done = done, .fd = -1, .fault = fault};
	struct address address = {.kind = ADDRESS_UNIX};
	struct loop *loop;

	(void)snprintf(address.text, sizeof address.text, "%s/control", folder);
	if (loop_open(&loop, &clock_system, fault) < 0)
		return -1;
	if (connect_start(&attempt.connector, loop, &address, NULL, CONNECT_SECONDS * CLOCK_SECOND,
		    fault) == 0)
		(void)loop_run(loop, fault);
	loop_close(loop);
	if (attempt.fd >= 0 && send(attempt.fd, &request, 1, MSG_NOSIGNAL) != 1) {
		(void)fault_io(fault, errno, "cannot ask the enclave's supervisor");
		close(attempt.fd);
		return -1;
	}
	return attempt.fd;
}

/* Milliseconds for poll, rounded up. */
static int time_left(uint64_t until)
{
	struct timespec now;
	uint64_t at;

	if (until == UINT64_MAX)
		return -1;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	at = (uint64_t)now.tv_sec * CLOCK_SECOND + (uint64_t)now.tv_nsec;
	if (at >= until)
		return 0;
	return until - at > WAIT_MOST ? (int)(WAIT_MOST / CLOCK_MILLISECOND)
				      : (int)((until - at) / CLOCK_MILLISECOND) + 1;
}

static int read_byte(int fd, uint64_t until, char *byte, struct fault *fault)
{
	struct pollfd polled = {.fd = fd, .events = POLLIN};

	for (;;) {
		ssize_t got = recv(fd, byte, 1, MSG_DONTWAIT);
		int left = time_left(until);

		if (got >= 0)
			return (int)got;
		if (errno == ECONNRESET)
			return 0;
		if (errno != EAGAIN && errno != EINTR)
			return fault_io(fault, errno, "cannot hear the enclave's supervisor");
		if (left == 0)
			return fault_set(fault, "late", "the time is up");
		(void)poll(&polled, 1, left);
	}
}

int client_line_until(int fd, uint64_t until, json_t **json, struct fault *fault)
{
	char line[CLIENT_LINE_MAX];
	size_t size = 0;
	int got;

	while ((got = read_byte(fd, until, line + size, fault)) == 1 && line[size] != '\n')
		if (++size == sizeof line)
			return fault_set(fault, "io", "the enclave's supervisor says too much");
	if (got < 1)
		return got;
	*json = json_loadb(line, size, 0, NULL);
	return *json != NULL ? 1 : fault_set(fault, "io", "the supervisor says what is no JSON");
}

int client_line(int fd, json_t **json, struct fault *fault)
{
	return client_line_until(fd, UINT64_MAX, json, fault);
}

const char *client_event(const json_t *json)
{
	const char *event = json_string_value(json_object_get(json, "event"));

	return event != NULL ? event : "";
}

int client_failed(const json_t *json, struct fault *fault)
{
	const char *word = json_string_value(json_object_get(json, "reason"));
	const char *text = json_string_value(json_object_get(json, "text"));
	const char *console = json_string_value(json_object_get(json, "console"));

	if (console != NULL && *console != '\0') {
		fputs("the console's last lines:\n", stderr);
		for (; *console != '\0'; console++) {
			char one[] = {*console, '\0'};

			if (*console == '\n')
				fputc('\n', stderr);
			else
				print_escaped(stderr, one);
		}
		fputc('\n', stderr);
	}
	return fault_set(fault, word != NULL ? word : "start", "%s",
		text != NULL ? text : "the enclave has failed");
}

static int pass(int from, int to, struct fault *fault)
{
	char bytes[4096];
	ssize_t got = read(from, bytes, sizeof bytes), put = 0, done;

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 1;
	for (done = 0; done < got; done += put) {
		put = write(to, bytes + done, (size_t)(got - done));
		if (put < 0 && errno == EAGAIN) {
			struct pollfd polled = {.fd = to, .events = POLLOUT};

			(void)poll(&polled, 1, -1);
			put = 0;
		} else if (put < 0) {
			return fault_io(fault, errno, "cannot pass the console on");
		}
	}
	return got > 0;
}

int client_console(int fd, struct fault *fault)
{
	struct pollfd polled[] = {{.fd = fd, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
	int status = 1;

	while (status == 1) {
		if (poll(polled, 2, -1) < 0)
			continue;
		if (polled[1].revents != 0 && pass(0, fd, fault) <= 0)
			polled[1].fd = -1;
		if (polled[0].revents != 0)
			status = pass(fd, 1, fault);
	}
	return status;
}
