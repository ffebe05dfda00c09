/* cloister: the sessions of libcloister. See runtime/channel/cloister.h.
 *
 * A session is a connection (connection.h): on a socket, or on memory that its caller fills and
 * empties.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/channel/reason.h"
#include "runtime/client/cloister_inside.h"

#define ROUNDS 64u /* turns in one step: what feeds itself comes back to its caller */

/* --- Beginning and end ------------------------------------------------------------------------ */

static void measured(struct connection *connection, uint64_t nanoseconds)
{
	struct cloister *session = connection->user;

	session->is_measured = true;
	session->nanoseconds = nanoseconds;
}

static struct cloister *make(bool has_socket, struct failure *failure)
{
	struct cloister *session = calloc(1, sizeof *session);

	if (session == NULL) {
		fault_set(&failure->fault, "memory", "there is no memory for a session");
		return NULL;
	}
	session->has_socket = has_socket;
	session->connection.fd = -1;
	session->connection.measured = measured;
	session->connection.user = session;
	return session;
}

int cloister_connect(struct cloister **session, const struct cloister_options *options,
	struct cloister_error *error)
{
	struct connection_settings settings;
	struct failure failure;

	*session = make(true, &failure);
	if (*session == NULL)
		return client_fail(error, &failure.fault);
	if (client_settings(options, true, &settings, &failure) == 0 &&
		connection_open(&(*session)->connection, &settings, &failure) == 0)
		return 0;
	cloister_free(*session);
	*session = NULL;
	return client_fail(error, &failure.fault);
}

static int begin(
	struct cloister *session, const struct cloister_options *options, struct failure *failure)
{
	struct connection *connection = &session->connection;
	struct connection_settings settings;

	if (client_settings(options, false, &settings, failure) != 0 ||
		connection_prepare(connection, &settings, failure) != 0)
		return -1;
	memory_stream_open(&session->memory, connection->loop);
	return connection_greet(connection, &session->memory.stream, failure);
}

int cloister_new(struct cloister **session, const struct cloister_options *options,
	struct cloister_error *error)
{
	struct failure failure;

	*session = make(false, &failure);
	if (*session != NULL && begin(*session, options, &failure) == 0)
		return 0;
	cloister_free(*session);
	*session = NULL;
	return client_fail(error, &failure.fault);
}

void cloister_free(struct cloister *session)
{
	if (session == NULL)
		return;
	connection_drop(&session->connection);
	free(session);
}

void cloister_close(struct cloister *session)
{
	if (session != NULL && session->has_socket)
		connection_finish(&session->connection);
	cloister_free(session);
}

void cloister_leave(struct cloister *session)
{
	connection_leave(&session->connection);
}

/* --- What is known of it ---------------------------------------------------------------------- */

enum cloister_state cloister_state(const struct cloister *session)
{
	const struct connection *connection = &session->connection;

	if (connection->is_closed)
		return CLOISTER_OVER;
	return connection->is_open ? CLOISTER_OPEN : CLOISTER_OPENING;
}

bool cloister_is_attested(const struct cloister *session)
{
	return session->connection.is_attested;
}

const void *cloister_document(const struct cloister *session, size_t *size)
{
	*size = session->connection.document_size;
	return session->connection.document;
}

const char *cloister_image(const struct cloister *session)
{
	const struct policy_image *image = session->connection.image;

	return image != NULL ? image->name : NULL;
}

/* --- Moving it -------------------------------------------------------------------------------- */

size_t cloister_feed(struct cloister *session, const void *bytes, size_t size)
{
	return memory_stream_put(&session->memory, bytes, size);
}

void cloister_feed_end(struct cloister *session)
{
	memory_stream_end(&session->memory);
}

size_t cloister_output(const struct cloister *session, const void **bytes)
{
	const uint8_t *front = NULL;
	size_t size = memory_stream_front(&session->memory, &front);

	*bytes = front;
	return size;
}

void cloister_written(struct cloister *session, size_t size)
{
	memory_stream_drop(&session->memory, size);
}

bool cloister_output_ends(const struct cloister *session)
{
	return session->memory.is_finished;
}

static int turn(struct cloister *session, int most, struct failure *failure)
{
	struct loop *loop = session->connection.loop;
	uint64_t wait = most < 0 ? UINT64_MAX : (uint64_t)most * CLOCK_MILLISECOND;

	if (session->has_socket)
		return loop_turn(loop, wait, &failure->fault);
	for (unsigned i = 0; i < ROUNDS; i++) {
		if (loop_turn(loop, 0, &failure->fault) != 0)
			return -1;
		if (loop_due(loop) > loop_now(loop))
			break;
	}
	return 0;
}

int cloister_step(struct cloister *session, int most, struct cloister_error *error)
{
	struct connection *connection = &session->connection;
	struct failure failure;

	if (!connection->is_gone && turn(session, most, &failure) != 0)
		return client_fail(error, &failure.fault);
	if (!connection->is_closed)
		return 0;
	(void)connection_failure(connection, &failure);
	return client_fail(error, &failure.fault);
}

int cloister_wait(const struct cloister *session)
{
	const struct loop *loop = session->connection.loop;
	uint64_t due = loop_due(loop), now = loop_now(loop);
	uint64_t left;

	if (due == UINT64_MAX)
		return -1;
	left = due <= now ? 0 : (due - now + CLOCK_MILLISECOND - 1) / CLOCK_MILLISECOND;
	return left < INT_MAX ? (int)left : INT_MAX;
}

/* --- One exchange ----------------------------------------------------------------------------- */

static void late(struct timer *timer)
{
	(void)timer; /* that it has fired says it all */
}

static int wait_for_answer(struct cloister *session, struct failure *failure)
{
	struct connection *connection = &session->connection;
	struct timer patience = {.fired = late};
	int status = 0;

	session->is_measured = false;
	timer_start(&patience, connection->loop, connection->patience);
	slc_ping(connection->slc);
	while (status == 0 && !session->is_measured && !connection->is_closed &&
		patience.loop != NULL)
		status = connection_turn(connection, failure);
	timer_stop(&patience);
	if (status != 0)
		return -1;
	if (connection->is_closed)
		return connection_failure(connection, failure);
	if (!session->is_measured)
		return failure_reason(failure, SLC_REASON_TIMEOUT, "no answer to a PING in time");
	return 0;
}

int cloister_ping(struct cloister *session, uint64_t *nanoseconds, struct cloister_error *error)
{
	struct failure failure;

	if (!session->has_socket) {
		fault_set(&failure.fault, "usage", "this session moves no bytes of its own");
		return client_fail(error, &failure.fault);
	}
	if (wait_for_answer(session, &failure) != 0)
		return client_fail(error, &failure.fault);
	*nanoseconds = session->nanoseconds;
	return 0;
}
