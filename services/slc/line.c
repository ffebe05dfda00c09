/* line: see line.h. */
#include "services/slc/line.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#define ROUNDS 64 /* packets that are read in one turn: then others have theirs */

static void end(struct line *line, const struct fault *fault)
{
	line_close(line);
	line->ended(line, fault);
}

static void close_descriptors(const struct passing *passing)
{
	for (unsigned i = 0; i < passing->count; i++)
		close(passing->descriptors[i]);
}

/* Reads one packet. False: there is none now, or the line has ended. */
static bool receive(struct line *line)
{
	struct passing *passing = &line->passing;
	struct packet packet;
	struct fault fault;

	switch (passing_receive(line->watch.fd, PACKET_PIPES_COUNT, passing, &fault)) {
	case STREAM_DONE:
		break;
	case STREAM_AGAIN:
		return false;
	case STREAM_END:
		end(line, NULL);
		return false;
	default:
		/* That the other end died with packets unread is no fault of what it said. */
		end(line, strcmp(fault.word, "reset") == 0 ? NULL : &fault);
		return false;
	}
	if (packet_decode(&packet, line->other, passing->message, passing->size, passing->count,
		    &fault) != 0) {
		close_descriptors(passing);
		end(line, &fault);
		return false;
	}
	line->came(line, &packet, passing->descriptors);
	return line->loop != NULL;
}

static void watch_for(struct line *line)
{
	bool owes = !TAILQ_EMPTY(&line->debtors);

	watch_change(&line->watch, owes ? WATCH_READ | WATCH_WRITE : WATCH_READ);
}

static void pay(struct line *line)
{
	struct debtor *debtor;

	if (line->is_paying)
		return;
	line->is_paying = true;
	while ((debtor = TAILQ_FIRST(&line->debtors)) != NULL) {
		if (!debtor->pay(debtor, line))
			break;
		TAILQ_REMOVE(&line->debtors, debtor, next);
		debtor->is_listed = false;
		if (debtor->settled != NULL)
			debtor->settled(debtor);
	}
	line->is_paying = false;
	if (line->loop != NULL)
		watch_for(line);
}

static void ready(struct watch *watch, unsigned events)
{
	struct line *line = (struct line *)((char *)watch - offsetof(struct line, watch));

	if ((events & WATCH_WRITE) != 0)
		pay(line);
	for (unsigned i = 0; i < ROUNDS && line->loop != NULL && receive(line); i++)
		continue;
}

int line_open(struct line *line, struct loop *loop, int fd, struct fault *fault)
{
	TAILQ_INIT(&line->debtors);
	line->is_paying = false;
	memset(&line->watch, 0, sizeof line->watch);
	line->watch.ready = ready;
	if (watch_start(&line->watch, loop, fd, WATCH_READ, fault) != 0)
		return -1;
	line->loop = loop;
	return 0;
}

void line_close(struct line *line)
{
	if (line->loop == NULL)
		return;
	watch_stop(&line->watch);
	close(line->watch.fd);
	line->loop = NULL;
	pay(line);
}

void line_owe(struct line *line, struct debtor *debtor)
{
	bool others_wait = !TAILQ_EMPTY(&line->debtors);

	if (debtor->is_listed)
		return;
	TAILQ_INSERT_TAIL(&line->debtors, debtor, next);
	debtor->is_listed = true;
	if (!others_wait)
		pay(line);
}

/* A line that breaks while it is written to is found to have ended by who reads it. */
bool line_send(struct line *line, const struct packet *packet, const int *descriptors)
{
	struct passing passing = {.count = 0};
	struct fault fault;

	if (line->loop == NULL)
		return true;
	passing.size = packet_encode(packet, passing.message);
	if (descriptors != NULL) {
		passing.count = PACKET_PIPES_COUNT;
		memcpy(passing.descriptors, descriptors, sizeof(int) * PACKET_PIPES_COUNT);
	}
	return passing_send(line->watch.fd, &passing, &fault) == STREAM_DONE;
}
