/* client: see client.h. */
#include "services/slc/client.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/channel/binding.h"
#include "runtime/channel/fields.h"
#include "runtime/channel/reason.h"
#include "runtime/kernel/counters.h"
#include "runtime/kernel/log.h"
#include "services/slc/rights.h"

COUNTER(sessions_opened, "Sessions that clients have opened")
COUNTER(sessions_refused, "Connections that were refused because there were too many")
COUNTER(requests_refused, "Requests that were refused")

/* --- The document of a session ---------------------------------------------------------------- */

static void document_made(void *data, const uint8_t *document, size_t size)
{
	struct client *client = data;
	struct fault fault;

	client->document = NULL;
	if (binding_digest(document, size, client->digest, &fault) == 0)
		slc_document(client->slc, document, size);
	else
		slc_judged(client->slc, SLC_REASON_INTERNAL, fault.text);
}

static void document_failed(void *data, uint32_t reason, const char *text)
{
	struct client *client = data;

	LOG(LOG_WARNING, "no document", log_string("peer", client->peer),
		log_string("reason", slc_reason_word(reason)), log_string("why", text));
	client->document = NULL;
	slc_judged(client->slc, SLC_REASON_NO_DOCUMENT, text);
}

static const struct job_asker asker = {.answered = document_made, .failed = document_failed};

/* The client's nonce, what ties the document to this connection, and the key of our certificate. */
static int write_wish(struct client *client, struct field_writer *writer, const uint8_t *nonce,
	struct fault *fault)
{
	uint8_t binding[BINDING_SIZE], key[TLS_KEY_MAX];
	size_t size;

	if (binding_of(&client->tls, binding, fault) != 0 ||
		tls_stream_key(&client->tls, key, &size, fault) != 0)
		return -1;
	field_put(writer, SLC_NONCE, nonce, SLC_AUTH_NONCE_SIZE);
	field_put(writer, SLC_USER_DATA, binding, sizeof binding);
	field_put(writer, SLC_PUBLIC_KEY, key, size);
	return 0;
}

static void make_document(struct slc *slc, const uint8_t *nonce)
{
	struct client *client = slc_owner(slc);
	struct clients *all = client->all;
	uint8_t bytes[SLC_AUTH_NONCE_SIZE + BINDING_SIZE + TLS_KEY_MAX + 3 * SLC_FIELD_SIZE];
	struct field_writer writer = field_writer_of(bytes, sizeof bytes);
	struct fault fault;

	if (write_wish(client, &writer, nonce, &fault) != 0) {
		slc_judged(slc, SLC_REASON_INTERNAL, fault.text);
		return;
	}
	if (!pace_take(&all->documents, loop_now(all->loop) / CLOCK_SECOND)) {
		slc_judged(slc, SLC_REASON_LIMIT, "there are too many sessions in one second");
		return;
	}
	client->document = jobs_ask(all->jobs, JOB_PROOF, bytes, writer.used, client->peer,
		client->number, &asker, client);
	if (client->document == NULL)
		slc_judged(slc, SLC_REASON_LIMIT, "too many documents are being made");
}

/* --- The client's key ------------------------------------------------------------------------- */

static int64_t seconds_now(void)
{
	return clock_system.wall(NULL) / (int64_t)CLOCK_SECOND;
}

/* Whether the key has signed for this connection and this document. */
static uint32_t check_signature(struct client *client, const struct key_public *key,
	const uint8_t *signature, size_t size, const char **text)
{
	uint8_t bytes[BINDING_SIGNED_SIZE];
	struct fault fault;

	*text = "the signature is not that of the key for this session";
	if (binding_signed(&client->tls, client->digest, bytes, &fault) != 0)
		return SLC_REASON_INTERNAL;
	return key_verify(key, bytes, sizeof bytes, signature, size) ? SLC_REASON_NONE
								     : SLC_REASON_AUTH;
}

static uint32_t judge_key(struct client *client, const struct authorized_key *key,
	const uint8_t *signature, size_t size, const char **text)
{
	enum permit permit = authorized_enters(key, seconds_now());

	*text = permit_text(permit);
	if (permit != PERMIT_ALLOWED)
		return permit == PERMIT_EXPIRED ? SLC_REASON_EXPIRED : SLC_REASON_KEY;
	return check_signature(client, &key->public, signature, size, text);
}

/* Where anybody may enter a key proves nothing, but a wrong proof is one. */
static void check_any_key(struct client *client, const uint8_t *bytes, size_t size,
	const uint8_t *signature, size_t signature_size)
{
	struct key_public key;
	struct fault fault;
	const char *text = fault.text;
	uint32_t reason = SLC_REASON_AUTH;

	if (key_public_read(&key, bytes, size, &fault) == 0)
		reason = check_signature(client, &key, signature, signature_size, &text);
	slc_judged(client->slc, reason, text);
}

static void check_key(struct slc *slc, const uint8_t *bytes, size_t size, const uint8_t *signature,
	size_t signature_size)
{
	struct client *client = slc_owner(slc);
	const struct authorized *authorized = client->all->authorized;
	const struct authorized_key *key = NULL;
	const char *text;
	uint32_t reason;

	if (authorized == NULL) {
		check_any_key(client, bytes, size, signature, signature_size);
		return;
	}
	key = authorized_find(authorized, bytes, size);
	reason = judge_key(client, key, signature, signature_size, &text);
	if (reason == SLC_REASON_NONE)
		client->key = key;
	LOG(LOG_INFO, reason == SLC_REASON_NONE ? "entered" : "not let in",
		log_string("peer", client->peer), log_string("key", key != NULL ? key->name : ""),
		log_string("reason", slc_reason_word(reason)));
	slc_judged(slc, reason, text);
}

static const struct slc_proofs proofs = {.make = make_document, .check = check_key};

/* --- A session -------------------------------------------------------------------------------- */

/* Before any request of it, which is told on the same line. */
static void opened(struct slc *slc)
{
	struct client *client = slc_owner(slc);

	counter_add(&sessions_opened, 1);
	line_owe(client->all->jobs->line, &client->record);
}

/* False: there are too many of its kind. */
static bool begin_work(struct client *client, struct channel *channel, uint32_t type,
	const struct rights_request *request)
{
	const struct clients *all = client->all;

	if (type == SLC_LISTEN)
		return listens_begin(all->listens, channel, request->fields, request->size,
			client->peer, client->number);
	if (type == SLC_FORWARD)
		return forwards_begin(all->forwards, channel, request->fields, request->size,
			client->peer, client->number);
	if (type == SLC_CONTROL)
		return teller_tell(&client->all->teller, all->jobs->line, client->number,
			       request->fields, request->size) &&
		       control_begin(
			       all->controls, channel, client->key, request->fields, request->size);
	return jobs_begin(all->jobs, channel, type, request->fields, request->size, client->peer,
		client->number, client->key);
}

static void asked(
	struct slc *slc, struct channel *channel, uint32_t type, const uint8_t *fields, size_t size)
{
	static struct rights_request request; /* too large for a stack; there is one thread */
	struct client *client = slc_owner(slc);
	const struct authorized *authorized = client->all->authorized;
	const char *text;
	uint32_t reason = request_check(type, fields, size, &text);

	request.fields = fields;
	request.size = size;
	if (reason == SLC_REASON_NONE && authorized != NULL)
		reason = rights_check(authorized, client->key, seconds_now(), type, fields, size,
			&request, &text);
	if (reason == SLC_REASON_NONE) {
		if (begin_work(client, channel, type, &request))
			return;
		reason = SLC_REASON_LIMIT;
		text = type == SLC_FORWARD   ? "there are too many forwards"
		       : type == SLC_LISTEN  ? "there are too many that listen"
		       : type == SLC_CONTROL ? "there are too many controls"
					     : "there are too many jobs";
	}
	counter_add(&requests_refused, 1);
	LOG(LOG_INFO, "request refused", log_string("peer", client->peer),
		log_string("reason", slc_reason_word(reason)), log_string("why", text));
	channel_refuse(channel, reason, text);
}

static void closed(struct slc *slc, uint32_t reason, const char *text)
{
	struct client *client = slc_owner(slc);

	if (client->document != NULL)
		job_give_up(client->document);
	client->document = NULL;
	if (client->all->tls != NULL && client->tls.has_failed && *text == '\0')
		text = client->tls.fault.text;
	LOG(reason == SLC_REASON_NONE ? LOG_DEBUG : LOG_INFO, "session ended",
		log_string("peer", client->peer), log_string("reason", slc_reason_word(reason)),
		log_string("why", text));
}

static const struct slc_events session_events = {
	.opened = opened,
	.asked = asked,
	.closed = closed,
};

/* --- The table -------------------------------------------------------------------------------- */

static void make_room(struct client *client)
{
	struct clients *clients = client->all;

	client->is_gone = false;
	SLIST_INSERT_HEAD(&clients->unused, client, unused);
	clients->live--;
	if (clients->live == 0)
		clients->emptied(clients);
}

/* What the log is to be told of it stays until it is told. */
static void release(struct client *client)
{
	slc_free(client->slc);
	client->slc = NULL;
	listener_ended(client->listener);
	if (client->record.is_listed)
		client->is_gone = true;
	else
		make_room(client);
}

static bool tell_the_log(struct debtor *debtor, struct line *line)
{
	struct client *client = (struct client *)((char *)debtor - offsetof(struct client, record));
	uint8_t bytes[2 * SLC_FIELD_SIZE + AUTHORIZED_NAME_MAX + PEER_TEXT_MAX];
	struct field_writer writer = field_writer_of(bytes, sizeof bytes);
	struct packet packet = {.kind = PACKET_SESSION, .number = client->number, .bytes = bytes};

	field_put_text(&writer, SLC_RECORD_WHAT, client->key != NULL ? client->key->name : "");
	field_put_text(&writer, SLC_RECORD_PEER, client->peer);
	packet.size = writer.used;
	if (!line_send(line, &packet, NULL))
		return false;
	if (client->is_gone)
		make_room(client);
	return true;
}

static void gone(struct link *link)
{
	release((struct client *)((char *)link - offsetof(struct client, link)));
}

size_t clients_memory(const struct slc_options *options, uint32_t most)
{
	return ((size_t)most + CLIENT_SPARE) *
	       (sizeof(struct client) + TLS_STREAM_MEMORY + slc_memory(options));
}

int clients_open(struct clients *clients, struct loop *loop, struct jobs *jobs,
	const struct slc_options *options, const struct tls *tls,
	const struct authorized *authorized, uint32_t most, uint32_t documents, struct fault *fault)
{
	clients->authorized = authorized;
	clients->documents = (struct pace){.most = documents};
	clients->tls = tls;
	clients->loop = loop;
	clients->jobs = jobs;
	clients->options = *options;
	clients->most = most;
	teller_init(&clients->teller);
	clients->live = clients->instance = 0;
	SLIST_INIT(&clients->unused);
	clients->list = calloc((size_t)most + CLIENT_SPARE, sizeof *clients->list);
	if (clients->list == NULL)
		return fault_set(fault, "memory", "there is no memory for %u sessions", most);
	for (size_t i = (size_t)most + CLIENT_SPARE; i-- > 0;) {
		clients->list[i].all = clients;
		clients->list[i].record.pay = tell_the_log;
		SLIST_INSERT_HEAD(&clients->unused, &clients->list[i], unused);
	}
	return 0;
}

void clients_close(struct clients *clients)
{
	free(clients->list);
	clients->list = NULL;
}

/* The stream of the connection, which is the stream's if that succeeds; else null. */
static struct stream *open_stream(struct client *client, int fd, struct fault *fault)
{
	const struct clients *all = client->all;

	if (socket_stream_open(&client->socket, all->loop, fd, fault) != 0)
		return NULL;
	if (all->tls == NULL)
		return &client->socket.stream;
	if (tls_stream_open(&client->tls, all->tls, all->loop, &client->socket.stream, fault) == 0)
		return &client->tls.stream;
	watch_stop(&client->socket.watch);
	return NULL;
}

/* Makes the session; the connection is the client's if that succeeds. */
static int begin(struct client *client, int fd, struct fault *fault)
{
	struct slc_options options = client->all->options;
	struct stream *stream;
	struct peer peer;

	if (peer_of(fd, &peer, fault) != 0)
		return -1;
	peer_print(&peer, client->peer);
	options.must_prove = client->all->tls != NULL;
	options.proofs = &proofs;
	options.wants_key = client->all->authorized != NULL;
	client->key = NULL;
	options.instance = client->number = ++client->all->instance;
	if (slc_new(&client->slc, &options, &session_events, client, fault) != 0)
		return -1;
	stream = open_stream(client, fd, fault);
	if (stream == NULL) {
		slc_free(client->slc);
		client->slc = NULL;
		return -1;
	}
	memset(&client->link, 0, sizeof client->link);
	client->link.gone = gone;
	link_start(&client->link, client->all->loop, stream, client->slc);
	return 0;
}

void clients_take(struct clients *clients, struct listener *listener, int fd)
{
	struct client *client = SLIST_FIRST(&clients->unused);
	struct fault fault;

	if (client == NULL || begin(client, fd, &fault) != 0) {
		if (client != NULL)
			log_fault(LOG_WARNING, "a connection can't be served", &fault);
		counter_add(&sessions_refused, 1);
		close(fd);
		listener_ended(listener);
		return;
	}
	SLIST_REMOVE_HEAD(&clients->unused, unused);
	client->listener = listener;
	clients->live++;
	if (clients->live > clients->most) {
		counter_add(&sessions_refused, 1);
		slc_close(client->slc, SLC_REASON_LIMIT, "there are too many sessions");
	}
}

void clients_end(struct clients *clients, uint32_t reason, const char *text)
{
	for (size_t i = 0; i < (size_t)clients->most + CLIENT_SPARE; i++)
		if (clients->list[i].slc != NULL)
			slc_close(clients->list[i].slc, reason, text);
}
