/* forward_way: from a connection that somebody here makes to its target there. See forward.h. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "host/pipeline/forward.h"
#include "runtime/channel/fields.h"
#include "runtime/channel/reason.h"

/* --- Connections ------------------------------------------------------------------------------ */

/* Whoever made the connection sees it fail, and not why. */
static void tell(const struct way *way, const char *word, const char *text)
{
	char target[ADDRESS_TEXT_MAX];

	if (way->all->options->quiet || way->all->is_stopping)
		return;
	address_print(&way->target, target);
	fputs("pipeline: a connection to ", stderr);
	print_escaped(stderr, target);
	fprintf(stderr, " has failed: %s", word);
	fputs(*text != '\0' ? ": " : "", stderr);
	print_escaped(stderr, text);
	fputc('\n', stderr);
}

static void gone(struct forward *forward)
{
	struct passage *passage = forward->user;
	struct way *way = passage->way;

	if (forward->reason != SLC_REASON_NONE)
		tell(way, slc_reason_word(forward->reason), forward->text);
	LIST_REMOVE(passage, next);
	listener_ended(&way->listener);
	free(passage);
}

static int begin(struct way *way, int fd, struct fault *fault)
{
	struct forwarding *all = way->all;
	struct passage *passage = malloc(sizeof *passage + slc_usual.window);
	uint8_t bytes[ADDRESS_TEXT_MAX + SLC_FIELD_SIZE];
	struct field_writer fields = field_writer_of(bytes, sizeof bytes);
	char target[ADDRESS_TEXT_MAX];

	if (passage == NULL)
		return fault_set(fault, "memory", "no memory for a connection");
	passage->way = way;
	passage->forward = (struct forward){.gone = gone, .user = passage};
	forward_init(&passage->forward, all->connection.loop, passage->memory, slc_usual.window,
		++all->begun);
	address_print(&way->target, target);
	field_put_text(&fields, SLC_TARGET, target);
	if (forward_open(&passage->forward, all->connection.slc, SLC_FORWARD, fields.bytes,
		    fields.used, fd, fault) != 0) {
		free(passage);
		return -1;
	}
	LIST_INSERT_HEAD(&all->passages, passage, next);
	return 0;
}

static void accepted(struct listener *listener, int fd)
{
	struct way *way = listener->user;
	struct fault fault;

	if (begin(way, fd, &fault) == 0)
		return;
	tell(way, fault.word, fault.text);
	(void)close(fd);
	listener_ended(listener);
}

void passages_stop(struct forwarding *all)
{
	struct passage *passage;

	while ((passage = LIST_FIRST(&all->passages)) != NULL)
		forward_stop(&passage->forward, SLC_REASON_CANCELLED, "");
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
