/* session: made, started, wished closed, lost. See session.h. */
#include <stdlib.h>
#include <string.h>

#include "runtime/channel/session_inside.h"

#define NUMBERS 65536u /* of channels, 0 among them */

const struct slc_options slc_usual = {
	.channels = 64,
	.frame = 65536,
	.window = 262144,
	.output = 262144,
	.keepalive = 15,
	.handshake = 10 * CLOCK_SECOND,
	.drain = 30 * CLOCK_SECOND,
	.linger = 2 * CLOCK_SECOND,
	.answer = 30 * CLOCK_SECOND,
	.reset = 10 * CLOCK_SECOND,
	.clock = &clock_system,
};

/* Two frames: what is left of one never keeps a whole one from being read. */
static size_t input_size(const struct slc_options *options)
{
	return 2 * ((size_t)options->frame + SLC_FRAME_SIZE);
}

static size_t output_size(const struct slc_options *options)
{
	return (size_t)options->output + RECORD_SIZE + OUTPUT_RESERVE;
}

static size_t control_size(const struct slc_options *options)
{
	return SLC_CONTROL_SIZE + (size_t)options->channels * CONTROL_PER_CHANNEL + CONTROL_RESERVE;
}

static size_t buffers_size(const struct slc_options *options)
{
	return input_size(options) + control_size(options) +
	       options->channels * output_size(options);
}

size_t slc_memory(const struct slc_options *options)
{
	return sizeof(struct slc) + options->channels * sizeof(struct channel) +
	       NUMBERS * sizeof(uint16_t) + buffers_size(options);
}

static int check_option(
	struct fault *fault, const char *name, uint64_t value, uint64_t least, uint64_t most)
{
	if (least <= value && value <= most)
		return 0;
	return fault_set(fault, "limit", "a session's %s is %ju; choose %ju to %ju", name,
		(uintmax_t)value, (uintmax_t)least, (uintmax_t)most);
}

static int check_options(const struct slc_options *options, struct fault *fault)
{
	if (check_option(fault, "limit of channels", options->channels, 1,
		    SLC_SESSION_CHANNELS_MAX) != 0 ||
		check_option(fault, "frame", options->frame, SLC_HELLO_LIMIT_MIN,
			SLC_HELLO_LIMIT_MAX) != 0 ||
		check_option(fault, "window", options->window, 1, SLC_HELLO_CREDIT_MAX) != 0 ||
		check_option(fault, "output", options->output, options->frame,
			SLC_CHANNEL_CREDIT_MAX) != 0)
		return -1;
	return check_option(fault, "keepalive", options->keepalive, 1, SLC_HELLO_KEEPALIVE_MAX);
}

static void place_channels(struct slc *slc, uint8_t *memory)
{
	const size_t size = output_size(&slc->options);

	TAILQ_INIT(&slc->unused);
	TAILQ_INIT(&slc->out.turns);
	TAILQ_INIT(&slc->out.credits);
	TAILQ_INIT(&slc->out.wakes);
	for (uint32_t i = 0; i < slc->options.channels; i++) {
		struct channel *channel = &slc->places[i];

		channel->slc = slc;
		channel->alarm.at = NEVER;
		queue_init(&channel->output, memory + i * size, size);
		TAILQ_INSERT_TAIL(&slc->unused, channel, crediting);
	}
}

int slc_new(struct slc **slc, const struct slc_options *options, const struct slc_events *events,
	void *owner, struct fault *fault)
{
	struct slc *new;
	uint8_t *memory;

	if (check_options(options, fault) != 0)
		return -1;
	new = calloc(1, sizeof *new);
	if (new == NULL)
		return fault_set(fault, "memory", "there is no memory for a session");
	new->places = calloc(options->channels, sizeof *new->places);
	new->index = calloc(NUMBERS, sizeof *new->index);
	new->in.memory = memory = malloc(buffers_size(options));
	if (new->places == NULL || new->index == NULL || memory == NULL) {
		slc_free(new);
		return fault_set(fault, "memory", "there is no memory for a session of %ju bytes",
			(uintmax_t)slc_memory(options));
	}
	new->options = *options;
	new->events = events;
	new->owner = owner;
	new->alarm.at = new->next = NEVER;
	new->newest = options->is_client ? NUMBERS - 1 : NUMBERS - 2;
	new->peer.limit = SLC_HELLO_LIMIT_MAX;
	slc_session_init(&new->machine, options->must_prove, options->channels);
	slc_auth_init(&new->auth, !options->is_client, options->wants_key);
	new->in.size = input_size(options);
	new->in.limit = SLC_HELLO_LIMIT_MIN;
	reading_next(new);
	queue_init(&new->out.control, memory + new->in.size, control_size(options));
	place_channels(new, memory + new->in.size + control_size(options));
	*slc = new;
	return 0;
}

void slc_free(struct slc *slc)
{
	if (slc == NULL)
		return;
	free(slc->in.memory);
	free(slc->index);
	free(slc->places);
	free(slc);
}

void *slc_owner(const struct slc *slc)
{
	return slc->owner;
}

void slc_start(struct slc *slc)
{
	(void)session_feed(slc, SLC_SESSION_START, 0, &nothing);
}

void slc_close(struct slc *slc, uint32_t reason, const char *text)
{
	const struct hand hand = {.text = text != NULL ? text : ""};

	(void)session_feed(slc, SLC_SESSION_CLOSE, reason, &hand);
}

void slc_ping(struct slc *slc)
{
	(void)session_feed(slc, SLC_SESSION_PROBE, 0, &nothing);
}

void slc_lost(struct slc *slc)
{
	(void)session_feed(slc, SLC_SESSION_LOST, 0, &nothing);
}

bool slc_is_over(const struct slc *slc)
{
	return slc_session_ended(&slc->machine);
}

uint32_t slc_channels(const struct slc *slc)
{
	return slc->machine.channels;
}
