/* notify: see notify.h. */
#include "services/init/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/kernel/log.h"
#include "services/init/elsewhere.h"
#include "services/init/notify_text.h"
#include "services/init/units.h"

#define DATAGRAMS_MAX   64   /* of one turn */
#define DESCRIPTORS_MAX 253u /* of one datagram (SCM_MAX_FD): the kernel would close more for us */

/* What comes beside a datagram. */
struct beside {
	pid_t sender;
	int list[DESCRIPTORS_MAX];
	size_t count;
};

/* The unit whose session a process is in; null: of none. */
static struct supervised *unit_of(struct units *units, pid_t pid)
{
	pid_t session = pid > 0 ? getsid(pid) : -1;

	for (uint32_t i = 0; session > 0 && i < units->count; i++)
		if (units->list[i].child.pid == session && unit_file_notifies(&units->list[i].file))
			return &units->list[i];
	return NULL;
}

static void take_descriptors(struct beside *beside, const char *bytes, size_t size)
{
	for (size_t at = 0; at + sizeof(int) <= size && beside->count < DESCRIPTORS_MAX;
		at += sizeof(int))
		memcpy(&beside->list[beside->count++], bytes + at, sizeof(int));
}

static void take_control(struct beside *beside, const struct msghdr *message)
{
	const char *room = message->msg_control;
	struct cmsghdr part;

	beside->sender = 0;
	beside->count = 0;
	for (size_t at = 0, size; at + sizeof part <= message->msg_controllen;
		at += CMSG_SPACE(size)) {
		struct ucred sender;

		memcpy(&part, room + at, sizeof part);
		if (part.cmsg_len < CMSG_LEN(0) || part.cmsg_len > message->msg_controllen - at)
			break;
		size = part.cmsg_len - CMSG_LEN(0);
		if (part.cmsg_level == SOL_SOCKET && part.cmsg_type == SCM_CREDENTIALS &&
			size >= sizeof sender) {
			memcpy(&sender, room + at + CMSG_LEN(0), sizeof sender);
			beside->sender = sender.pid;
		}
		if (part.cmsg_level == SOL_SOCKET && part.cmsg_type == SCM_RIGHTS)
			take_descriptors(beside, room + at + CMSG_LEN(0), size);
	}
}

/* False: there is none now, or what came with it was enough work for one turn. A sender of
 * BARRIER=1 waits for its descriptor to be closed. */
static bool take_one(struct units *units, int fd)
{
	static char bytes[NOTIFY_TEXT_MAX + 1u]; /* PID 1 has one thread */
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(struct ucred)) +
			  CMSG_SPACE(DESCRIPTORS_MAX * sizeof(int))];
	} control;
	struct iovec part = {bytes, sizeof bytes};
	struct msghdr message = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof control.room};
	ssize_t size = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct supervised *one;
	struct beside beside;
	struct notify_said text;

	if (size < 0)
		return errno == EINTR;
	take_control(&beside, &message);
	one = unit_of(units, beside.sender);
	if (one != NULL) {
		notify_text_read(&text, bytes, (size_t)size);
		ready_told(one, &text);
	}
	elsewhere_close(beside.list, beside.count);
	return beside.count == 0;
}

static void arrived(struct watch *watch, unsigned events)
{
	struct notify *notify = (struct notify *)((char *)watch - offsetof(struct notify, watch));
	struct units *units = (struct units *)((char *)notify - offsetof(struct units, notify));
	int left = DATAGRAMS_MAX;

	(void)events;
	while (left > 0 && take_one(units, watch->fd))
		left--;
	units_advance(units);
}

/* The kernel chooses a name for who binds to none. */
static int bind_socket(struct notify *notify, int fd)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	socklen_t size = sizeof(sa_family_t);
	int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0 ||
		bind(fd, (struct sockaddr *)&name, size) != 0)
		return -1;
	size = sizeof name;
	if (getsockname(fd, (struct sockaddr *)&name, &size) != 0)
		return -1;
	(void)snprintf(notify->variable, sizeof notify->variable, "NOTIFY_SOCKET=@%.*s",
		(int)(size - offsetof(struct sockaddr_un, sun_path) - 1u), name.sun_path + 1);
	return 0;
}

void notify_open(struct units *units)
{
	struct notify *notify = &units->notify;
	struct fault fault = {0};
	int fd;

	if (notify->watch.loop != NULL)
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	notify->watch.ready = arrived;
	if (fd >= 0 && bind_socket(notify, fd) == 0 &&
		watch_start(&notify->watch, units->loop, fd, WATCH_READ, &fault) == 0)
		return;
	LOG(LOG_WARNING, "units can't say that they are ready: NOTIFY_SOCKET",
		log_string("fault", fault.text[0] != '\0' ? fault.text : strerror(errno)));
	if (fd >= 0)
		(void)close(fd);
}
