/* control_reply: replies, row by row, as long as there is room for one. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "runtime/kernel/log.h"
#include "services/init/control.h"
#include "services/init/init.h"

#define LOG_PIECE_MAX 2048u

void control_end(struct control_client *client, uint32_t code, const char *reason, const char *text)
{
	uint8_t *room = control_room(client);
	struct field_writer writer = frame_begin(room, CONTROL_ROW_MAX);

	field_put_number(&writer, CONTROL_OF_CODE, code);
	if (reason != NULL)
		field_put_text(&writer, CONTROL_OF_REASON, reason);
	if (text != NULL)
		field_put_text(&writer, CONTROL_OF_TEXT, text);
	control_sent(client, frame_end(room, &writer, CONTROL_END, client->request));
	client->request = 0;
	client->follows = false;
}

void control_refuse(struct control_client *client, uint32_t code, const struct fault *fault)
{
	control_end(client, code, fault->word, fault->text);
}

/* --- Rows ------------------------------------------------------------------------------------- */

static const char *state_name(int state)
{
	return (uint32_t)state < unit_kind.state_count ? unit_kind.states[state] : "none";
}

static void put_unit(struct field_writer *writer, const struct units *units, uint32_t i)
{
	const struct supervised *one = &units->list[i];
	uint64_t now = loop_now(units->loop);

	field_put_text(writer, CONTROL_OF_NAME, one->file.name);
	field_put_text(writer, CONTROL_OF_STANDING, units_standing(units, i));
	field_put_text(writer, CONTROL_OF_STATE, state_name(one->machine.cs));
	field_put_number(writer, CONTROL_OF_PID, (uint32_t)one->child.pid);
	field_put_number(writer, CONTROL_OF_STARTS, one->starts);
	field_put_number(writer, CONTROL_OF_EXIT, (uint32_t)one->status);
	if (one->is_changed)
		field_put_number(writer, CONTROL_OF_PENDING, 1);
	field_put_long(writer, CONTROL_OF_SECONDS,
		one->began == 0 ? 0 : (now - one->began) / CLOCK_SECOND);
}

static void put_files(
	struct field_writer *writer, const struct units *units, const struct log_file *file)
{
	char path[CONTROL_TEXT_MAX];

	if (units->captures.folder < 0 || units->keeps_console || file->limits->bytes == 0)
		return;
	(void)snprintf(path, sizeof path, "%.900s/%s.log", units->captures.logs, file->unit);
	field_put_text(writer, CONTROL_OF_LOG_FILE, path);
	field_put_long(writer, CONTROL_OF_LOG_LIMIT, file->limits->bytes);
	field_put_number(writer, CONTROL_OF_LOG_FILES, file->limits->files);
	field_put_long(writer, CONTROL_OF_LOG_DROPPED, file->dropped);
}

/* tells: also what the unit itself has said, which is for nobody who only observes. */
static void put_more(struct field_writer *writer, const struct units *units, uint32_t i, bool tells)
{
	static const char *const types[] = {"simple", "oneshot", "notify", "simple"};
	static const char *const policies[] = {"no", "always", "on-failure", "on-success"};
	const struct supervised *one = &units->list[i];
	const struct log_ring *ring = &one->output.ring;
	char why[FAULT_TEXT_MAX];

	units_why(units, i, why, sizeof why);
	field_put_text(writer, CONTROL_OF_WHY, why);
	if (tells && one->ready.said[0] != '\0')
		field_put_text(writer, CONTROL_OF_SAID, one->ready.said);
	field_put_text(writer, CONTROL_OF_TYPE, types[one->file.life.type & 3u]);
	for (uint32_t k = 0; k < units->count && k < 16u; k++)
		if (units_is_blocker(units, k, i))
			field_put_text(writer, CONTROL_OF_BLOCKER, units->list[k].file.name);
	field_put_number(writer, CONTROL_OF_ENABLED, one->file.is_enabled != 0 ? 1u : 0u);
	field_put_text(writer, CONTROL_OF_RESTART, policies[one->file.restart.policy & 3u]);
	field_put_long(writer, CONTROL_OF_WRITTEN, ring->end);
	field_put_long(writer, CONTROL_OF_KEPT, ring->end - ring->begin);
	field_put_long(writer, CONTROL_OF_UNSHOWN, one->output.unshown);
	put_files(writer, units, &one->output.file);
	if (one->file.seal != NULL)
		field_put_text(writer, CONTROL_OF_LOG_SEAL, one->file.seal);
}

static void put_system(struct field_writer *writer, const struct init *init)
{
	struct units_sum sum;
	const char *word = observe_word(init, &sum);

	field_put_text(writer, CONTROL_OF_RELEASE, CLOISTER_VERSION);
	field_put_text(writer, CONTROL_OF_HEALTH, word);
	field_put_text(writer, CONTROL_OF_BOOT, boot_kind.states[init->boot.cs]);
	field_put_number(writer, CONTROL_OF_UP, sum.up);
	field_put_number(writer, CONTROL_OF_WAITING, sum.waiting);
	field_put_number(writer, CONTROL_OF_DONE, sum.done);
	field_put_number(writer, CONTROL_OF_LOST, sum.lost);
	field_put_long(
		writer, CONTROL_OF_SECONDS, (loop_now(init->loop) - init->began) / CLOCK_SECOND);
	field_put_number(writer, CONTROL_OF_CLIENTS,
		init->controls.list[0].listener.live + init->controls.list[1].listener.live);
}

static void put_edge(struct field_writer *writer, const struct units *units, uint32_t k)
{
	static const char *const kinds[] = {[ORDER_AFTER] = "After",
		[ORDER_WANTS] = "Wants",
		[ORDER_REQUIRES] = "Requires",
		[ORDER_MILESTONE] = "Milestone",
		[ORDER_BINDS] = "BindsTo"};
	const struct order_edge *edge = &units->edges[k];

	field_put_text(writer, CONTROL_OF_BEFORE, units->list[edge->before].file.name);
	field_put_text(writer, CONTROL_OF_AFTER, units->list[edge->after].file.name);
	field_put_number(writer, CONTROL_OF_REQUIRED, edge->kind >= ORDER_REQUIRES ? 1u : 0u);
	field_put_text(writer, CONTROL_OF_KIND, kinds[edge->kind % 5u]);
}

static bool put_event(struct field_writer *writer, struct control_client *client)
{
	const struct units *units = &client->control->init->units;
	const struct history_entry *entry =
		history_next(&units->history, &client->cursor, &client->missed);

	if (entry == NULL)
		return false;
	field_put_long(writer, CONTROL_OF_NUMBER, client->cursor - 1u);
	field_put_long(writer, CONTROL_OF_TIME, (uint64_t)entry->time);
	field_put_text(writer, CONTROL_OF_NAME,
		entry->unit == HISTORY_GONE ? "removed" : units->list[entry->unit].file.name);
	field_put_text(writer, CONTROL_OF_FROM, state_name(entry->from));
	field_put_text(writer, CONTROL_OF_TO, state_name(entry->to));
	if (client->missed > 0)
		field_put_long(writer, CONTROL_OF_MISSED, client->missed);
	client->missed = 0;
	return true;
}

/* The next row; false where there is none any more, or none yet. */
static bool put_row(struct field_writer *writer, struct control_client *client)
{
	const struct init *init = client->control->init;
	uint32_t i = client->next++;

	switch (client->verb) {
	case CONTROL_LIST:
		if (i < init->units.sorted_count)
			put_unit(writer, &init->units, init->units.sorted[i]);
		return i < init->units.sorted_count;
	case CONTROL_STATUS:
		if (i == 0) {
			put_unit(writer, &init->units, client->unit);
			put_more(writer, &init->units, client->unit, client->control->may_change);
		}
		return i == 0;
	case CONTROL_SYSTEM:
		if (i == 0)
			put_system(writer, init);
		return i == 0;
	case CONTROL_GRAPH:
		if (i < init->units.edge_count)
			put_edge(writer, &init->units, i);
		return i < init->units.edge_count;
	case CONTROL_EVENTS:
		return put_event(writer, client);
	case CONTROL_RELOAD:
	case CONTROL_ENABLE:
	case CONTROL_DISABLE:
		return control_put_change(writer, client);
	default:
		return false;
	}
}

/* --- Logs: bytes as they are, and a row that says how many were lost -------------------------- */

static bool put_log(struct control_client *client, uint8_t *room)
{
	struct field_writer writer = frame_begin(room, CONTROL_ROW_MAX);
	const struct supervised *one = &client->control->init->units.list[client->unit];

	if (client->cursor < one->output.ring.begin) {
		client->missed = one->output.ring.begin - client->cursor;
		client->cursor = one->output.ring.begin;
		field_put_long(&writer, CONTROL_OF_MISSED, client->missed);
		client->missed = 0;
		control_sent(client, frame_end(room, &writer, CONTROL_ROW, client->request));
		return true;
	}
	writer.used = log_ring_get(
		&one->output.ring, &client->cursor, writer.bytes, LOG_PIECE_MAX, &client->missed);
	if (writer.used == 0)
		return false;
	control_sent(client, frame_end(room, &writer, CONTROL_BYTES, client->request));
	return true;
}

/* --- The end ---------------------------------------------------------------------------------- */

/* A start or a stop ends when it has come to something. */
static void end_change(struct control_client *client)
{
	const struct units *units = &client->control->init->units;
	enum units_outcome outcome = client->verb == CONTROL_STOP
					     ? units_asked_stop(units, client->unit)
					     : units_asked_start(units, client->unit);
	char why[FAULT_TEXT_MAX];

	if (outcome == UNITS_LATER)
		return;
	units_why(units, client->unit, why, sizeof why);
	if (outcome == UNITS_DONE)
		control_end(client, 0, NULL, NULL);
	else
		control_end(client, 76, "failed", why);
}

static void end_init(struct post *post)
{
	struct controls *controls =
		(struct controls *)((char *)post - offsetof(struct controls, end));

	init_end(controls->list[0].init, (enum shutdown_how)controls->how);
}

static void end_system(struct control_client *client)
{
	struct init *init = client->control->init;
	enum shutdown_how how =
		client->verb == CONTROL_REBOOT ? SHUTDOWN_REBOOT : SHUTDOWN_POWER_OFF;

	control_end(client, 0, NULL, NULL);
	if (init->controls.how != 0)
		return;
	init->controls.how = (uint32_t)how;
	init->controls.end.arrived = end_init;
	loop_post(init->loop, &init->controls.end);
}

static void end_reply(struct control_client *client)
{
	switch (client->verb) {
	case CONTROL_START:
	case CONTROL_STOP:
	case CONTROL_RESTART:
		end_change(client);
		break;
	case CONTROL_RELOAD:
	case CONTROL_ENABLE:
	case CONTROL_DISABLE:
		control_end_change(client);
		break;
	case CONTROL_REBOOT:
	case CONTROL_SHUTDOWN:
		end_system(client);
		break;
	default:
		if (!client->follows)
			control_end(client, 0, NULL, NULL);
		break;
	}
}

/* Whether the unit that it asked about was removed meanwhile. */
static bool is_forgotten(const struct control_client *client)
{
	const struct units *units = &client->control->init->units;

	return client->verb < CONTROL_RELOAD && client->unit < units->count &&
	       units->list[client->unit].serial != client->serial;
}

void control_reply(struct control_client *client)
{
	uint8_t *room;

	if (is_forgotten(client) && control_room(client) != NULL)
		control_end(client, client->verb == CONTROL_STOP ? 0 : 66, "not_found",
			"the unit was removed");
	while (client->request != 0 && (room = control_room(client)) != NULL) {
		struct field_writer writer = frame_begin(room, CONTROL_ROW_MAX);

		if (client->verb == CONTROL_LOGS ? put_log(client, room) : false)
			continue;
		if (client->verb != CONTROL_LOGS && put_row(&writer, client)) {
			control_sent(
				client, frame_end(room, &writer, CONTROL_ROW, client->request));
			continue;
		}
		end_reply(client);
		return;
	}
}
