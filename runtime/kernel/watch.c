/* watch: the descriptors of a loop, known to the kernel by place and generation. See loop.h. */
#include <errno.h>
#include <sys/epoll.h>

#include "runtime/kernel/loop_inside.h"

static uint32_t take_place(struct loop *loop)
{
	uint32_t place = loop->first_free;

	if (place != 0)
		loop->first_free = loop->places[place].next_free;
	else if (loop->unused <= LOOP_WATCHES_MAX)
		place = loop->unused++;
	return place;
}

static void give_back(struct loop *loop, uint32_t place)
{
	loop->places[place].watch = NULL;
	loop->places[place].next_free = loop->first_free;
	loop->first_free = place;
}

/* Adds or changes: tells epoll what is wanted of the watch. */
static int tell_epoll(const struct watch *watch, int operation)
{
	const struct place *place = &watch->loop->places[watch->place];
	struct epoll_event event = {.data.u64 = (uint64_t)place->generation << 32 | watch->place};

	if ((watch->events & WATCH_READ) != 0)
		event.events |= EPOLLIN;
	if ((watch->events & WATCH_WRITE) != 0)
		event.events |= EPOLLOUT;
	return epoll_ctl(watch->loop->epoll, operation, watch->fd, &event);
}

int watch_start(
	struct watch *watch, struct loop *loop, int fd, unsigned events, struct fault *fault)
{
	uint32_t place;
	int error;

	watch_stop(watch);
	place = take_place(loop);
	if (place == 0)
		return fault_set(fault, "limit", "an event loop watches at most %u descriptors",
			LOOP_WATCHES_MAX);
	if (++loop->places[place].generation == 0)
		loop->places[place].generation = 1;
	loop->places[place].watch = watch;
	watch->loop = loop;
	watch->fd = fd;
	watch->events = events;
	watch->place = place;
	loop->watched++;
	if (tell_epoll(watch, EPOLL_CTL_ADD) == 0)
		return 0;
	error = errno;
	loop->watched--;
	watch->loop = NULL;
	give_back(loop, place);
	if (error == ENOSPC)
		return fault_set(fault, "limit",
			"the user watches as many descriptors as the system allows; raise "
			"fs.epoll.max_user_watches");
	return fault_io(fault, error, "cannot watch descriptor %d", fd);
}

void watch_change(struct watch *watch, unsigned events)
{
	if (watch->loop == NULL || watch->events == events)
		return;
	watch->events = events;
	(void)tell_epoll(watch, EPOLL_CTL_MOD); /* fails only for a descriptor that was closed */
}

void watch_stop(struct watch *watch)
{
	struct loop *loop = watch->loop;

	if (loop == NULL)
		return;
	(void)epoll_ctl(loop->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
	give_back(loop, watch->place);
	loop->watched--;
	watch->loop = NULL;
}

void watch_report(struct loop *loop, uint64_t key, uint32_t epoll_events)
{
	const struct place *place = &loop->places[(uint32_t)key];
	struct watch *watch = place->watch;
	unsigned events = 0;

	if (watch == NULL || place->generation != key >> 32)
		return;
	if ((epoll_events & EPOLLIN) != 0)
		events |= WATCH_READ;
	if ((epoll_events & EPOLLOUT) != 0)
		events |= WATCH_WRITE;
	if ((epoll_events & (EPOLLHUP | EPOLLERR)) != 0)
		events |= WATCH_ENDED;
	events &= watch->events | WATCH_ENDED; /* an earlier callback may have changed it */
	if (events != 0)
		watch->ready(watch, events);
}
