/* ready: see ready.h. */
#include "services/init/ready.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "runtime/kernel/log.h"
#include "services/init/elsewhere.h"
#include "services/init/units.h"

#define LOOK_AGAIN  (200u * CLOCK_MILLISECOND) /* after a connection that was refused */
#define TRY_AGAIN   (1u * CLOCK_SECOND)        /* after a ReadyExec that ended otherwise */
#define TRIAL_LIMIT (5u * CLOCK_SECOND)        /* for a connection */

static struct supervised *of_ready(struct ready *ready)
{
	return (struct supervised *)((char *)ready - offsetof(struct supervised, ready));
}

static bool is_in(const struct supervised *one, int state)
{
	return one->machine.cs == state;
}

static void is_ready(struct supervised *one)
{
	units_step(one, UNIT_READY, 0);
	units_advance(one->all);
}

static void is_unwell(struct supervised *one, enum units_cause cause)
{
	one->cause = cause;
	LOG(LOG_WARNING, "a unit is not well", log_string("unit", one->file.name),
		log_string("reason", cause == UNITS_SILENT ? "Watchdog" : "HealthExec"));
	units_step(one, UNIT_FAIL, 0);
	units_advance(one->all);
}

/* --- ReadyFd ---------------------------------------------------------------------------------- */

static void close_pipe(struct ready *ready)
{
	if (ready->pipe.loop != NULL) {
		watch_stop(&ready->pipe);
		(void)close(ready->pipe.fd);
	}
	ready_spawned(of_ready(ready));
}

static void written(struct watch *watch, unsigned events)
{
	struct ready *ready = (struct ready *)((char *)watch - offsetof(struct ready, pipe));
	char bytes[64];
	ssize_t size = read(watch->fd, bytes, sizeof bytes);

	(void)events;
	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (size > 0 && memchr(bytes, '\n', (size_t)size) == NULL)
		return;
	close_pipe(ready);
	if (size > 0)
		is_ready(of_ready(ready));
}

int ready_prepare(struct supervised *one, struct fault *fault)
{
	struct ready *ready = &one->ready;
	int ends[2];

	ready->said[0] = '\0';
	ready->misses = 0;
	if (unit_file_notifies(&one->file))
		notify_open(one->all);
	if (one->file.life.ready_fd == 0)
		return 0;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return fault_io(fault, errno, "there is no pipe for ReadyFd");
	/* The unit's end blocks, as its program expects. */
	if (fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0 ||
		watch_start(&ready->pipe, one->all->loop, ends[0], WATCH_READ, fault) != 0) {
		(void)close(ends[0]);
		(void)close(ends[1]);
		return fault_set(fault, "limit", "ReadyFd can't be watched");
	}
	ready->input = ends[1];
	return 0;
}

void ready_spawned(struct supervised *one)
{
	if (one->ready.input > 0)
		(void)close(one->ready.input);
	one->ready.input = 0;
}

/* --- ReadySocket ------------------------------------------------------------------------------ */

static void connected(struct connector *connector, int fd, const struct fault *fault)
{
	struct ready *ready =
		(struct ready *)((char *)connector - offsetof(struct ready, connector));
	struct supervised *one = of_ready(ready);

	(void)fault;
	if (fd >= 0) {
		elsewhere_close(&fd, 1); /* the unit may have put something into it */
		is_ready(one);
	} else {
		timer_start(&ready->look, one->all->loop, LOOK_AGAIN);
	}
}

static void look_at_socket(struct supervised *one)
{
	struct address address;
	struct fault fault = {0};

	one->ready.connector.done = connected;
	if (address_parse(one->file.life.ready_socket, &address, &fault) != 0 ||
		address_stand_in(&address, one->all->stand_ins, &fault) != 0 ||
		connect_start(&one->ready.connector, one->all->loop, &address, NULL, TRIAL_LIMIT,
			&fault) != 0)
		timer_start(&one->ready.look, one->all->loop, LOOK_AGAIN);
}

/* --- ReadyExec, and then HealthExec ----------------------------------------------------------- */

static void missed(struct supervised *one)
{
	one->ready.misses++;
	LOG(LOG_WARNING, "a check of a unit has failed", log_string("unit", one->file.name),
		log_number("in_a_row", one->ready.misses));
	if (one->ready.misses >= one->file.life.health_retries)
		is_unwell(one, UNITS_UNWELL);
}

static void probed(struct helper *helper, bool well)
{
	struct supervised *one = helper->one;

	if (is_in(one, UNIT_IN_STARTING) && well)
		is_ready(one);
	else if (is_in(one, UNIT_IN_STARTING))
		timer_start(&one->ready.look, one->all->loop, TRY_AGAIN);
	else if (well)
		one->ready.misses = 0;
	else
		missed(one);
}

/* A check that still runs when the next one is due has failed. */
static void check(struct supervised *one)
{
	struct ready *ready = &one->ready;

	timer_start(&ready->look, one->all->loop, one->file.life.health_interval * CLOCK_SECOND);
	if (!helper_runs(&ready->probe)) {
		helper_start(&ready->probe, &one->file.life.health);
	} else {
		helper_give_up(&ready->probe);
		missed(one);
	}
}

static void look(struct supervised *one)
{
	if (is_in(one, UNIT_IN_READY))
		check(one);
	else if (one->file.life.ready_socket != NULL)
		look_at_socket(one);
	else if (helper_runs(&one->ready.probe)) /* one of an earlier process ends first */
		timer_start(&one->ready.look, one->all->loop, LOOK_AGAIN);
	else
		helper_start(&one->ready.probe, &one->file.life.ready);
}

static void look_again(struct timer *timer)
{
	look(of_ready((struct ready *)((char *)timer - offsetof(struct ready, look))));
}

/* --- NOTIFY_SOCKET ---------------------------------------------------------------------------- */

static void rearm(struct supervised *one)
{
	if (one->file.life.watchdog != 0)
		timer_start(
			&one->ready.dog, one->all->loop, one->file.life.watchdog * CLOCK_SECOND);
}

static void bit(struct timer *timer)
{
	is_unwell(of_ready((struct ready *)((char *)timer - offsetof(struct ready, dog))),
		UNITS_SILENT);
}

void ready_told(struct supervised *one, const struct notify_said *text)
{
	if (text->has_status)
		memcpy(one->ready.said, text->status, sizeof one->ready.said);
	if (text->is_ready && one->file.life.type == UNIT_TYPE_NOTIFY)
		units_step(one, UNIT_READY, 0);
	if (!is_in(one, UNIT_IN_READY))
		return;
	if (text->is_alive)
		rearm(one);
	if (text->is_stopping)
		timer_stop(&one->ready.dog);
	if (text->is_unwell && one->file.life.watchdog != 0)
		is_unwell(one, UNITS_SILENT);
}

/* --- All of it -------------------------------------------------------------------------------- */

void ready_set_up(struct supervised *one)
{
	one->ready.said[0] = '\0';
	one->ready.pipe.ready = written;
	one->ready.look.fired = look_again;
	one->ready.dog.fired = bit;
	one->ready.probe.one = one;
	one->ready.probe.ended = probed;
}

void ready_begin(struct supervised *one)
{
	const struct unit_life *life = &one->file.life;

	if (!is_in(one, UNIT_IN_STARTING)) /* it was told to stop before its program ran */
		return;
	if (life->ready_socket != NULL || life->ready.count > 0)
		look(one);
	else if (life->type == UNIT_TYPE_SIMPLE && life->ready_fd == 0)
		units_step(one, UNIT_READY, 0);
}

void ready_watch(struct supervised *one)
{
	close_pipe(&one->ready);
	connect_cancel(&one->ready.connector);
	timer_stop(&one->ready.look);
	rearm(one);
	if (one->file.life.health.count > 0)
		timer_start(&one->ready.look, one->all->loop,
			one->file.life.health_interval * CLOCK_SECOND);
}

void ready_end(struct supervised *one)
{
	close_pipe(&one->ready);
	connect_cancel(&one->ready.connector);
	timer_stop(&one->ready.look);
	timer_stop(&one->ready.dog);
	helper_give_up(&one->ready.probe);
}
