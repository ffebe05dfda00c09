/* connections: see connections.h. */
#include "host/vsockd/connections.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#include "runtime/kernel/log.h"

#define PORT_FIRST 1073741824u /* above those that people give out, as other hypervisors do */

/* --- Memory ----------------------------------------------------------------------------------- */

/* Zeroed, and not there before it is touched. */
static void *reserve(struct connections *connections, uint64_t count, uint64_t size)
{
	void *bytes = mmap(NULL, count * size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	connections->bytes += count * size;
	return bytes == MAP_FAILED ? NULL : bytes;
}

static void release(void *bytes, uint64_t count, uint64_t size)
{
	if (bytes != NULL)
		(void)munmap(bytes, count * size);
}

int connections_open(
	struct connections *connections, uint32_t most, uint32_t buffer, struct fault *fault)
{
	const uint64_t count = 2 * (uint64_t)most;

	connections->most = most;
	connections->buffer = buffer;
	connections->next_port = PORT_FIRST;
	connections->bucket_count = 1;
	while (connections->bucket_count < count)
		connections->bucket_count *= 2;
	if (getrandom(&connections->seed, sizeof connections->seed, 0) < 0)
		return fault_io(fault, errno, "getrandom");
	connections->list = reserve(connections, count, sizeof *connections->list);
	connections->connectors = reserve(connections, count, sizeof *connections->connectors);
	connections->buckets =
		reserve(connections, connections->bucket_count, sizeof(struct connection *));
	connections->buffers = reserve(connections, count, buffer);
	if (connections->list != NULL && connections->connectors != NULL &&
		connections->buckets != NULL && connections->buffers != NULL)
		return 0;
	return fault_set(fault, "memory",
		"no memory for %u connections each way with %u bytes each: lower --connections or "
		"--buffer",
		most, buffer);
}

void connections_close(struct connections *connections)
{
	const uint64_t count = 2 * (uint64_t)connections->most;

	release(connections->list, count, sizeof *connections->list);
	release(connections->connectors, count, sizeof *connections->connectors);
	release(connections->buckets, connections->bucket_count, sizeof(struct connection *));
	release(connections->buffers, count, connections->buffer);
}

static size_t place_of(const struct connections *connections, const struct connection *connection)
{
	return (size_t)(connection - connections->list);
}

uint8_t *connections_buffer(struct connections *connections, const struct connection *connection)
{
	return connections->buffers + place_of(connections, connection) * connections->buffer;
}

struct connector *connections_take_connector(struct connections *connections)
{
	struct connector *connector = connections->free_connector;

	if (connector == NULL)
		return &connections->connectors[connections->unused_connectors++];
	connections->free_connector = connector->user;
	return connector;
}

void connections_give_connector(struct connections *connections, struct connector *connector)
{
	connector->user = connections->free_connector;
	connections->free_connector = connector;
}

/* --- Taking ----------------------------------------------------------------------------------- */

struct connection *connections_take(struct connections *connections, enum connection_origin origin)
{
	struct connection *connection = connections->free;

	if (connections->live[origin] == connections->most) {
		if (!connections->was_full)
			LOG(LOG_WARNING, "there are as many connections as may be",
				log_number("connections", connections->most),
				log_boolean("by_host", origin == BY_HOST));
		connections->was_full = true;
		return NULL;
	}
	if (connection != NULL)
		connections->free = connection->same;
	else
		connection = &connections->list[connections->unused++];
	connections->live[origin]++;
	memset(connection, 0, sizeof *connection);
	vsock_connection_init(&connection->machine);
	vsock_credit_init(&connection->credit, connections->buffer);
	connection->origin = origin;
	connection->is_used = true;
	connection->watch.fd = -1;
	return connection;
}

void connections_give_back(struct connections *connections, struct connection *connection)
{
	connection->is_used = false;
	connections->live[connection->origin]--;
	connection->same = connections->free;
	connections->free = connection;
}

/* --- Names ------------------------------------------------------------------------------------ */

static bool is_same(const struct connection_name *one, const struct connection_name *other)
{
	return one->cid == other->cid && one->port == other->port &&
	       one->guest_port == other->guest_port;
}

/* The guest chooses names; the seed is ours, so that it does not choose buckets. */
static struct connection **bucket_of(
	const struct connections *connections, const struct connection_name *name)
{
	uint64_t mixed = connections->seed;
	const uint32_t parts[] = {name->cid, name->port, name->guest_port};

	for (unsigned i = 0; i < 3; i++) {
		mixed = (mixed ^ parts[i]) * UINT64_C(0x9e3779b97f4a7c15);
		mixed ^= mixed >> 29;
	}
	return &connections->buckets[mixed & (connections->bucket_count - 1)];
}

void connections_add(struct connections *connections, struct connection *connection,
	const struct connection_name *name)
{
	struct connection **bucket = bucket_of(connections, name);

	connection->name = *name;
	connection->is_known = true;
	connection->same = *bucket;
	*bucket = connection;
}

void connections_remove(struct connections *connections, struct connection *connection)
{
	struct connection **at = bucket_of(connections, &connection->name);

	if (!connection->is_known)
		return;
	while (*at != connection)
		at = &(*at)->same;
	*at = connection->same;
	connection->is_known = false;
}

struct connection *connections_find(
	const struct connections *connections, const struct connection_name *name)
{
	struct connection *connection = *bucket_of(connections, name);

	while (connection != NULL && !is_same(&connection->name, name))
		connection = connection->same;
	return connection;
}

uint32_t connections_port(struct connections *connections, uint32_t cid, uint32_t guest_port)
{
	struct connection_name name = {.cid = cid, .guest_port = guest_port};

	do {
		name.port = connections->next_port++;
		if (connections->next_port == UINT32_MAX)
			connections->next_port = PORT_FIRST;
	} while (connections_find(connections, &name) != NULL);
	return name.port;
}
