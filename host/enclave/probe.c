/* probe: see probe.h. */
#include "host/enclave/probe.h"

#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/kernel/machine.h"

MACHINE_BYTES(health_line)

static void stop_trying(struct probe *probe)
{
	connect_cancel(&probe->connector);
	timer_stop(&probe->again);
	if (probe->watch.loop == NULL)
		return;
	watch_stop(&probe->watch);
	close(probe->watch.fd);
}

void probe_cancel(struct probe *probe)
{
	stop_trying(probe);
	timer_stop(&probe->limit);
}

static void try_again_later(struct probe *probe)
{
	stop_trying(probe);
	timer_start(&probe->again, probe->loop, PROBE_PAUSE);
}

static uint32_t down_of(const struct health_line *line)
{
	if (line->word == HEALTH_LINE_READY)
		return 0;
	return line->all > line->up ? line->all - line->up : 1;
}

static void line_ready(struct watch *watch, unsigned events)
{
	struct probe *probe =
		(struct probe *)(void *)((char *)watch - offsetof(struct probe, watch));
	uint8_t bytes[64];
	ssize_t got = recv(watch->fd, bytes, sizeof bytes, 0);

	(void)events;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got > 0)
		(void)health_line_drive(&probe->line, 0, bytes, (size_t)got);
	if (got > 0 && !health_line_ended(&probe->line))
		return;
	if (probe->line.cs == HEALTH_LINE_IN_DONE) {
		uint32_t down = down_of(&probe->line);

		probe_cancel(probe);
		probe->answered(probe->user, down);
		return;
	}
	(void)fault_set(&probe->why, "health", "what the enclave says of its health is no line");
	try_again_later(probe);
}

static void connected(struct connector *connector, int fd, const struct fault *fault)
{
	struct probe *probe = connector->user;

	if (fd < 0) {
		probe->why = *fault;
		try_again_later(probe);
		return;
	}
	health_line_init(&probe->line);
	probe->watch.ready = line_ready;
	if (watch_start(&probe->watch, probe->loop, fd, WATCH_READ, &probe->why) == 0)
		return;
	close(fd);
	try_again_later(probe);
}

static void attempt(struct timer *timer)
{
	struct probe *probe =
		(struct probe *)(void *)((char *)timer - offsetof(struct probe, again));
	uint64_t left = probe->limit.at - loop_now(probe->loop);

	probe->connector.done = connected;
	probe->connector.user = probe;
	if (connect_start(
		    &probe->connector, probe->loop, &probe->address, NULL, left, &probe->why) < 0)
		try_again_later(probe);
}

static void late(struct timer *timer)
{
	struct probe *probe =
		(struct probe *)(void *)((char *)timer - offsetof(struct probe, limit));

	stop_trying(probe);
	probe->silent(probe->user, &probe->why);
}

void probe_start(
	struct probe *probe, struct loop *loop, const struct address *address, uint64_t nanoseconds)
{
	probe_cancel(probe);
	probe->loop = loop;
	probe->address = *address;
	probe->again.fired = attempt;
	probe->limit.fired = late;
	(void)fault_set(&probe->why, "timeout", "it does not answer in time");
	timer_start(&probe->limit, loop, nanoseconds);
	attempt(&probe->again);
}
