/* forward_there: from a connection that somebody makes in the enclave to its target here. See
 * forward.h. */
#include <stdio.h>
#include <string.h>

#include "host/pipeline/forward.h"
#include "runtime/channel/fields.h"

#define PATIENCE (10 * CLOCK_SECOND) /* for connecting; an OPEN is answered within 30 s */

/* --- Connections ------------------------------------------------------------------------------ */

static void reached(struct connector *connector, int fd, const struct fault *fault)
{
	struct passage *passage = connector->user;

	if (fd >= 0)
		forward_connected(&passage->forward, fd);
	else
		forward_failed(&passage->forward,
			strcmp(fault->word, "denied") == 0 ? SLC_REASON_DENIED
							   : SLC_REASON_UNREACHABLE,
			fault->text);
}

static void lead(struct way *way, struct channel *channel)
{
	struct passage *passage = passage_new(way);
	struct connector *connector;
	struct fault fault;

	if (passage == NULL) {
		channel_refuse(channel, SLC_REASON_SPACE, "no memory for a connection");
		return;
	}
	connector = &passage->connector;
	connector->done = reached;
	connector->user = passage;
	forward_serve(&passage->forward, channel);
	if (connect_start(connector, way->all->connection.loop, &way->target, &way->endpoints,
		    PATIENCE, &fault) != 0)
		forward_failed(&passage->forward, SLC_REASON_INTERNAL, fault.text);
}

/* The listener that a connection came by. */
static struct way *way_of(struct forwarding *all, const uint8_t *bytes, size_t size)
{
	struct fields row = fields_of(bytes, size);
	struct field field;
	uint32_t number;

	while (fields_next(&row, &field) == FIELDS_NEXT) {
		if (field.tag != SLC_LISTENER || field_number(&field, &number) != 0)
			continue;
		for (unsigned i = 0; i < all->count; i++)
			if (all->ways[i].channel != NULL && all->ways[i].number == number)
				return &all->ways[i];
	}
	return NULL;
}

void way_asked(struct connection *connection, struct channel *channel, uint32_t type,
	const uint8_t *fields, size_t size)
{
	struct forwarding *all = connection->user;
	struct way *way = type == SLC_FORWARD ? way_of(all, fields, size) : NULL;

	if (way != NULL && !all->is_stopping)
		lead(way, channel);
	else
		channel_refuse(channel, SLC_REASON_REQUEST, "nobody listens there");
}

/* --- Listening -------------------------------------------------------------------------------- */

/* One field and no more. */
static void data(struct channel *channel, enum slc_stream stream, const uint8_t *bytes, size_t size)
{
	struct way *way = channel_owner(channel);

	if (stream != SLC_OUTPUT || size > sizeof way->said - way->size) {
		channel_abort(channel, SLC_REASON_PROTOCOL, "that is no port");
		return;
	}
	memcpy(way->said + way->size, bytes, size);
	way->size += size;
	channel_consumed(channel, size);
}

static void end(struct channel *channel, enum slc_stream stream)
{
	struct way *way = channel_owner(channel);
	struct fields row = fields_of(way->said, way->size);
	struct field field;

	if (stream == SLC_OUTPUT &&
		(fields_next(&row, &field) != FIELDS_NEXT || field.tag != SLC_PORT ||
			field_number(&field, &way->listen.port) != 0))
		channel_abort(channel, SLC_REASON_PROTOCOL, "that is no port");
}

static void ended(
	struct channel *channel, enum channel_outcome outcome, uint32_t reason, const char *text)
{
	struct way *way = channel_owner(channel);
	struct forwarding *all = way->all;

	way->channel = NULL;
	if (outcome == CHANNEL_LOST || all->has_failed)
		return;
	all->has_failed = true;
	all->reason = outcome == CHANNEL_DONE ? SLC_REASON_PROTOCOL : reason;
	(void)snprintf(all->text, sizeof all->text, "%s", text);
}

static const struct channel_events events = {
	.data = data,
	.end = end,
	.ended = ended,
};

int way_open_there(struct way *way, struct fault *fault)
{
	uint8_t bytes[ADDRESS_TEXT_MAX + SLC_FIELD_SIZE];
	struct field_writer fields = field_writer_of(bytes, sizeof bytes);
	char text[ADDRESS_TEXT_MAX];

	if (address_resolve(&way->target, &way->endpoints, fault) != 0)
		return -1;
	address_print(&way->listen, text);
	field_put_text(&fields, SLC_PLACE, text);
	if (channel_open(way->all->connection.slc, &way->channel, &events, way, SLC_LISTEN, bytes,
		    fields.used, fault) != 0)
		return -1;
	way->number = channel_number(way->channel);
	return 0;
}

bool way_is_open_there(const struct way *way)
{
	return way->channel != NULL && way->size == sizeof way->said;
}

void way_close_there(struct way *way)
{
	if (way->channel != NULL)
		channel_abort(way->channel, SLC_REASON_CANCELLED, NULL);
}
