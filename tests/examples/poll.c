/* poll: a session whose bytes this program moves itself, with poll(2), while three commands run at
 * once: how libcloister goes into a program that has an event loop already.
 *
 *   cc poll.c $(pkg-config --cflags --libs cloister) -o poll
 *   ./poll SOCKET ROOT.PEM COMMAND        SOCKET: the path of a Unix socket
 */
#include <cloister.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define COMMANDS 3

static int pass_on(void *data, int stream, const void *bytes, size_t size)
{
	(void)data;
	return fwrite(bytes, 1, size, stream == 1 ? stdout : stderr) != size;
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
		fcntl(fd, F_SETFL, O_NONBLOCK) == 0)
		return fd;
	perror(path);
	return -1;
}

/* --- The bytes -------------------------------------------------------------------------------- */

static void write_what_waits(struct cloister *session, int fd)
{
	const void *bytes;
	size_t size;

	while ((size = cloister_output(session, &bytes)) > 0) {
		ssize_t put = send(fd, bytes, size, MSG_NOSIGNAL);

		if (put < 0)
			return; /* it is full; or it has failed, and reading tells */
		cloister_written(session, (size_t)put);
	}
	if (cloister_output_ends(session))
		(void)shutdown(fd, SHUT_WR);
}

/* What does not fit in stays in the socket. */
static void read_what_came(struct cloister *session, int fd)
{
	char bytes[16384];
	ssize_t got = recv(fd, bytes, sizeof bytes, MSG_PEEK);

	if (got > 0)
		(void)recv(fd, bytes, cloister_feed(session, bytes, (size_t)got), 0);
	else if (got == 0 || (errno != EAGAIN && errno != EINTR))
		cloister_feed_end(session);
}

static int turn(struct cloister *session, int fd, struct cloister_error *error)
{
	const void *bytes;
	struct pollfd wanted = {.fd = fd, .events = POLLIN};

	write_what_waits(session, fd);
	if (cloister_output(session, &bytes) > 0)
		wanted.events |= POLLOUT;
	if (poll(&wanted, 1, cloister_wait(session)) > 0)
		read_what_came(session, fd);
	return cloister_step(session, 0, error);
}

/* --- The work --------------------------------------------------------------------------------- */

static int run(struct cloister *session, int fd, const char *text, struct cloister_error *error)
{
	const char *const words[] = {"sh", "-c", text, NULL};
	struct cloister_command *commands[COMMANDS];
	int status = 0, failed = 0;

	while (cloister_state(session) != CLOISTER_OPEN)
		if (turn(session, fd, error) != 0)
			return -1;
	for (int i = 0; i < COMMANDS; i++) {
		commands[i] = cloister_command_new(words);
		cloister_command_output(commands[i], pass_on, NULL);
		failed |= cloister_start(session, commands[i], error);
	}
	for (int i = 0; i < COMMANDS; i++) {
		while (failed == 0 && !cloister_is_done(commands[i]))
			failed = turn(session, fd, error);
		if (failed == 0) {
			failed = cloister_outcome(commands[i], &status, error);
			printf("command %d ended with %d\n", i, status);
		}
		cloister_command_free(commands[i]);
	}
	return failed;
}

int main(int count, char **words)
{
	struct cloister_options *options = cloister_options_new();
	struct cloister_error error;
	struct cloister *session;
	int fd, status;

	if (count != 4 || options == NULL || (fd = connect_to(words[1])) < 0)
		return 2;
	if (cloister_set(options, "root", words[2], &error) != 0 ||
		cloister_new(&session, options, &error) != 0) {
		fprintf(stderr, "%s\n", error.text);
		return 1;
	}
	cloister_options_free(options);
	status = run(session, fd, words[3], &error);
	if (status != 0)
		fprintf(stderr, "%s (%s)\n", error.text, error.word);
	cloister_leave(session);
	while (turn(session, fd, &error) == 0)
		continue;
	write_what_waits(session, fd);
	cloister_free(session);
	close(fd);
	return status != 0;
}
