/* forwards: see forwards.h. */
#include "services/slc/forwards.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/channel/reason.h"
#include "runtime/kernel/counters.h"
#include "runtime/kernel/log.h"

COUNTER(forwards_begun, "Connections that were forwarded for clients, either way")

/* --- One of them ------------------------------------------------------------------------------ */

static void connected(void *data, int fd)
{
	struct forward_place *place = data;

	place->dialling = NULL;
	forward_connected(&place->forward, fd);
}

static void failed(void *data, uint32_t reason, const char *text)
{
	struct forward_place *place = data;

	place->dialling = NULL;
	forward_failed(&place->forward, reason, text);
}

static const struct job_asker asker = {.connected = connected, .failed = failed};

static void gone(struct forward *forward)
{
	struct forward_place *place = forward->user;

	LOG(LOG_INFO, "forward ended", log_string("peer", place->peer),
		log_string("reason", slc_reason_word(forward->reason)),
		log_string("why", forward->text));
	if (place->dialling != NULL)
		job_give_up(place->dialling);
	place->dialling = NULL;
	place->is_live = false;
	SLIST_INSERT_HEAD(&place->all->unused, place, unused);
}

/* A place, which is not taken yet; null: there is none. */
static struct forward_place *prepare(struct forwards *forwards, const char *peer)
{
	struct forward_place *place = SLIST_FIRST(&forwards->unused);
	uint8_t *memory;

	if (place == NULL)
		return NULL;
	memory = forwards->memory + (size_t)(place - forwards->list) * forwards->window;
	place->peer = peer;
	place->dialling = NULL;
	forward_init(&place->forward, forwards->loop, memory, forwards->window, ++forwards->begun);
	return place;
}

static void take(struct forward_place *place)
{
	SLIST_REMOVE_HEAD(&place->all->unused, unused);
	place->is_live = true;
	counter_add(&forwards_begun, 1);
}

bool forwards_begin(struct forwards *forwards, struct channel *channel, const uint8_t *fields,
	size_t size, const char *peer, uint32_t session)
{
	struct forward_place *place = prepare(forwards, peer);

	if (place == NULL)
		return false;
	place->dialling =
		jobs_ask(forwards->jobs, SLC_FORWARD, fields, size, peer, session, &asker, place);
	if (place->dialling == NULL)
		return false;
	take(place);
	forward_serve(&place->forward, channel);
	return true;
}

bool forwards_lead(struct forwards *forwards, struct slc *slc, const uint8_t *fields, size_t size,
	int fd, const char *peer)
{
	struct forward_place *place = prepare(forwards, peer);
	struct fault fault;

	if (place == NULL ||
		forward_open(&place->forward, slc, SLC_FORWARD, fields, size, fd, &fault) != 0)
		return false;
	take(place);
	return true;
}

void forwards_stop(struct forwards *forwards)
{
	for (uint32_t i = 0; i < forwards->count; i++)
		if (forwards->list[i].is_live)
			forward_stop(&forwards->list[i].forward, SLC_REASON_CLOSING,
				"the service stops");
}

/* --- The table -------------------------------------------------------------------------------- */

size_t forwards_memory(uint32_t count, uint32_t window)
{
	return count * (sizeof(struct forward_place) + window);
}

int forwards_open(struct forwards *forwards, struct loop *loop, struct jobs *jobs, uint32_t count,
	uint32_t window, struct fault *fault)
{
	forwards->loop = loop;
	forwards->jobs = jobs;
	forwards->begun = 0;
	forwards->count = count;
	forwards->window = window;
	SLIST_INIT(&forwards->unused);
	forwards->list = calloc(count, sizeof *forwards->list);
	forwards->memory = malloc((size_t)count * window);
	if (forwards->list == NULL || forwards->memory == NULL) {
		forwards_close(forwards);
		return fault_set(fault, "memory", "there is no memory for %u forwards", count);
	}
	for (uint32_t i = count; i-- > 0;) {
		struct forward_place *place = &forwards->list[i];

		place->all = forwards;
		place->forward.user = place;
		place->forward.gone = gone;
		SLIST_INSERT_HEAD(&forwards->unused, place, unused);
	}
	return 0;
}

void forwards_close(struct forwards *forwards)
{
	free(forwards->list);
	free(forwards->memory);
	forwards->list = NULL;
	forwards->memory = NULL;
}
