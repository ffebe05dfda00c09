/* control_request: a request is taken apart, and begun. */
#include <string.h>

#include "runtime/kernel/log.h"
#include "services/init/control.h"
#include "services/init/init.h"

struct wish {
	uint32_t verb, lines, follow, now;
	uint64_t at;
	bool has_lines, has_unit, has_at;
	char unit[UNIT_NAME_MAX];
};

/* Each field at most once would be stricter; the last one counts. */
static bool read_wish(const struct frames *frames, struct wish *wish)
{
	struct fields fields = fields_of(frames->payload, frames->header.length);
	struct field field;
	enum fields_result result;

	while ((result = fields_next(&fields, &field)) == FIELDS_NEXT) {
		int failed = -1;

		if (field.tag == CONTROL_OF_VERB)
			failed = field_number(&field, &wish->verb);
		else if (field.tag == CONTROL_OF_LINES)
			failed = field_number(&field, &wish->lines);
		else if (field.tag == CONTROL_OF_FOLLOW)
			failed = field_number(&field, &wish->follow);
		else if (field.tag == CONTROL_OF_NOW)
			failed = field_number(&field, &wish->now);
		else if (field.tag == CONTROL_OF_UNIT)
			failed = field_text(&field, wish->unit, sizeof wish->unit);
		else if (field.tag == CONTROL_OF_LOG_AT)
			failed = field_long(&field, &wish->at);
		if (failed != 0)
			return false;
		wish->has_lines |= field.tag == CONTROL_OF_LINES;
		wish->has_unit |= field.tag == CONTROL_OF_UNIT;
		wish->has_at |= field.tag == CONTROL_OF_LOG_AT;
	}
	return result == FIELDS_END && wish->verb >= 1u && wish->verb <= CONTROL_VERB_LAST;
}

static bool needs_unit(uint32_t verb)
{
	return verb == CONTROL_STATUS || (verb >= CONTROL_LOGS && verb <= CONTROL_RESET_FAILED);
}

/* Who is enabled may be known by its file alone. */
static bool needs_name(uint32_t verb)
{
	return verb == CONTROL_ENABLE || verb == CONTROL_DISABLE;
}

static unsigned followers(const struct control *control)
{
	unsigned count = 0;

	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++)
		count += control->clients[i].control != NULL && control->clients[i].follows;
	return count;
}

/* Whether it may be begun; else the request has been refused. */
static bool may_begin(struct control_client *client, const struct wish *wish)
{
	const struct units *units = &client->control->init->units;
	struct fault fault = {0};

	client->unit = wish->has_unit ? units_find(units, wish->unit) : UNITS_MAX;
	client->serial = client->unit < units->count ? units->list[client->unit].serial : 0;
	(void)snprintf(client->name, sizeof client->name, "%s", wish->unit);
	client->is_now = wish->now != 0;
	if (!client->control->may_change && wish->verb > CONTROL_OBSERVING_LAST) {
		(void)fault_set(&fault, "denied",
			"over this connection init can be observed, and nothing else");
		control_refuse(client, 77, &fault);
		return false;
	}
	if (needs_name(wish->verb) ? !unit_name_ok(wish->unit)
				   : (wish->has_unit || needs_unit(wish->verb)) &&
					     client->unit >= units->count) {
		(void)fault_set(&fault, "not_found", "there is no unit '%.64s': see `initctl list`",
			wish->unit);
		control_refuse(client, 66, &fault);
		return false;
	}
	if (wish->follow != 0 && followers(client->control) == CONTROL_FOLLOWERS_MAX) {
		(void)fault_set(&fault, "limit", "%u clients follow logs or events already",
			CONTROL_FOLLOWERS_MAX);
		control_refuse(client, 75, &fault);
		return false;
	}
	return true;
}

static void begin(struct control_client *client, const struct wish *wish)
{
	static int (*const asks[])(struct units * units, uint32_t i, struct fault * fault) = {
		[CONTROL_START] = units_ask_start,
		[CONTROL_STOP] = units_ask_stop,
		[CONTROL_RESTART] = units_ask_restart,
		[CONTROL_RESET_FAILED] = units_ask_reset};
	struct init *init = client->control->init;
	struct log_ring *ring;
	struct fault fault = {0};

	if (client->verb > CONTROL_LOGS)
		LOG(LOG_INFO, "an operator asks", log_number("verb", client->verb),
			log_string("unit", client->unit < init->units.count
						   ? init->units.list[client->unit].file.name
						   : client->name));
	switch (client->verb) {
	case CONTROL_LOGS:
		ring = &init->units.list[client->unit].output.ring;
		client->cursor = wish->has_at ? wish->at : log_ring_tail(ring, client->lines);
		break;
	case CONTROL_LOGS_CLEAR:
		capture_clear(&init->units.list[client->unit].output);
		break;
	case CONTROL_START:
	case CONTROL_STOP:
	case CONTROL_RESTART:
	case CONTROL_RESET_FAILED:
		if (asks[client->verb](&init->units, client->unit, &fault) != 0)
			control_refuse(client, 76, &fault);
		break;
	default:
		break;
	}
}

bool control_take(struct control_client *client)
{
	struct wish wish = {.lines = UINT32_MAX};

	if (client->frames.header.channel == 0u || !read_wish(&client->frames, &wish))
		return false;
	client->request = client->frames.header.channel;
	client->verb = wish.verb;
	client->lines = wish.lines;
	client->follows = false;
	client->next = 0;
	client->cursor = client->missed = 0;
	if (!may_begin(client, &wish))
		return true;
	client->follows =
		wish.follow != 0 && (wish.verb == CONTROL_LOGS || wish.verb == CONTROL_EVENTS);
	begin(client, &wish);
	return true;
}
