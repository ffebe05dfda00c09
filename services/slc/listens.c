/* listens: see listens.h. */
#include "services/slc/listens.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/channel/fields.h"
#include "runtime/channel/reason.h"
#include "runtime/kernel/log.h"

/* --- Connections ------------------------------------------------------------------------------ */

/* One that can't be led anywhere is reset. How many there are is counted where they are led. */
static void accepted(struct listener *listener, int fd)
{
	const struct listen_place *place = listener->user;
	const struct linger none = {.l_onoff = 1};
	uint8_t bytes[SLC_FIELD_SIZE + 4u];
	struct field_writer fields = field_writer_of(bytes, sizeof bytes);

	listener_ended(listener);
	field_put_number(&fields, SLC_LISTENER, channel_number(place->channel));
	if (forwards_lead(place->all->forwards, channel_session(place->channel), bytes, fields.used,
		    fd, place->peer))
		return;
	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
	(void)close(fd);
}

/* --- The socket ------------------------------------------------------------------------------- */

/* The client learns the port, which the kernel may have chosen. */
static void connected(void *data, int fd)
{
	const struct listener_limits limits = {.connections = UINT32_MAX};
	struct listen_place *place = data;
	uint8_t bytes[SLC_FIELD_SIZE + 4u];
	struct field_writer fields = field_writer_of(bytes, sizeof bytes);
	struct fault fault;

	memset(&place->listener, 0, sizeof place->listener);
	place->listener.accepted = accepted;
	place->listener.user = place;
	if (listener_adopt(&place->listener, place->all->forwards->loop, fd, &limits, &fault) !=
		0) {
		(void)close(fd);
		channel_refuse(place->channel, SLC_REASON_LIMIT, fault.text);
		return;
	}
	place->is_open = true;
	LOG(LOG_INFO, "a client listens", log_string("peer", place->peer),
		log_number("port", place->listener.port));
	field_put_number(&fields, SLC_PORT, place->listener.port);
	channel_accept(place->channel);
	channel_finish(place->channel, SLC_ERROR);
	(void)channel_send(place->channel, SLC_OUTPUT, bytes, fields.used);
	channel_finish(place->channel, SLC_OUTPUT);
}

static void failed(void *data, uint32_t reason, const char *text)
{
	struct listen_place *place = data;

	place->job = NULL;
	if (place->is_open)
		channel_abort(place->channel, reason, text);
	else
		channel_refuse(place->channel, reason, text);
}

static const struct job_asker asker = {.connected = connected, .failed = failed};

/* --- The channel ------------------------------------------------------------------------------ */

static void came(struct channel *channel, enum slc_stream stream, const uint8_t *bytes, size_t size)
{
	(void)stream;
	(void)bytes;
	(void)size;
	channel_abort(channel, SLC_REASON_PROTOCOL, "nothing is sent to who listens");
}

/* The client wants no more connections. */
static void came_to_end(struct channel *channel, enum slc_stream stream)
{
	(void)stream;
	(void)channel_conclude(channel, 0, NULL, 0);
}

static void ended(
	struct channel *channel, enum channel_outcome outcome, uint32_t reason, const char *text)
{
	struct listen_place *place = channel_owner(channel);

	(void)outcome;
	LOG(LOG_INFO, "a client listens no more", log_string("peer", place->peer),
		log_string("reason", slc_reason_word(reason)), log_string("why", text));
	listener_close(&place->listener);
	if (place->job != NULL)
		job_give_up(place->job);
	place->job = NULL;
	place->channel = NULL;
}

static const struct channel_events events = {
	.data = came,
	.end = came_to_end,
	.ended = ended,
};

/* --- All of them ------------------------------------------------------------------------------ */

void listens_open(struct listens *listens, struct forwards *forwards)
{
	listens->forwards = forwards;
	for (unsigned i = 0; i < LISTENS_MAX; i++)
		listens->list[i].all = listens;
}

bool listens_begin(struct listens *listens, struct channel *channel, const uint8_t *fields,
	size_t size, const char *peer, uint32_t session)
{
	struct listen_place *place = listens->list;

	while (place < listens->list + LISTENS_MAX && place->channel != NULL)
		place++;
	if (place == listens->list + LISTENS_MAX)
		return false;
	place->is_open = false;
	place->listener.loop = NULL;
	place->peer = peer;
	place->job = jobs_ask(
		listens->forwards->jobs, SLC_LISTEN, fields, size, peer, session, &asker, place);
	if (place->job == NULL)
		return false;
	place->channel = channel;
	channel_own(channel, &events, place);
	return true;
}

void listens_stop(struct listens *listens)
{
	for (unsigned i = 0; i < LISTENS_MAX; i++)
		if (listens->list[i].channel != NULL)
			channel_abort(
				listens->list[i].channel, SLC_REASON_CLOSING, "the service stops");
}
