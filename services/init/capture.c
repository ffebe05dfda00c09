/* capture: see capture.h. */
#include "services/init/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/kernel/log.h"

#define SHOWN_MAX   4096u  /* bytes that are written at once: a pipe that takes any takes so many */
#define TAKEN_MAX   16384u /* that are read at once */
#define FOLDER_MODE 0750
#define PIPE_MAX    65536u /* that are in a pipe, unless its program has made it larger */

/* --- The console ------------------------------------------------------------------------------ */

/* Never waits; where the descriptor can't be made non-blocking, it is asked first. */
static ssize_t put(const struct captures *captures, const uint8_t *bytes, size_t size)
{
	struct pollfd ready = {.fd = captures->console.fd, .events = POLLOUT};

	if (captures->is_socket)
		return send(ready.fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (captures->is_asked && poll(&ready, 1, 0) != 1) {
		errno = EAGAIN;
		return -1;
	}
	return write(ready.fd, bytes, size);
}

/* How many of these bytes may be shown: whole lines, or all where no line has an end so soon. */
static size_t whole_lines(const uint8_t *bytes, size_t size)
{
	const uint8_t *end = memrchr(bytes, '\n', size);

	if (end == NULL)
		return size == SHOWN_MAX ? size : 0;
	return (size_t)(end - bytes) + 1u;
}

/* What follows a loss is the rest of a line, most likely. */
static size_t rest_of_line(const uint8_t *bytes, size_t size)
{
	const uint8_t *end = memchr(bytes, '\n', size);

	return end == NULL ? size : (size_t)(end - bytes) + 1u;
}

/* The next lines of one unit. False where the console takes nothing now. */
static bool show(struct captures *captures, struct capture *capture, bool *more)
{
	uint8_t bytes[SHOWN_MAX];
	uint64_t cursor = capture->shown, lost = 0;
	size_t size = log_ring_get(&capture->ring, &cursor, bytes, sizeof bytes, &lost);
	size_t skipped = lost > 0 ? rest_of_line(bytes, size) : 0;
	ssize_t done;

	capture->unshown += lost + skipped;
	capture->shown = cursor - size + skipped;
	size = whole_lines(bytes + skipped, size - skipped);
	if (size == 0)
		return true;
	done = put(captures, bytes + skipped, size);
	if (done < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (done < 0) { /* nobody will ever take it */
		capture->unshown += size;
		done = (ssize_t)size;
	}
	capture->shown += (size_t)done;
	*more = true;
	return (size_t)done == size;
}

/* Shows what there is until the console takes no more; whose line was cut goes on first. */
static void show_all(struct captures *captures)
{
	struct fault fault = {0};
	bool more = captures->is_open;

	watch_stop(&captures->console);
	while (more) {
		more = false;
		for (struct capture *one; (one = captures->at(captures, captures->turn)) != NULL;
			captures->turn++)
			if (one->is_shown && !show(captures, one, &more)) {
				(void)watch_start(&captures->console, captures->loop,
					captures->console.fd, WATCH_WRITE, &fault);
				return;
			}
		captures->turn = 0;
	}
}

static void takes_again(struct watch *watch, unsigned events)
{
	(void)events;
	show_all((struct captures *)((char *)watch - offsetof(struct captures, console)));
}

/* A second init that writes there would mix with us. */
static void open_folder(struct captures *captures)
{
	captures->folder = -1;
	if (captures->logs == NULL)
		return;
	(void)mkdir(captures->logs, FOLDER_MODE);
	captures->folder = open(captures->logs, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (captures->folder >= 0 && flock(captures->folder, LOCK_EX | LOCK_NB) == 0)
		return;
	LOG(LOG_WARNING, "what units write is not put into files",
		log_string("folder", captures->logs),
		log_string("fault",
			errno == EWOULDBLOCK ? "another init writes there" : strerror(errno)));
	if (captures->folder >= 0)
		(void)close(captures->folder);
	captures->folder = -1;
}

void captures_open(struct captures *captures)
{
	struct stat status;
	int fd = -1;

	open_folder(captures);
	captures->console.ready = takes_again;
	captures->console.fd = STDOUT_FILENO;
	if (fstat(STDOUT_FILENO, &status) != 0)
		return;
	captures->is_open = true;
	captures->is_socket = S_ISSOCK(status.st_mode);
	if (S_ISFIFO(status.st_mode) || isatty(STDOUT_FILENO)) {
		/* O_NONBLOCK belongs to what is open, which others have as well. */
		fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		captures->is_asked = fd < 0;
	}
	if (fd >= 0)
		captures->console.fd = fd;
}

/* --- A unit's pipe ---------------------------------------------------------------------------- */

static void keep(struct capture *capture, const uint8_t *bytes, size_t size)
{
	const struct clock *clock = loop_clock(capture->all->loop);

	log_ring_put(&capture->ring, bytes, size);
	log_file_put(&capture->file, capture->all->folder, clock->wall(clock->data), bytes, size);
}

static size_t take(struct capture *capture)
{
	uint8_t bytes[TAKEN_MAX];
	ssize_t size = read(capture->watch.fd, bytes, sizeof bytes);

	if (size <= 0)
		return 0;
	keep(capture, bytes, (size_t)size);
	return (size_t)size;
}

static void tell(struct captures *captures)
{
	if (captures->console.loop == NULL)
		show_all(captures);
	if (captures->grown != NULL)
		captures->grown(captures);
}

static void written(struct watch *watch, unsigned events)
{
	struct capture *capture =
		(struct capture *)((char *)watch - offsetof(struct capture, watch));

	(void)events;
	if (take(capture) > 0)
		tell(capture->all);
}

int capture_start(struct capture *capture, struct fault *fault)
{
	int ends[2];

	if (capture->watch.loop != NULL)
		return 0;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return fault_set(fault, "limit", "no pipe for its output: %s", strerror(errno));
	(void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
	capture->watch.ready = written;
	if (watch_start(&capture->watch, capture->all->loop, ends[0], WATCH_READ, fault) == 0) {
		capture->input = ends[1];
		return 0;
	}
	(void)close(ends[0]);
	(void)close(ends[1]);
	return -1;
}

void capture_end(struct capture *capture)
{
	const struct log_ring *ring = &capture->ring;
	size_t size = 0, some = 1;

	if (capture->watch.loop == NULL)
		return;
	while (size < PIPE_MAX && (some = take(capture)) > 0)
		size += some;
	if (ring->end > 0 && ring->bytes[(ring->end - 1u) % LOG_RING_SIZE] != '\n')
		keep(capture, (const uint8_t *)"\n", 1);
	tell(capture->all);
}

void capture_clear(struct capture *capture)
{
	log_ring_clear(&capture->ring);
	log_file_clear(&capture->file, capture->all->folder);
}

void capture_drop(struct capture *capture)
{
	if (capture->watch.loop != NULL) {
		watch_stop(&capture->watch);
		(void)close(capture->watch.fd);
		(void)close(capture->input);
	}
	log_file_close(&capture->file);
	capture->file.dropped = capture->file.written_since = 0;
	log_ring_clear(&capture->ring);
	capture->shown = capture->ring.end;
	capture->unshown = 0;
}
