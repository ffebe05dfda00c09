/* control: clients, their places and their deadlines; see control.h. */
#include "services/init/control.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/kernel/log.h"
#include "runtime/net/peer.h"
#include "services/init/init.h"

#define LIMIT(CLIENT, SECONDS)                                                                     \
	timer_start(&(CLIENT)->limit, (CLIENT)->control->init->loop, (SECONDS)*CLOCK_SECOND)

static void leave(struct control_client *client)
{
	struct control *control = client->control;

	control_let_go(client);
	timer_stop(&client->limit);
	watch_stop(&client->watch);
	(void)close(client->watch.fd);
	client->control = NULL;
	listener_ended(&control->listener);
}

static void late(struct timer *timer)
{
	struct control_client *client =
		(struct control_client *)((char *)timer - offsetof(struct control_client, limit));

	if (client->request != 0 && client->out_at == client->out_end) {
		control_end(client, 75, "timeout", "it has not come to pass yet, and goes on");
		(void)send(client->watch.fd, client->out, client->out_end,
			MSG_DONTWAIT | MSG_NOSIGNAL);
	}
	leave(client);
}

/* --- What goes out ---------------------------------------------------------------------------- */

uint8_t *control_room(struct control_client *client)
{
	if (client->out_at == client->out_end)
		client->out_at = client->out_end = 0;
	return CONTROL_OUT_MAX - client->out_end < CONTROL_ROW_MAX ? NULL
								   : client->out + client->out_end;
}

void control_sent(struct control_client *client, size_t size)
{
	client->out_end += size;
}

static void greet(struct control_client *client)
{
	uint8_t *room = control_room(client);
	struct field_writer writer = frame_begin(room, CONTROL_ROW_MAX);

	field_put_number(&writer, CONTROL_OF_VERSION, CONTROL_VERSION);
	field_put_number(&writer, CONTROL_OF_ACCESS, client->control->may_change ? 1 : 0);
	control_sent(client, frame_end(room, &writer, CONTROL_HELLO, 0));
}

/* False: the client is gone. */
static bool flush(struct control_client *client, bool *blocked)
{
	while (client->out_at < client->out_end) {
		ssize_t size = send(client->watch.fd, client->out + client->out_at,
			client->out_end - client->out_at, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (size < 0 && errno == EINTR)
			continue;
		*blocked = size < 0 && errno == EAGAIN;
		if (*blocked)
			return true;
		if (size < 0)
			return false;
		client->out_at += (size_t)size;
	}
	*blocked = false;
	return true;
}

/* --- What comes in ---------------------------------------------------------------------------- */

/* HELLO of the client: whatever its version is, it is told ours, and goes if they differ. */
static bool hello(struct control_client *client)
{
	struct fields fields = fields_of(client->frames.payload, client->frames.header.length);
	struct field field;
	uint32_t version = 0;

	if (client->is_greeted || fields_next(&fields, &field) != FIELDS_NEXT ||
		field.tag != CONTROL_OF_VERSION || field_number(&field, &version) != 0)
		return false;
	client->is_greeted = true;
	client->is_leaving = version != CONTROL_VERSION;
	greet(client);
	return true;
}

static bool frame(struct control_client *client)
{
	switch (client->frames.header.type) {
	case CONTROL_HELLO:
		return hello(client);
	case CONTROL_REQUEST:
		return client->is_greeted && control_take(client);
	default:
		return false;
	}
}

/* The next frames of what came, up to one that is to be answered. False: it speaks something else.
 */
static bool understand(struct control_client *client)
{
	const uint8_t *bytes = client->in;
	enum frames_result result = FRAMES_WHOLE;

	while (result == FRAMES_WHOLE && client->request == 0 &&
		client->out_at == client->out_end) {
		result = frames_next(&client->frames, &bytes, &client->in_used);
		if (result == FRAMES_BROKEN || (result == FRAMES_WHOLE && !frame(client)))
			return false;
	}
	memmove(client->in, bytes, client->in_used);
	return true;
}

/* One round of reply, output and input; false where nothing more can be done now. */
static bool turn(struct control_client *client, bool *blocked)
{
	size_t pending;

	if (client->request != 0)
		control_reply(client);
	pending = client->out_end - client->out_at;
	if (!flush(client, blocked))
		client->is_lost = true;
	if (*blocked || client->is_lost)
		return false;
	if (client->request != 0)
		return pending != 0;
	if (client->is_leaving || !(client->in_used == 0 || understand(client)))
		client->is_lost = true;
	return !client->is_lost && (client->request != 0 || client->out_at < client->out_end);
}

/* As far as it gets. The client may be gone then. */
static void serve(struct control_client *client)
{
	bool blocked = false;

	while (turn(client, &blocked))
		;
	if (client->is_lost)
		leave(client);
	else if (blocked)
		watch_change(&client->watch, WATCH_WRITE);
	else
		watch_change(&client->watch, client->request == 0 ? WATCH_READ : 0);
}

/* The deadline is that of what is being waited for; a follower has none while nothing happens. */
static void set_limit(struct control_client *client)
{
	if (client->out_at < client->out_end || client->request == 0)
		LIMIT(client, CONTROL_SECONDS);
	else if (client->follows)
		timer_stop(&client->limit);
	else if (client->limit.loop == NULL)
		LIMIT(client, CONTROL_WAIT_SECONDS);
}

static void go_on(struct control_client *client)
{
	size_t sent = client->out_at;
	uint32_t request = client->request;

	serve(client);
	if (client->control == NULL)
		return;
	if (request != client->request)
		timer_stop(&client->limit);
	if (request != client->request || sent != client->out_at || client->follows)
		set_limit(client);
}

static void ready(struct watch *watch, unsigned events)
{
	struct control_client *client =
		(struct control_client *)((char *)watch - offsetof(struct control_client, watch));
	ssize_t size;

	if (client->request == 0 && (events & WATCH_READ) != 0u) {
		size = recv(watch->fd, client->in + client->in_used,
			sizeof client->in - client->in_used, 0);
		if (size < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (size <= 0) {
			leave(client);
			return;
		}
		client->in_used += (size_t)size;
	} else if ((events & WATCH_ENDED) != 0u) {
		leave(client);
		return;
	}
	go_on(client);
}

static bool waits(const struct control_client *client)
{
	return client->control != NULL && client->request != 0 && client->out_at == client->out_end;
}

static void news(struct post *post)
{
	struct controls *controls =
		(struct controls *)((char *)post - offsetof(struct controls, post));

	controls->is_posted = false;
	for (unsigned i = 0; i < 2u * CONTROL_CLIENTS_MAX; i++) {
		struct control_client *client = &controls->list[i % 2u].clients[i / 2u];

		if (waits(client))
			go_on(client);
	}
}

/* Later in this turn: who has news may be in the middle of an answer. */
void control_news(struct init *init)
{
	struct controls *controls = &init->controls;
	bool any = false;

	for (unsigned i = 0; i < 2u * CONTROL_CLIENTS_MAX && !any; i++)
		any = waits(&controls->list[i % 2u].clients[i / 2u]);
	if (!any || controls->is_posted)
		return;
	controls->is_posted = true;
	controls->post.arrived = news;
	loop_post(init->loop, &controls->post);
}

/* --- Connections ------------------------------------------------------------------------------ */

/* Root, and who runs init: on a Unix socket the kernel knows. */
static bool is_welcome(struct control *control, int fd)
{
	struct fault fault = {0};
	struct peer peer;

	if (!control->may_change)
		return true;
	if (peer_of(fd, &peer, &fault) == 0 && (peer.uid == 0 || peer.uid == geteuid()))
		return true;
	control->refused++;
	LOG(LOG_WARNING, "a client of init's control is not permitted", log_number("uid", peer.uid),
		log_number("pid", peer.pid));
	return false;
}

static void accepted(struct listener *listener, int fd)
{
	struct control *control =
		(struct control *)((char *)listener - offsetof(struct control, listener));
	struct control_client *client = control->clients;
	struct fault fault = {0};

	while (client->control != NULL)
		client++;
	memset(client, 0, offsetof(struct control_client, frames));
	frames_init(&client->frames);
	client->in_used = client->out_at = client->out_end = 0;
	client->is_greeted = client->is_leaving = client->is_lost = client->follows = false;
	client->holds = false;
	client->request = 0;
	client->watch.ready = ready;
	client->limit.fired = late;
	if (!is_welcome(control, fd) ||
		watch_start(&client->watch, control->init->loop, fd, WATCH_READ, &fault) != 0) {
		(void)close(fd);
		listener_ended(listener);
		return;
	}
	client->control = control;
	LIMIT(client, CONTROL_SECONDS);
}

static void open_one(
	struct control *control, struct init *init, struct address *address, bool may_change)
{
	const struct listener_limits limits = {.connections = CONTROL_CLIENTS_MAX};
	struct fault fault = {0};

	control->init = init;
	control->may_change = may_change;
	control->listener.accepted = accepted;
	if (listener_open(&control->listener, init->loop, address, &limits, &fault) != 0)
		log_fault(LOG_WARNING, "init can't be asked by initctl", &fault);
}

void control_start(struct init *init)
{
	const char *path = init->folder == NULL ? CONTROL_SOCKET : init->control_path;
	struct address local = {.kind = ADDRESS_UNIX};
	struct address host = {
		.kind = ADDRESS_VSOCK, .cid = ADDRESS_TEXT_CID_ANY, .port = CONTROL_PORT};
	struct fault fault = {0};

	if (path != NULL && strlen(path) < sizeof local.text) {
		memcpy(local.text, path, strlen(path) + 1u);
		if (init->folder == NULL)
			make_folders("/run/cloister", 0755);
		open_one(&init->controls.list[0], init, &local, true);
	}
	if (init->folder == NULL && address_stand_in(&host, init->stand_ins, &fault) == 0)
		open_one(&init->controls.list[1], init, &host, false);
}

void control_stop(struct init *init)
{
	listener_close(&init->controls.list[0].listener);
}
