/* forward_way: from a connection that somebody here makes to its target there. See forward.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/pipeline/forward.h"
#include "runtime/channel/fields.h"
#include "runtime/channel/reason.h"

/* --- Connections ------------------------------------------------------------------------------ */

/* Whoever made the connection sees it fail, and not always why. */
static void tell(const struct passage *passage, const char *word, const char *text)
{
	const struct forwarding *all = passage->way->all;
	char target[ADDRESS_TEXT_MAX];

	if (all->options->quiet || all->is_stopping)
		return;
	address_print(&passage->target, target);
	fputs("pipeline: a connection to ", stderr);
	print_escaped(stderr, target);
	fprintf(stderr, " has failed: %s", word);
	fputs(*text != '\0' ? ": " : "", stderr);
	print_escaped(stderr, text);
	fputc('\n', stderr);
}

static void release(struct passage *passage)
{
	if (passage->fd >= 0)
		(void)close(passage->fd);
	LIST_REMOVE(passage, next);
	if (passage->way->letter != 'R')
		listener_ended(&passage->way->listener);
	connect_cancel(&passage->connector);
	free(passage);
}

void passage_gone(struct forward *forward)
{
	struct passage *passage = forward->user;

	if (forward->reason != SLC_REASON_NONE)
		tell(passage, slc_reason_word(forward->reason), forward->text);
	release(passage);
}

/* The socket is the forward's from here on. */
static void lead(struct passage *passage)
{
	struct connection *connection = &passage->way->all->connection;
	uint8_t bytes[ADDRESS_TEXT_MAX + SLC_FIELD_SIZE];
	struct field_writer fields = field_writer_of(bytes, sizeof bytes);
	char target[ADDRESS_TEXT_MAX];
	struct fault fault;

	address_print(&passage->target, target);
	field_put_text(&fields, SLC_TARGET, target);
	if (forward_open(&passage->forward, connection->slc, SLC_FORWARD, fields.bytes, fields.used,
		    passage->fd, &fault) == 0) {
		passage->fd = -1;
		return;
	}
	tell(passage, fault.word, fault.text);
	release(passage);
}

/* --- SOCKS ------------------------------------------------------------------------------------ */

static void reply(struct forward *forward)
{
	uint8_t bytes[SOCKS_REPLY_SIZE];

	socks_reply(forward->reason, bytes);
	forward_say(forward, bytes, sizeof bytes);
}

static void asked(struct socks *socks, const struct address *target)
{
	struct passage *passage = socks->user;

	if (target == NULL) {
		release(passage);
		return;
	}
	passage->target = *target;
	lead(passage);
}

static void listen_to_socks(struct passage *passage)
{
	struct fault fault;

	passage->forward.accepted = passage->forward.refused = reply;
	passage->socks.asked = asked;
	passage->socks.user = passage;
	passage->socks.instance = passage->way->all->begun;
	if (socks_start(&passage->socks, passage->way->all->connection.loop, passage->fd, &fault) !=
		0)
		release(passage);
}

/* --- Beginning and end ------------------------------------------------------------------------ */

struct passage *passage_new(struct way *way)
{
	struct forwarding *all = way->all;
	struct passage *passage = malloc(sizeof *passage + slc_usual.window);

	if (passage == NULL)
		return NULL;
	memset(passage, 0, sizeof *passage);
	passage->way = way;
	passage->target = way->target;
	passage->fd = -1;
	passage->forward.gone = passage_gone;
	passage->forward.user = passage;
	forward_init(&passage->forward, all->connection.loop, passage->memory, slc_usual.window,
		++all->begun);
	LIST_INSERT_HEAD(&all->passages, passage, next);
	return passage;
}

static void accepted(struct listener *listener, int fd)
{
	struct way *way = listener->user;
	struct passage *passage = passage_new(way);

	if (passage == NULL) {
		(void)close(fd);
		listener_ended(listener);
		return;
	}
	passage->fd = fd;
	if (way->letter == 'D')
		listen_to_socks(passage);
	else
		lead(passage);
}

static void stop(struct passage *passage)
{
	socks_stop(&passage->socks);
	if (passage->fd >= 0)
		release(passage);
	else
		forward_stop(&passage->forward, SLC_REASON_CANCELLED, "");
}

void passages_stop(struct forwarding *all)
{
	struct passage *next = LIST_FIRST(&all->passages);

	while (next != NULL) {
		struct passage *passage = next;

		next = LIST_NEXT(passage, next);
		stop(passage);
	}
}

/* --- Listening -------------------------------------------------------------------------------- */

int way_open(struct way *way, struct fault *fault)
{
	const struct listener_limits limits = {.connections = FORWARD_CONNECTIONS};

	way->listener.accepted = accepted;
	way->listener.user = way;
	if (listener_open(
		    &way->listener, way->all->connection.loop, &way->listen, &limits, fault) != 0)
		return -1;
	way->listen.port = way->listener.port;
	return 0;
}

void way_close(struct way *way)
{
	listener_close(&way->listener);
}
