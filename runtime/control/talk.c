/* talk: see talk.h. */
#include "runtime/control/talk.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/net/connect.h"

#define CODE_MALFORMED 65
#define CODE_IO        74
#define CODE_NOT_THERE 75

/* --- Connecting ------------------------------------------------------------------------------- */

struct outcome {
	int fd;
	bool is_known;
	struct fault fault;
};

static void connected(struct connector *connector, int fd, const struct fault *fault)
{
	struct outcome *outcome = connector->user;

	outcome->fd = fd;
	outcome->is_known = true;
	if (fd < 0)
		outcome->fault = *fault;
}

static int connect_to(const struct address *address, struct fault *fault)
{
	struct outcome outcome = {.fd = -1};
	struct connector connector = {.done = connected, .user = &outcome};
	struct loop *loop;

	if (loop_open(&loop, &clock_system, fault) != 0)
		return -1;
	if (connect_start(&connector, loop, address, NULL, TALK_CONNECT_SECONDS * CLOCK_SECOND,
		    fault) != 0)
		outcome.is_known = true;
	while (!outcome.is_known && loop_turn(loop, UINT64_MAX, fault) == 0)
		;
	loop_close(loop);
	if (outcome.fault.word[0] != '\0')
		*fault = outcome.fault;
	return outcome.fd;
}

/* --- Bytes ------------------------------------------------------------------------------------ */

static int send_all(const struct talk *talk, const uint8_t *bytes, size_t size, struct fault *fault)
{
	while (size > 0) {
		struct pollfd ready = {.fd = talk->fd, .events = POLLOUT};
		ssize_t done = send(talk->fd, bytes, size, MSG_NOSIGNAL);

		if (done < 0 && errno == EAGAIN)
			done = poll(&ready, 1, (int)TALK_SECONDS * 1000) == 1 ? 0 : -1;
		if (done < 0 && errno != EINTR) {
			(void)fault_io(fault, errno, "init does not take the request");
			return CODE_IO;
		}
		bytes += done > 0 ? done : 0;
		size -= done > 0 ? (size_t)done : 0;
	}
	return 0;
}

static int receive(struct talk *talk, bool for_ever, struct fault *fault)
{
	struct pollfd ready = {.fd = talk->fd, .events = POLLIN};
	ssize_t size = recv(talk->fd, talk->in, sizeof talk->in, 0);

	while (size < 0 && (errno == EAGAIN || errno == EINTR)) {
		int some = poll(&ready, 1, for_ever ? -1 : (int)TALK_SECONDS * 1000);

		if (some == 0) {
			(void)fault_set(fault, "timeout", "init does not answer");
			return CODE_NOT_THERE;
		}
		size = recv(talk->fd, talk->in, sizeof talk->in, 0);
	}
	if (size < 0) {
		(void)fault_io(fault, errno, "the connection to init has broken");
		return CODE_IO;
	}
	if (size == 0) {
		(void)fault_set(fault, "lost",
			"init has closed the connection: it is ending, or you are neither root "
			"nor its user, or too many ask it");
		return CODE_IO;
	}
	talk->in_at = 0;
	talk->in_end = (size_t)size;
	return 0;
}

static int next_frame(struct talk *talk, bool for_ever, struct fault *fault)
{
	for (;;) {
		const uint8_t *bytes = talk->in + talk->in_at;
		size_t left = talk->in_end - talk->in_at;
		enum frames_result result = frames_next(&talk->frames, &bytes, &left);
		int failed;

		talk->in_at = talk->in_end - left;
		if (result == FRAMES_WHOLE)
			return 0;
		if (result == FRAMES_BROKEN) {
			(void)fault_set(fault, "protocol",
				"what answers there does not speak init's control protocol");
			return CODE_MALFORMED;
		}
		failed = receive(talk, for_ever, fault);
		if (failed != 0)
			return failed;
	}
}

/* --- The protocol ----------------------------------------------------------------------------- */

static struct fields payload(const struct talk *talk)
{
	return fields_of(talk->frames.payload, talk->frames.header.length);
}

static int protocol_fault(struct fault *fault)
{
	(void)fault_set(fault, "protocol", "init's answer can't be read");
	return CODE_MALFORMED;
}

static int greet(struct talk *talk, struct fault *fault)
{
	uint8_t room[64];
	struct field_writer writer = frame_begin(room, sizeof room);
	struct fields fields;
	struct field field;
	uint32_t version = 0, access = 0;
	int failed;

	field_put_number(&writer, CONTROL_OF_VERSION, CONTROL_VERSION);
	failed = send_all(talk, room, frame_end(room, &writer, CONTROL_HELLO, 0), fault);
	if (failed == 0)
		failed = next_frame(talk, false, fault);
	if (failed != 0)
		return failed;
	fields = payload(talk);
	while (fields_next(&fields, &field) == FIELDS_NEXT)
		if (field.tag == CONTROL_OF_VERSION)
			(void)field_number(&field, &version);
		else if (field.tag == CONTROL_OF_ACCESS)
			(void)field_number(&field, &access);
	if (talk->frames.header.type != CONTROL_HELLO)
		return protocol_fault(fault);
	if (version != CONTROL_VERSION) {
		(void)fault_set(fault, "version",
			"init speaks version %u of the control protocol, and this is %u", version,
			CONTROL_VERSION);
		return CODE_MALFORMED;
	}
	talk->may_change = access != 0;
	return 0;
}

int talk_reach(const char *text, struct fault *fault)
{
	struct address address = {.kind = ADDRESS_UNIX};
	struct fault inner;
	int fd;

	if (text[0] != '/' && address_parse(text, &address, fault) != 0)
		return -1;
	if (text[0] == '/') {
		if (strlen(text) >= sizeof address.text)
			return fault_set(fault, "address", "the path is too long");
		memcpy(address.text, text, strlen(text) + 1u);
	}
	if (address_is_name(&address))
		return fault_set(fault, "address", "names of hosts are not looked up here");
	if (address_stand_in(&address, getenv("CLOISTER_VSOCK_DIR"), fault) != 0)
		return fault_set(fault, "address", "'%.100s' is no address here", text);
	fd = connect_to(&address, fault);
	if (fd < 0) {
		inner = *fault;
		(void)fault_set(fault, inner.word, "%.100s can't be reached: %s", text, inner.text);
	}
	return fd;
}

int talk_open(struct talk *talk, const char *text, struct fault *fault)
{
	int failed;

	memset(talk, 0, sizeof *talk);
	frames_init(&talk->frames);
	talk->fd = talk_reach(text, fault);
	if (talk->fd < 0)
		return strcmp(fault->word, "address") == 0 ? 2 : CODE_NOT_THERE;
	failed = greet(talk, fault);
	if (failed != 0)
		talk_close(talk);
	return failed;
}

void talk_close(struct talk *talk)
{
	if (talk->fd >= 0)
		(void)close(talk->fd);
	talk->fd = -1;
}

static int send_request(struct talk *talk, const struct request *request, struct fault *fault)
{
	uint8_t room[512];
	struct field_writer writer = frame_begin(room, sizeof room);

	talk->id++;
	field_put_number(&writer, CONTROL_OF_VERB, request->verb);
	if (request->unit != NULL)
		field_put_text(&writer, CONTROL_OF_UNIT, request->unit);
	if (request->lines != UINT32_MAX)
		field_put_number(&writer, CONTROL_OF_LINES, request->lines);
	if (request->follows)
		field_put_number(&writer, CONTROL_OF_FOLLOW, 1);
	if (request->has_at)
		field_put_long(&writer, CONTROL_OF_LOG_AT, request->at);
	if (request->is_now)
		field_put_number(&writer, CONTROL_OF_NOW, 1);
	if (writer.is_full) {
		(void)fault_set(fault, "not_found", "no unit has so long a name");
		return 66;
	}
	return send_all(talk, room, frame_end(room, &writer, CONTROL_REQUEST, talk->id), fault);
}

/* The end of the reply: its code, and why. */
static int read_end(const struct talk *talk, struct fault *fault)
{
	struct fields fields = payload(talk);
	struct field field;
	uint32_t code = CODE_MALFORMED;
	char reason[FAULT_WORD_MAX] = "", text[FAULT_TEXT_MAX] = "";

	while (fields_next(&fields, &field) == FIELDS_NEXT)
		if (field.tag == CONTROL_OF_CODE)
			(void)field_number(&field, &code);
		else if (field.tag == CONTROL_OF_REASON)
			(void)field_text(&field, reason, sizeof reason);
		else if (field.tag == CONTROL_OF_TEXT)
			(void)field_text(&field, text, sizeof text);
	if (code != 0)
		(void)fault_set(fault, reason, "%s", text);
	return code < 256u ? (int)code : CODE_MALFORMED;
}

int talk_ask(struct talk *talk, const struct request *request,
	const struct listener_of_reply *listener, struct fault *fault)
{
	int failed = send_request(talk, request, fault);
	bool goes_on = true;

	while (failed == 0 && goes_on) {
		failed = next_frame(talk, request->follows, fault);
		if (failed != 0)
			break;
		if (talk->frames.header.channel != talk->id)
			return protocol_fault(fault);
		switch (talk->frames.header.type) {
		case CONTROL_ROW:
			goes_on = listener->row(listener->user, payload(talk));
			break;
		case CONTROL_BYTES:
			goes_on = listener->bytes(
				listener->user, talk->frames.payload, talk->frames.header.length);
			break;
		case CONTROL_END:
			return read_end(talk, fault);
		default:
			return protocol_fault(fault);
		}
	}
	return failed == 0 ? protocol_fault(fault) : failed; /* what has come is of no use */
}
