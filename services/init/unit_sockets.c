/* unit_sockets: see unit_sockets.h. */
#include "services/init/unit_sockets.h"

#include <fcntl.h>
#include <unistd.h>

#include "runtime/net/listener.h"
#include "services/init/elsewhere.h"

#define MODE 0666 /* of the file of a Unix socket: its folder says who may reach it */

/* FNV-1a, of all addresses with their ends. */
static uint64_t mark_of(const struct unit_file *unit)
{
	uint64_t mark = UINT64_C(0xcbf29ce484222325);

	for (uint32_t i = 0; i < unit->socket_count; i++) {
		const char *at = unit->sockets[i];

		do
			mark = (mark ^ (uint8_t)*at) * UINT64_C(0x100000001b3);
		while (*at++ != '\0');
	}
	return mark;
}

/* Programs expect a descriptor that blocks. */
static int open_one(
	struct unit_sockets *sockets, const char *text, const char *stand_ins, struct fault *fault)
{
	static struct address address; /* too large for a stack; PID 1 has one thread */
	const struct listener_limits limits = {.mode = MODE, .at_once = true};
	int fd;

	if (address_parse(text, &address, fault) != 0 ||
		address_stand_in(&address, stand_ins, fault) != 0)
		return -1;
	fd = listener_bind(&sockets->files[sockets->count], &address, &limits, fault);
	if (fd < 0)
		return -1;
	(void)fcntl(fd, F_SETFL, 0);
	sockets->list[sockets->count++] = fd;
	return 0;
}

int unit_sockets_open(struct unit_sockets *sockets, const struct unit_file *unit,
	const char *stand_ins, struct fault *fault)
{
	uint64_t mark = mark_of(unit);

	if (sockets->mark == mark && sockets->count == unit->socket_count)
		return 0;
	unit_sockets_close(sockets);
	for (uint32_t i = 0; i < unit->socket_count; i++)
		if (open_one(sockets, unit->sockets[i], stand_ins, fault) != 0) {
			unit_sockets_close(sockets);
			return -1;
		}
	sockets->mark = mark;
	return 0;
}

void unit_sockets_close(struct unit_sockets *sockets)
{
	for (uint32_t i = 0; i < sockets->count; i++)
		unix_file_remove(&sockets->files[i]);
	elsewhere_close(sockets->list, sockets->count); /* their names are free then */
	sockets->count = 0;
	sockets->mark = 0;
}
