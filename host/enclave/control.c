/* control: see control.h. */
#include "host/enclave/control.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/kernel/log.h"

static void forget(struct control_client *client)
{
	timer_stop(&client->limit);
	watch_stop(&client->watch);
	if (!client->is_ours)
		listener_ended(&client->control->listener);
}

static void drop(struct control_client *client)
{
	int fd = client->watch.fd;

	forget(client);
	close(fd);
}

static void late(struct timer *timer)
{
	drop((struct control_client *)(void *)((char *)timer -
					       offsetof(struct control_client, limit)));
}

/* A waiter that does not read is dropped: what it is told fits into its socket. */
static void tell(struct control_client *client, const json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_PRESERVE_ORDER);
	size_t size = text == NULL ? 0 : strlen(text);
	bool told;

	if (text == NULL)
		return;
	text[size] = '\n'; /* over the NUL */
	told = send(client->watch.fd, text, size + 1, MSG_NOSIGNAL | MSG_DONTWAIT) ==
	       (ssize_t)(size + 1);
	free(text);
	if (!told)
		drop(client);
}

static void tell_state(struct control_client *client)
{
	json_t *json = client->control->state(client->control->user);

	client->is_waiting = true;
	timer_stop(&client->limit);
	tell(client, json);
	json_decref(json);
}

/* Says why to who is no client any more. */
static void refuse(int fd, const struct fault *fault)
{
	json_t *json = json_pack(
		"{s:s, s:s, s:s}", "event", "refused", "reason", fault->word, "text", fault->text);
	char *text = json_dumps(json, JSON_COMPACT);

	if (text != NULL)
		(void)!dprintf(fd, "%s\n", text);
	free(text);
	json_decref(json);
	close(fd);
}

static void show_console(struct control_client *client)
{
	struct control *control = client->control;
	struct fault fault = {0};
	int fd = client->watch.fd;

	forget(client);
	if (!control->console(control->user, fd, &fault))
		refuse(fd, &fault);
}

static void turn_away(struct control_client *client)
{
	struct fault fault = {.word = "request", .text = "there is no such request"};
	int fd = client->watch.fd;

	forget(client);
	refuse(fd, &fault);
}

static void serve(struct control_client *client, char request)
{
	switch (request) {
	case CONTROL_WAIT:
		tell_state(client);
		return;
	case CONTROL_TERMINATE:
		tell_state(client);
		client->control->terminate(client->control->user);
		return;
	case CONTROL_CONSOLE:
		show_console(client);
		return;
	default:
		turn_away(client);
		return;
	}
}

static void client_ready(struct watch *watch, unsigned events)
{
	struct control_client *client =
		(struct control_client *)(void *)((char *)watch -
						  offsetof(struct control_client, watch));
	char byte;
	ssize_t got = recv(watch->fd, &byte, 1, MSG_DONTWAIT);

	(void)events;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got != 1 || client->is_waiting)
		drop(client);
	else
		serve(client, byte);
}

static struct control_client *admit(struct control *control, int fd, bool is_ours)
{
	struct fault ignored;

	for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
		struct control_client *client = &control->clients[i];

		if (client->watch.loop != NULL)
			continue;
		memset(client, 0, sizeof *client);
		client->control = control;
		client->is_ours = is_ours;
		client->watch.ready = client_ready;
		client->limit.fired = late;
		if (watch_start(&client->watch, control->loop, fd, WATCH_READ, &ignored) == 0)
			return client;
	}
	close(fd);
	return NULL;
}

static void accepted(struct listener *listener, int fd)
{
	struct control_client *client = admit(listener->user, fd, false);

	if (client == NULL)
		listener_ended(listener);
	else
		timer_start(&client->limit, listener->loop, CONTROL_SECONDS * CLOCK_SECOND);
}

void control_add(struct control *control, struct loop *loop, int fd)
{
	struct control_client *client;

	control->loop = loop;
	client = admit(control, fd, true);

	if (client != NULL)
		client->is_waiting = true;
}

void control_tell(struct control *control, const json_t *json)
{
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		if (control->clients[i].watch.loop != NULL && control->clients[i].is_waiting)
			tell(&control->clients[i], json);
}

int control_open(
	struct control *control, struct loop *loop, const char *folder, struct fault *fault)
{
	const struct listener_limits limits = {.connections = CONTROL_CLIENTS - 1u};
	struct address address = {.kind = ADDRESS_UNIX};

	control->loop = loop;
	control->listener.accepted = accepted;
	control->listener.user = control;
	if (snprintf(address.text, sizeof address.text, "%s/control", folder) >=
		(int)sizeof address.text)
		return fault_set(fault, "address", "the path of the state folder is too long");
	return listener_open(&control->listener, loop, &address, &limits, fault);
}

void control_close(struct control *control)
{
	listener_close(&control->listener);
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		if (control->clients[i].watch.loop != NULL)
			drop(&control->clients[i]);
	control->loop = NULL;
}
