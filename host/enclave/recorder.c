/* recorder: see recorder.h. */
#include "host/enclave/recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "runtime/kernel/log.h"

/* --- The files -------------------------------------------------------------------------------- */

static void begin_file(struct recorder *recorder)
{
	char path[PATH_MAX + 16], old[PATH_MAX + 16];

	(void)snprintf(path, sizeof path, "%s/console", recorder->folder);
	(void)snprintf(old, sizeof old, "%s/console.old", recorder->folder);
	if (recorder->file >= 0)
		close(recorder->file);
	(void)rename(path, old);
	recorder->file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	recorder->file_size = 0;
}

/* A full disk costs the files, not the enclave. */
static void write_file(struct recorder *recorder, const char *bytes, size_t size)
{
	if (recorder->file_size + size > RECORDER_FILE)
		begin_file(recorder);
	if (recorder->file >= 0 && write(recorder->file, bytes, size) < 0)
		LOG(LOG_WARNING, "cannot keep the console", log_number("errno", errno));
	recorder->file_size += size;
}

/* --- Lookers ---------------------------------------------------------------------------------- */

static void dismiss(struct looker *looker)
{
	watch_stop(&looker->watch);
	close(looker->watch.fd);
}

/* Says how much a slow one has missed. */
static void catch_up(struct looker *looker)
{
	uint64_t oldest = looker->recorder->head - RECORDER_RING;
	char text[64];
	int size;

	if (looker->recorder->head <= RECORDER_RING || looker->at >= oldest)
		return;
	size = snprintf(text, sizeof text, "\r\n[%llu bytes missed]\r\n",
		(unsigned long long)(oldest - looker->at));
	if (looker->at > 0)
		(void)send(looker->watch.fd, text, (size_t)size, MSG_NOSIGNAL | MSG_DONTWAIT);
	looker->at = oldest;
}

/* Writes what it has not seen, as far as it takes it. Returns false when it is gone. */
static bool write_looker(struct looker *looker)
{
	struct recorder *recorder = looker->recorder;

	catch_up(looker);
	while (looker->at < recorder->head) {
		size_t from = (size_t)(looker->at % RECORDER_RING), size = RECORDER_RING - from;
		ssize_t put;

		if (size > recorder->head - looker->at)
			size = (size_t)(recorder->head - looker->at);
		put = send(
			looker->watch.fd, recorder->ring + from, size, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return errno == EAGAIN;
		looker->at += (uint64_t)put;
	}
	return !looker->leaving;
}

static void show(struct looker *looker)
{
	if (!write_looker(looker)) {
		dismiss(looker);
		return;
	}
	watch_change(&looker->watch,
		WATCH_READ | (looker->at < looker->recorder->head ? WATCH_WRITE : 0u));
}

/* What it types goes to the console, as much as that takes. */
static bool read_looker(struct looker *looker)
{
	char bytes[1024];
	ssize_t got = recv(looker->watch.fd, bytes, sizeof bytes, MSG_DONTWAIT);

	if (got > 0 && looker->recorder->loop != NULL)
		(void)!write(looker->recorder->watch.fd, bytes, (size_t)got);
	return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

static void looker_ready(struct watch *watch, unsigned events)
{
	struct looker *looker =
		(struct looker *)(void *)((char *)watch - offsetof(struct looker, watch));

	if ((events & (WATCH_READ | WATCH_ENDED)) != 0 && !read_looker(looker)) {
		dismiss(looker);
		return;
	}
	show(looker);
}

bool recorder_show(struct recorder *recorder, int fd)
{
	struct fault ignored;

	for (size_t i = 0; i < RECORDER_LOOKERS; i++) {
		struct looker *looker = &recorder->lookers[i];

		if (looker->watch.loop != NULL || recorder->loop == NULL)
			continue;
		memset(looker, 0, sizeof *looker);
		looker->recorder = recorder;
		looker->watch.ready = looker_ready;
		if (watch_start(&looker->watch, recorder->loop, fd, WATCH_READ | WATCH_WRITE,
			    &ignored) < 0)
			return false;
		return true;
	}
	return false;
}

/* --- The console ------------------------------------------------------------------------------ */

static void keep(struct recorder *recorder, const char *bytes, size_t size)
{
	write_file(recorder, bytes, size);
	for (size_t i = 0; i < size; i++)
		recorder->ring[(recorder->head + i) % RECORDER_RING] = bytes[i];
	recorder->head += size;
	for (size_t i = 0; i < RECORDER_LOOKERS; i++)
		if (recorder->lookers[i].watch.loop != NULL)
			show(&recorder->lookers[i]);
	if (recorder->said != NULL)
		recorder->said(recorder->user, bytes, size);
}

static bool read_some(struct recorder *recorder)
{
	char bytes[4096];
	ssize_t got = read(recorder->watch.fd, bytes, sizeof bytes);

	if (got > 0)
		keep(recorder, bytes, (size_t)got);
	return got > 0;
}

static void console_ready(struct watch *watch, unsigned events)
{
	(void)events;
	(void)read_some(
		(struct recorder *)(void *)((char *)watch - offsetof(struct recorder, watch)));
}

void recorder_drain(struct recorder *recorder)
{
	/* Bounded: what fills it has ended, or else goes on for ever. */
	for (unsigned i = 0; recorder->loop != NULL && i < 64 && read_some(recorder); i++)
		;
}

int recorder_open(struct recorder *recorder, struct loop *loop, int terminal, const char *folder,
	struct fault *fault)
{
	struct termios mode;

	recorder->folder = folder;
	recorder->file = -1;
	recorder->slave = ioctl(terminal, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (recorder->slave < 0 || tcgetattr(recorder->slave, &mode) < 0 ||
		fcntl(terminal, F_SETFL, O_NONBLOCK) < 0)
		return fault_io(fault, errno, "cannot use the enclave's console");
	mode.c_lflag &= ~(tcflag_t)ECHO;
	(void)tcsetattr(recorder->slave, TCSANOW, &mode);
	recorder->watch.ready = console_ready;
	if (watch_start(&recorder->watch, loop, terminal, WATCH_READ, fault) < 0)
		return -1;
	recorder->loop = loop;
	begin_file(recorder);
	return 0;
}

void recorder_close(struct recorder *recorder)
{
	if (recorder->loop == NULL)
		return;
	watch_stop(&recorder->watch);
	close(recorder->watch.fd);
	close(recorder->slave);
	if (recorder->file >= 0)
		close(recorder->file);
	recorder->loop = NULL;
	for (size_t i = 0; i < RECORDER_LOOKERS; i++)
		if (recorder->lookers[i].watch.loop != NULL) {
			recorder->lookers[i].leaving = true;
			(void)write_looker(&recorder->lookers[i]);
			dismiss(&recorder->lookers[i]);
		}
}

size_t recorder_tail(const struct recorder *recorder, char tail[RECORDER_TAIL])
{
	size_t size = recorder->head < RECORDER_TAIL ? (size_t)recorder->head : RECORDER_TAIL;

	for (size_t i = 0; i < size; i++)
		tail[i] = recorder->ring[(recorder->head - size + i) % RECORDER_RING];
	return size;
}
