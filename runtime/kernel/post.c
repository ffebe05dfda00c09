/* post: how other threads have something called in a loop's thread. See loop.h.
 *
 * The eventfd is written and read while the lock is held, so that whoever has seen its post arrive
 * may close the loop: the thread that posted is done with it.
 */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "runtime/kernel/loop_inside.h"

int posts_open(struct loop *loop, struct fault *fault)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = LOOP_WAKE_KEY};

	loop->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (loop->wake < 0)
		return fault_set(fault, "limit", "no event loop: eventfd: %s", strerror(errno));
	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->wake, &event) != 0) {
		fault_set(fault, "limit", "no event loop: epoll_ctl: %s", strerror(errno));
		close(loop->wake);
		return -1;
	}
	pthread_mutex_init(&loop->lock, NULL);
	return 0;
}

void posts_close(struct loop *loop)
{
	pthread_mutex_destroy(&loop->lock);
	close(loop->wake);
}

void loop_post(struct loop *loop, struct post *post)
{
	post->next = NULL;
	pthread_mutex_lock(&loop->lock);
	if (loop->first_post == NULL) {
		loop->first_post = post;
		(void)eventfd_write(loop->wake, 1);
	} else {
		loop->last_post->next = post;
	}
	loop->last_post = post;
	pthread_mutex_unlock(&loop->lock);
}

/* What is posted from here on arrives in the next turn. */
void posts_deliver(struct loop *loop)
{
	struct post *post, *next;
	eventfd_t count;

	pthread_mutex_lock(&loop->lock);
	(void)eventfd_read(loop->wake, &count);
	post = loop->first_post;
	loop->first_post = NULL;
	loop->last_post = NULL;
	pthread_mutex_unlock(&loop->lock);
	for (; post != NULL; post = next) {
		next = post->next;
		post->arrived(post);
	}
}

bool posts_wait(struct loop *loop)
{
	bool some;

	pthread_mutex_lock(&loop->lock);
	some = loop->first_post != NULL;
	pthread_mutex_unlock(&loop->lock);
	return some;
}
