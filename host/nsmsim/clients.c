/* clients: see clients.h. */
#include "host/nsmsim/clients.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Whoever can reach the file may ask, as with the device. */
#define FILE_MODE 0666u

static void close_client(struct client *client)
{
	watch_stop(&client->watch);
	(void)close(client->watch.fd);
	client->is_used = false;
	listener_ended(&client->all->listener);
}

/* A socket is ready to write only while a quarter of its buffer at least is free: more than any
 * reply has. So who does not read his replies is not read from. */
static bool has_room(int fd)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};

	return poll(&poll_fd, 1, 0) == 1 && (poll_fd.revents & POLLOUT) != 0;
}

/* False: the client is gone, or can't be served. */
static bool serve(struct client *client)
{
	struct clients *all = client->all;
	const int fd = client->watch.fd;
	ssize_t got = recv(fd, all->request, sizeof all->request, MSG_TRUNC | MSG_DONTWAIT);
	size_t size;

	if (got < 0)
		return errno == EAGAIN || errno == EINTR;
	if (got == 0)
		return false;
	size = module_answer(all->module, all->request, (size_t)got, all->reply);
	return send(fd, all->reply, size, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)size;
}

static void ready(struct watch *watch, unsigned events)
{
	struct client *client = (struct client *)((char *)watch - offsetof(struct client, watch));

	if ((events & (WATCH_READ | WATCH_WRITE)) == 0) {
		close_client(client);
		return;
	}
	if (!has_room(watch->fd)) {
		watch_change(watch, WATCH_WRITE);
		return;
	}
	watch_change(watch, WATCH_READ);
	if ((events & WATCH_READ) != 0 && !serve(client))
		close_client(client);
}

static struct client *find_unused(struct clients *clients)
{
	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		if (!clients->list[i].is_used)
			return &clients->list[i];
	return NULL;
}

static void accepted(struct listener *listener, int fd)
{
	struct clients *clients = listener->user;
	struct client *client = find_unused(clients);
	struct fault fault;

	if (client == NULL) {
		(void)close(fd);
		listener_ended(listener);
		return;
	}
	memset(client, 0, sizeof *client);
	client->all = clients;
	client->is_used = true;
	client->watch.ready = ready;
	client->watch.fd = fd;
	if (watch_start(&client->watch, clients->loop, fd, WATCH_READ, &fault) != 0)
		close_client(client);
}

int clients_open(struct clients *clients, struct loop *loop, struct module *module,
	const char *path, struct fault *fault)
{
	const struct listener_limits limits = {
		.connections = CLIENTS_MAX, .mode = FILE_MODE, .type = SOCK_SEQPACKET};
	struct address address = {.kind = ADDRESS_UNIX};

	if (strlen(path) >= sizeof address.text)
		return fault_set(fault, "address", "the socket's path is too long");
	(void)memcpy(address.text, path, strlen(path) + 1);
	clients->loop = loop;
	clients->module = module;
	clients->listener.accepted = accepted;
	clients->listener.user = clients;
	return listener_open(&clients->listener, loop, &address, &limits, fault);
}

void clients_close(struct clients *clients)
{
	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		if (clients->list[i].is_used)
			close_client(&clients->list[i]);
	listener_close(&clients->listener);
}
