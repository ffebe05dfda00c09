/* observe: whoever connects is told how the enclave is, in one line (spec/ports.md, 9001), and
 * nothing of what it says is read. A few at a time, each for a short time: others wait in the
 * kernel, and are refused there. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/kernel/log.h"
#include "services/init/health.h"
#include "services/init/init.h"

#define OBSERVER_SECONDS 2u

static void leave(struct observer *observer)
{
	timer_stop(&observer->limit);
	watch_stop(&observer->watch);
	(void)close(observer->watch.fd);
	observer->is_there = false;
	listener_ended(&observer->init->listener);
}

static void late(struct timer *timer)
{
	leave((struct observer *)((char *)timer - offsetof(struct observer, limit)));
}

static void gone(struct watch *watch, unsigned events)
{
	(void)events;
	leave((struct observer *)((char *)watch - offsetof(struct observer, watch)));
}

const char *observe_word(const struct init *init, struct units_sum *sum)
{
	static const char *const words[] = {[HEALTH_STARTING] = "starting",
		[HEALTH_READY] = "ready",
		[HEALTH_DEGRADED] = "degraded",
		[HEALTH_STOPPING] = "stopping"};

	*sum = units_sum(&init->units);
	return words[health_of(
		init->boot.cs == BOOT_IN_READY, init->shutdown.how != 0u, sum->waiting, sum->lost)];
}

/* A new connection takes so few bytes whole, or is none that could be told anything. */
static void tell(const struct init *init, int fd)
{
	struct units_sum sum;
	const char *word = observe_word(init, &sum);
	char text[MESSAGE_MAX];

	(void)snprintf(
		text, sizeof text, "%s %u %u\n", word, sum.up, sum.waiting + sum.up + sum.lost);
	(void)send(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
	(void)shutdown(fd, SHUT_WR);
}

/* The listener lets no more in than there are places. */
static void accepted(struct listener *listener, int fd)
{
	struct init *init = (struct init *)((char *)listener - offsetof(struct init, listener));
	struct observer *observer = init->observers;
	struct fault fault = {0};

	while (observer->is_there)
		observer++;
	observer->init = init;
	observer->watch.ready = gone;
	observer->limit.fired = late;
	tell(init, fd);
	if (watch_start(&observer->watch, init->loop, fd, 0, &fault) != 0) {
		(void)close(fd);
		listener_ended(listener);
		return;
	}
	observer->is_there = true;
	timer_start(&observer->limit, init->loop, OBSERVER_SECONDS * CLOCK_SECOND);
}

void observe_start(struct init *init)
{
	const struct listener_limits limits = {.connections = OBSERVERS_MAX};
	struct address address = {
		.kind = ADDRESS_VSOCK, .cid = ADDRESS_TEXT_CID_ANY, .port = PORT_HEALTH};
	struct fault fault = {0};

	init->listener.accepted = accepted;
	if (address_stand_in(&address, init->stand_ins, &fault) != 0 ||
		listener_open(&init->listener, init->loop, &address, &limits, &fault) != 0)
		log_fault(LOG_WARNING, "nobody can ask how the enclave is", &fault);
}
