/* control_change: reload, enable and disable: each waits for its turn, and then for what comes of
 * it. */
#include "services/init/control.h"
#include "services/init/init.h"

static const char *const words[] = {[UNIT_UNCHANGED] = "unchanged",
	[UNIT_ADDED] = "added",
	[UNIT_CHANGED] = "changed",
	[UNIT_REMOVED] = "removed"};

static bool is_free(const struct change *change)
{
	return !change->is_held && !change->is_measured;
}

static void begin(struct control_client *client)
{
	static const enum change_kind kinds[] = {[CONTROL_RELOAD] = CHANGE_RELOAD,
		[CONTROL_ENABLE] = CHANGE_ENABLE,
		[CONTROL_DISABLE] = CHANGE_DISABLE};

	client->holds = true;
	client->next = 1; /* of its row 0 */
	change_begin(client->control->init, kinds[client->verb], client->name);
}

bool control_put_change(struct field_writer *writer, struct control_client *client)
{
	struct init *init = client->control->init;
	struct change_row row;

	if (!client->holds && is_free(&init->change))
		begin(client);
	if (!client->holds || init->change.is_measured) {
		client->next = 0; /* the caller counts */
		return false;
	}
	if (!change_row(init, client->next - 1u, &row))
		return false;
	field_put_text(writer, CONTROL_OF_NAME, row.name);
	if (row.fault != NULL)
		field_put_text(writer, CONTROL_OF_FAULT, row.fault);
	else
		field_put_text(writer, CONTROL_OF_CHANGE, words[row.change]);
	if (row.waits)
		field_put_number(writer, CONTROL_OF_PENDING, 1);
	return true;
}

/* The unit is enabled or disabled, and is to start or stop as well: it is asked for so from here
 * on. */
static void go_on(struct control_client *client)
{
	struct units *units = &client->control->init->units;
	bool starts = client->verb == CONTROL_ENABLE;
	struct fault fault = {0};
	int failed = 0;

	client->unit = units_find(units, client->name);
	if (client->unit == units->count) {
		control_end(client, 66, "not_found", "the unit was removed");
		return;
	}
	client->serial = units->list[client->unit].serial;
	client->verb = starts ? CONTROL_START : CONTROL_STOP;
	if (starts)
		failed = units_ask_start(units, client->unit, &fault);
	else if (units->busy[client->unit] != 0)
		failed = units_ask_stop(units, client->unit, &fault);
	if (failed != 0)
		control_refuse(client, 76, &fault);
}

void control_end_change(struct control_client *client)
{
	struct init *init = client->control->init;
	struct change *change = &init->change;
	uint32_t code = change->code;
	struct fault fault = change->fault;

	if (!client->holds || change->is_measured)
		return;
	control_let_go(client);
	if (code != 0)
		control_refuse(client, code, &fault);
	else if (client->is_now)
		go_on(client);
	else
		control_end(client, 0, NULL, NULL);
}

void control_let_go(struct control_client *client)
{
	if (!client->holds)
		return;
	client->holds = false;
	change_release(client->control->init);
}
