/* connection: see connection.h. */
#include "runtime/client/connection.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/channel/reason.h"
#include "runtime/client/proof.h"

/* --- What is told ----------------------------------------------------------------------------- */

static void reached(struct connector *connector, int fd, const struct fault *fault)
{
	struct connection *connection = connector->user;

	connection->is_reached = true;
	connection->fd = fd;
	if (fault != NULL)
		connection->fault = *fault;
}

static void opened(struct slc *slc)
{
	struct connection *connection = slc_owner(slc);

	connection->is_open = true;
	if (connection->context != NULL)
		tls_stream_group(&connection->tls, connection->group);
}

static void measured(struct slc *slc, uint64_t nanoseconds)
{
	struct connection *connection = slc_owner(slc);

	if (connection->measured != NULL)
		connection->measured(connection, nanoseconds);
}

static void asked(
	struct slc *slc, struct channel *channel, uint32_t type, const uint8_t *fields, size_t size)
{
	struct connection *connection = slc_owner(slc);

	if (connection->asked != NULL)
		connection->asked(connection, channel, type, fields, size);
}

static void closed(struct slc *slc, uint32_t reason, const char *text)
{
	struct connection *connection = slc_owner(slc);

	connection->is_closed = true;
	connection->reason = reason;
	(void)snprintf(connection->text, sizeof connection->text, "%s", text);
}

static void gone(struct link *link)
{
	struct connection *connection = link->user;

	connection->is_gone = true;
}

static const struct slc_events events = {
	.opened = opened,
	.asked = asked,
	.measured = measured,
	.closed = closed,
};

/* --- The steps of opening --------------------------------------------------------------------- */

static void paused(struct timer *timer)
{
	struct connection *connection =
		(struct connection *)(void *)((char *)timer - offsetof(struct connection, pause));

	connection->is_paused = false;
}

static int pause_a_little(struct connection *connection, struct failure *failure)
{
	connection->is_paused = true;
	connection->pause.fired = paused;
	timer_start(&connection->pause, connection->loop, CONNECTION_PAUSE);
	while (connection->is_paused)
		if (connection_turn(connection, failure) != 0)
			return -1;
	return 0;
}

static int try_once(struct connection *connection, struct failure *failure)
{
	struct connector *connector = &connection->connector;
	struct endpoints endpoints;
	bool is_name = address_is_name(&connection->address);

	if (is_name && address_resolve(&connection->address, &endpoints, &failure->fault) != 0)
		return -1;
	connector->done = reached;
	connector->user = connection;
	connection->is_reached = false;
	if (connect_start(connector, connection->loop, &connection->address,
		    is_name ? &endpoints : NULL, connection->patience, &failure->fault) != 0)
		return -1;
	while (!connection->is_reached)
		if (connection_turn(connection, failure) != 0)
			return -1;
	return 0;
}

/* An enclave that runs may not have begun to listen: it is given the time that connecting has. */
static int reach(struct connection *connection, bool may_be_late, struct failure *failure)
{
	uint64_t deadline = loop_now(connection->loop) + connection->patience;

	while (try_once(connection, failure) == 0) {
		if (connection->fd >= 0)
			return 0;
		failure->fault = connection->fault;
		if (!may_be_late || strcmp(connection->fault.word, "refused") != 0 ||
			loop_now(connection->loop) >= deadline)
			return -1;
		if (pause_a_little(connection, failure) != 0)
			return -1;
	}
	return -1;
}

void connection_alarm(const struct connection *connection, const char *text)
{
	if (connection->alarm != NULL)
		connection->alarm(connection, text);
}

int connection_prepare(struct connection *connection, const struct connection_settings *settings,
	struct failure *failure)
{
	connection->fd = -1;
	connection->alarm = settings->alarm;
	connection->address = settings->address;
	connection->patience =
		settings->patience != 0 ? settings->patience : CONNECTION_SECONDS * CLOCK_SECOND;
	if (settings->is_plain)
		connection_alarm(
			connection, "INSECURE: the session is plain, for development alone");
	else if (proof_open(connection, settings, failure) != 0 ||
		 tls_open_client(&connection->context, &failure->fault) != 0)
		return -1;
	if (connection->beside != NULL) {
		connection->loop = connection->beside->loop;
		return 0;
	}
	return loop_open(&connection->loop, &clock_system, &failure->fault);
}

/* TLS over the stream, unless there is to be none. */
static int protect(struct connection *connection, struct stream **stream, struct fault *fault)
{
	if (connection->context == NULL)
		return 0;
	if (tls_stream_open(
		    &connection->tls, connection->context, connection->loop, *stream, fault) != 0)
		return -1;
	*stream = &connection->tls.stream;
	return 0;
}

int connection_greet(struct connection *connection, struct stream *stream, struct failure *failure)
{
	struct slc_options options = slc_usual;

	options.is_client = true;
	options.handshake = connection->patience;
	options.linger = CONNECTION_LINGER;
	options.must_prove = connection->context != NULL;
	options.proofs = &connection->proofs;
	if (connection->channels != 0) {
		options.channels = connection->channels;
		options.output = options.frame;
	}
	if (slc_new(&connection->slc, &options, &events, connection, &failure->fault) != 0 ||
		protect(connection, &stream, &failure->fault) != 0) {
		stream_close(stream);
		return -1;
	}
	connection->link.gone = gone;
	connection->link.user = connection;
	link_start(&connection->link, connection->loop, stream, connection->slc);
	return 0;
}

/* From here on the descriptor is the stream's. */
static int start(struct connection *connection, struct failure *failure)
{
	if (socket_stream_open(
		    &connection->socket, connection->loop, connection->fd, &failure->fault) != 0)
		return -1;
	connection->fd = -1;
	socket_stream_hold(&connection->socket, CONNECTION_HOLD);
	return connection_greet(connection, &connection->socket.stream, failure);
}

/* A key is made by an enclave at its start, and known to nobody else: who has the same one is the
 * same enclave, and not another one that is believed, too. */
static int check_beside(struct connection *connection, struct failure *failure)
{
	uint8_t key[TLS_KEY_MAX], other[TLS_KEY_MAX];
	size_t size, other_size;

	if (connection->beside == NULL || connection->context == NULL)
		return 0;
	if (tls_stream_key(&connection->tls, key, &size, &failure->fault) != 0 ||
		tls_stream_key(&connection->beside->tls, other, &other_size, &failure->fault) != 0)
		return -1;
	if (size == other_size && memcmp(key, other, size) == 0)
		return 0;
	return failure_reason(failure, SLC_REASON_BINDING,
		"another enclave answers than the one that the first session is with: somebody is "
		"in between, or it was started anew");
}

int connection_open(struct connection *connection, const struct connection_settings *settings,
	struct failure *failure)
{
	if (connection_prepare(connection, settings, failure) != 0 ||
		reach(connection, settings->may_be_late, failure) != 0 ||
		start(connection, failure) != 0)
		return -1;
	while (!connection->is_open && !connection->is_closed)
		if (connection_turn(connection, failure) != 0)
			return -1;
	return connection->is_closed ? connection_failure(connection, failure)
				     : check_beside(connection, failure);
}

/* --- And after it ----------------------------------------------------------------------------- */

int connection_turn(struct connection *connection, struct failure *failure)
{
	return loop_turn(connection->loop, UINT64_MAX, &failure->fault);
}

void connection_leave(struct connection *connection)
{
	slc_close(connection->slc, SLC_REASON_NONE, NULL);
}

void connection_finish(struct connection *connection)
{
	struct failure failure;

	if (connection->link.slc == NULL)
		return;
	connection_leave(connection);
	while (!connection->is_gone)
		if (connection_turn(connection, &failure) != 0)
			break;
	link_stop(&connection->link);
}

void connection_drop(struct connection *connection)
{
	if (connection->link.slc != NULL)
		link_stop(&connection->link);
	if (connection->loop != NULL)
		connect_cancel(&connection->connector);
	if (connection->fd >= 0)
		close(connection->fd);
	slc_free(connection->slc);
	tls_close(connection->context);
	free(connection->policy);
	free(connection->document);
	key_free(connection->key);
	connection->key = NULL;
	if (connection->beside == NULL)
		loop_close(connection->loop);
}

void connection_close(struct connection *connection)
{
	connection_finish(connection);
	connection_drop(connection);
}

int connection_failure(const struct connection *connection, struct failure *failure)
{
	const char *what = connection->is_open ? "the session with" : "no session with";
	char address[ADDRESS_TEXT_MAX];
	const char *why = connection->text;

	address_print(&connection->address, address);
	if (connection->signing.word[0] != '\0') {
		failure->fault = connection->signing;
		return -1;
	}
	if (connection->tls.has_failed && strcmp(connection->tls.fault.word, "tls") == 0)
		return fault_set(&failure->fault, "tls", "%s %.200s%s: %.200s", what, address,
			connection->is_open ? " has ended" : "", connection->tls.fault.text);
	if (*why == '\0' && connection->tls.has_failed)
		why = connection->tls.fault.text;
	if (*why == '\0')
		why = slc_reason_word(connection->reason);
	return failure_reason(failure, connection->reason, "%s %.200s%s: %s", what, address,
		connection->is_open ? " has ended" : "", why);
}
