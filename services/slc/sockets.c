/* sockets: see front.h. */
#include <string.h>
#include <unistd.h>

#include "runtime/kernel/log.h"
#include "services/slc/client.h"
#include "services/slc/front.h"

static int open_one(struct sockets *sockets, const struct address *address,
	const struct listener_limits *limits, struct fault *fault)
{
	struct listener *listener = &sockets->list[sockets->count];

	if (listener_open(listener, sockets->loop, address, limits, fault) != 0)
		return -1;
	sockets->count++;
	return 0;
}

int sockets_open(struct sockets *sockets, const struct settings *settings, struct fault *fault)
{
	/* More than are served: these hear that there are too many, and not just nothing. */
	const struct listener_limits limits = {.connections = settings->sessions + CLIENT_SPARE};

	memset(sockets, 0, sizeof *sockets);
	if (loop_open(&sockets->loop, &clock_system, fault) != 0)
		return -1;
	for (unsigned i = 0; i < settings->address_count; i++)
		if (open_one(sockets, &settings->addresses[i], &limits, fault) != 0) {
			sockets_remove(sockets);
			return -1;
		}
	return 0;
}

/* The loop is the front's alone now. The sockets stay open here until their files are removed, as
 * unix_file.h wants it. */
void sockets_hand_over(struct sockets *sockets)
{
	loop_close(sockets->loop);
	sockets->loop = NULL;
}

void sockets_remove(struct sockets *sockets)
{
	for (unsigned i = 0; i < sockets->count; i++) {
		unix_file_remove(&sockets->list[i].file);
		close(sockets->list[i].watch.fd);
	}
	sockets->count = 0;
	loop_close(sockets->loop);
	sockets->loop = NULL;
}
