/* slc_end: one end of a session, for fuzz/slc_pair.c: the machines of the channel with the least
 * plumbing that spec/slc.md allows around them, those of headers and HELLO included. What must hold
 * at one end alone, whatever the peer sends, is required here. */
#ifndef CLOISTER_FUZZ_SLC_END_H
#define CLOISTER_FUZZ_SLC_END_H

#include "fuzz/slc_wire.h"
#include "gen/slc_channel.h"
#include "gen/slc_hello.h"
#include "gen/slc_session.h"

#define NUMBERS     12u    /* of channels: 1..11, and 0 is the session */
#define PAYLOAD_MAX 65536u /* what both ends announce as their limit */
#define FIRST_MAX   1024u  /* of the first frame */

enum auth_step { STEP_PROOF = 1, STEP_ACCEPTED = 4 };

struct channel {
	struct slc_channel m;
	int used;
	uint32_t reports;
	uint64_t credited, sent;     /* what this end was granted in all, and what it sent */
	uint64_t granted, delivered; /* what it granted in all, and what its owner was given */
};

struct end {
	struct slc_session session;
	struct channel channels[NUMBERS];
	struct wire *in, *out;
	const int *clean;      /* 1 while nobody has touched the wires */
	uint32_t first_number; /* that this end may open: 1 or 2, and then every second */
	uint32_t window;       /* that this end grants on each channel */
	uint32_t peer_credit, peer_features;
	int started; /* before that it reads nothing */
	int greeted, lost, closed;
	int silent; /* GOODBYE is said, or the transport closed */
	uint32_t openings, reports;
};

/* The frame at hand: header and number, taken apart. */
struct arrived {
	struct slc_frame head;
	uint32_t number;
};

static void feed_session(
	struct end *end, enum slc_session_event event, uint32_t n, const struct arrived *frame);
static void feed_channel(
	struct end *end, uint32_t number, enum slc_channel_event event, uint32_t n);

/* A frame of the session itself; nothing may be sent behind GOODBYE. */
static struct frame *send_session(struct end *end, enum frame_type type, uint32_t number)
{
	FUZZ_REQUIRE(!end->silent);
	return put_frame(end->out, type, 0, 0, type == HELLO ? SLC_HELLO_SIZE : 4, number);
}

/* A frame of a channel, which the session must let pass: channels live only while it does. */
static void send_channel(struct end *end, uint32_t channel, enum frame_type type, uint32_t stream,
	uint32_t length, uint32_t number)
{
	FUZZ_REQUIRE(
		slc_session_step(&end->session, SLC_SESSION_SEND, 0) == SLC_SESSION_DO_TRANSMIT);
	FUZZ_REQUIRE(!end->silent);
	(void)put_frame(end->out, type, stream, channel, length, number);
}

static void send_hello(struct end *end)
{
	uint8_t *payload = send_session(end, HELLO, SLC_VERSION)->payload;

	put32(payload + 4, 1u - end->session.must_prove);
	put32(payload + 8, PAYLOAD_MAX);
	put32(payload + 12, 15);
	put32(payload + 16, end->window);
}

static void make_channel(struct end *end, uint32_t number)
{
	struct channel *channel = &end->channels[number];

	FUZZ_REQUIRE(number > 0 && number < NUMBERS && !channel->used);
	memset(channel, 0, sizeof *channel);
	slc_channel_init(&channel->m, end->peer_credit, end->window);
	channel->used = 1;
	channel->credited = end->peer_credit;
	channel->granted = end->window;
}

/* Where an end that proves itself meets one that doesn't, the machine decides what that means. */
static void start_auth(struct end *end)
{
	if (end->peer_features % 2 == 1)
		feed_session(end, SLC_SESSION_NO_AUTH, 0, NULL);
	else if (end->session.must_prove)
		(void)send_session(end, AUTH, STEP_PROOF);
}

static void check_auth(struct end *end, uint32_t step)
{
	if (!end->session.must_prove || (step != STEP_PROOF && step != STEP_ACCEPTED)) {
		feed_session(end, SLC_SESSION_AUTH_FAILED, SLC_REASON_AUTH, NULL);
	} else if (step == STEP_PROOF) {
		(void)send_session(end, AUTH, STEP_ACCEPTED);
		feed_session(end, SLC_SESSION_PROVED, 0, NULL);
	} else {
		feed_session(end, SLC_SESSION_ACCEPTED, 0, NULL);
	}
}

static void open_channel(struct end *end)
{
	uint32_t number = end->first_number;

	while (number < NUMBERS && end->channels[number].used)
		number += 2;
	make_channel(end, number);
	feed_channel(end, number, SLC_CHANNEL_OPEN, 0);
}

/* What breaks the protocol never comes from an end that keeps it. */
static void bad_frame(struct end *end)
{
	FUZZ_REQUIRE(!*end->clean);
	feed_session(end, SLC_SESSION_BAD_FRAME, SLC_REASON_PROTOCOL, NULL);
}

/* Streams are named by who sends them: 0 the opener, 1 and 2 the accepter. */
static enum slc_channel_event event_of(const struct channel *channel, const struct slc_frame *head)
{
	static const enum slc_channel_event events[] = {[ACCEPT] = SLC_CHANNEL_ACCEPTED,
		[REFUSE] = SLC_CHANNEL_REFUSED,
		[DATA] = SLC_CHANNEL_DATA,
		[END] = SLC_CHANNEL_END,
		[CREDIT] = SLC_CHANNEL_CREDIT,
		[MESSAGE] = SLC_CHANNEL_MESSAGE,
		[STATUS] = SLC_CHANNEL_STATUS,
		[RESET] = SLC_CHANNEL_RESET};
	static const uint32_t least[] = {
		[REFUSE] = 4, [DATA] = 1, [CREDIT] = 4, [MESSAGE] = 4, [STATUS] = 4, [RESET] = 4};
	static const uint32_t most[] = {[REFUSE] = 516,
		[DATA] = PAYLOAD_MAX,
		[CREDIT] = 4,
		[MESSAGE] = 64,
		[STATUS] = PAYLOAD_MAX,
		[RESET] = 516};

	if (head->length < least[head->type] || head->length > most[head->type])
		return SLC_CHANNEL_VIOLATION;
	if (head->type != DATA && head->type != END)
		return head->stream == 0 ? events[head->type] : SLC_CHANNEL_VIOLATION;
	if (head->stream == 2)
		return head->type == DATA ? SLC_CHANNEL_DATA_ERROR : SLC_CHANNEL_END_ERROR;
	return head->stream == channel->m.opener ? events[head->type] : SLC_CHANNEL_VIOLATION;
}

static void deliver(struct end *end, const struct arrived *frame)
{
	uint32_t number = frame->head.channel;
	struct channel *channel = &end->channels[number % NUMBERS];

	if (number < NUMBERS && channel->used)
		feed_channel(end, number, event_of(channel, &frame->head),
			frame->head.type == DATA ? frame->head.length : frame->number);
	else if (number % 2 == end->first_number % 2)
		bad_frame(end); /* else it is late: the channel has ended */
}

/* The effects that the session's machine asks for, lowest bit first. */
static void perform_session(struct end *end, uint32_t effects, const struct arrived *frame)
{
	if (effects & SLC_SESSION_DO_SEND_HELLO)
		send_hello(end);
	if (effects & SLC_SESSION_DO_START_AUTH)
		start_auth(end);
	if (effects & SLC_SESSION_DO_CHECK_AUTH)
		check_auth(end, frame->number);
	if (effects & SLC_SESSION_DO_OPENED)
		FUZZ_REQUIRE(end->openings++ == 0);
	if (effects & SLC_SESSION_DO_ADMIT_CHANNEL) {
		make_channel(end, frame->head.channel);
		feed_channel(end, frame->head.channel, SLC_CHANNEL_ASKED, 0);
	}
	if (effects & SLC_SESSION_DO_REFUSE_CHANNEL)
		send_channel(end, frame->head.channel, REFUSE, 0, 4, SLC_REASON_LIMIT);
	if (effects & SLC_SESSION_DO_OPEN_CHANNEL)
		open_channel(end);
	if (effects & SLC_SESSION_DO_DELIVER)
		deliver(end, frame);
	if (effects & SLC_SESSION_DO_SEND_PING)
		(void)send_session(end, PING, 7);
	if (effects & SLC_SESSION_DO_SEND_PONG)
		(void)send_session(end, PONG, frame->number);
	for (uint32_t i = 1; (effects & SLC_SESSION_DO_FAIL_CHANNELS) && i < NUMBERS; i++)
		if (end->channels[i].used)
			feed_channel(end, i, SLC_CHANNEL_LOST, 0);
	if (effects & SLC_SESSION_DO_SEND_GOODBYE)
		(void)send_session(end, GOODBYE, end->session.reason);
	if (effects & SLC_SESSION_DO_CLOSE_TRANSPORT)
		end->closed = 1;
	if (effects & (SLC_SESSION_DO_SEND_GOODBYE | SLC_SESSION_DO_CLOSE_TRANSPORT))
		end->silent = end->out->ended = 1;
	if (effects & SLC_SESSION_DO_REPORT)
		FUZZ_REQUIRE(end->reports++ == 0 && end->closed);
}

static void feed_session(
	struct end *end, enum slc_session_event event, uint32_t n, const struct arrived *frame)
{
	uint32_t effects = slc_session_step(&end->session, event, n);

	FUZZ_REQUIRE(slc_session_ok(&end->session));
	perform_session(end, effects, frame);
}

/* Accounts of the harness's own, which the machine's must not contradict. */
static void account(
	struct channel *channel, uint32_t effects, enum slc_channel_event event, uint32_t n)
{
	if (effects & SLC_CHANNEL_DO_TRANSMIT)
		channel->sent += n;
	if (effects & SLC_CHANNEL_DO_WAKE)
		channel->credited += n;
	if (effects & SLC_CHANNEL_DO_SEND_CREDIT)
		channel->granted += channel->m.granted;
	if (event == SLC_CHANNEL_DATA || event == SLC_CHANNEL_DATA_ERROR)
		channel->delivered += effects & SLC_CHANNEL_DO_DELIVER ? n : 0;
	FUZZ_REQUIRE(channel->sent <= channel->credited);
	FUZZ_REQUIRE(channel->delivered <= channel->granted);
}

static void send_of_channel(struct end *end, uint32_t number, uint32_t effects,
	enum slc_channel_event event, uint32_t n)
{
	const struct slc_channel *m = &end->channels[number].m;
	uint32_t stream = 1u - m->opener;

	if (event == SLC_CHANNEL_SEND_ERROR || event == SLC_CHANNEL_FINISH_ERROR)
		stream = 2;
	if (effects & SLC_CHANNEL_DO_SEND_OPEN)
		send_channel(end, number, OPEN, 0, 4, 1);
	if (effects & SLC_CHANNEL_DO_SEND_ACCEPT)
		send_channel(end, number, ACCEPT, 0, 0, 0);
	if (effects & SLC_CHANNEL_DO_SEND_REFUSE)
		send_channel(end, number, REFUSE, 0, 4, m->reason);
	if (effects & SLC_CHANNEL_DO_TRANSMIT)
		send_channel(end, number, DATA, stream, n, 0);
	if (effects & SLC_CHANNEL_DO_SEND_END)
		send_channel(end, number, END, stream, 0, 0);
	if (effects & SLC_CHANNEL_DO_SEND_CREDIT)
		send_channel(end, number, CREDIT, 0, 4, m->granted);
	if (effects & SLC_CHANNEL_DO_SEND_MESSAGE)
		send_channel(end, number, MESSAGE, 0, 4, 1);
	if (effects & SLC_CHANNEL_DO_SEND_STATUS)
		send_channel(end, number, STATUS, 0, 4, 0);
	if (effects & SLC_CHANNEL_DO_SEND_RESET)
		send_channel(end, number, RESET, 0, 4, m->reason);
}

static void feed_channel(struct end *end, uint32_t number, enum slc_channel_event event, uint32_t n)
{
	struct channel *channel = &end->channels[number];
	uint32_t effects = slc_channel_step(&channel->m, event, n);

	FUZZ_REQUIRE(channel->used && slc_channel_ok(&channel->m));
	if (channel->reports > 0) /* once the owner was told, nothing more is sent or delivered */
		FUZZ_REQUIRE((effects & ~(uint32_t)(SLC_CHANNEL_DO_BREAK_SESSION |
						    SLC_CHANNEL_DO_RELEASE)) == 0);
	account(channel, effects, event, n);
	send_of_channel(end, number, effects, event, n);
	if (effects & SLC_CHANNEL_DO_REPORT) {
		FUZZ_REQUIRE(channel->reports++ == 0);
		FUZZ_REQUIRE(!*end->clean || (channel->m.reason != SLC_REASON_PROTOCOL &&
						     channel->m.reason != SLC_REASON_FLOW));
	}
	if (effects & SLC_CHANNEL_DO_BREAK_SESSION)
		feed_session(end, SLC_SESSION_BAD_FRAME, SLC_REASON_TIMEOUT, NULL);
	if (effects & SLC_CHANNEL_DO_RELEASE) {
		FUZZ_REQUIRE(channel->reports == 1);
		channel->used = 0;
		feed_session(end, SLC_SESSION_CHANNEL_ENDED, 0, NULL);
	}
}

static void greet(struct end *end, const struct frame *frame, const struct arrived *arrived)
{
	struct slc_hello hello;

	slc_hello_init(&hello);
	(void)slc_hello_feed(&hello, frame->payload, SLC_HELLO_SIZE);
	if (hello.cs != SLC_HELLO_IN_OTHER_VERSION &&
		(hello.cs != SLC_HELLO_IN_DONE || arrived->head.length != SLC_HELLO_SIZE)) {
		bad_frame(end);
		return;
	}
	if (!end->greeted) {
		end->peer_features = hello.features;
		end->peer_credit = hello.credit;
	}
	end->greeted = 1;
	feed_session(end, SLC_SESSION_PEER_HELLO, hello.version, arrived);
}

static void take_frame(struct end *end, const struct frame *frame)
{
	static const enum slc_session_event events[] = {[AUTH] = SLC_SESSION_AUTH,
		[PING] = SLC_SESSION_PING,
		[PONG] = SLC_SESSION_PONG,
		[GOODBYE] = SLC_SESSION_GOODBYE,
		[OPEN] = SLC_SESSION_OPEN};
	struct arrived arrived = {.number = get32(frame->payload)};
	const struct slc_frame *head = &arrived.head;

	slc_frame_init(&arrived.head, end->greeted ? PAYLOAD_MAX : FIRST_MAX);
	(void)slc_frame_feed(&arrived.head, frame->header, SLC_FRAME_SIZE);
	if (head->cs != SLC_FRAME_IN_DONE || (head->type < OPEN && head->length < 4))
		bad_frame(end);
	else if (head->type == HELLO)
		greet(end, frame, &arrived);
	else if (head->type > OPEN)
		feed_session(end, SLC_SESSION_FRAME, 0, &arrived);
	else if (head->type == OPEN &&
		 (head->channel % 2 == end->first_number % 2 || head->channel >= NUMBERS ||
			 end->channels[head->channel].used))
		bad_frame(end);
	else
		feed_session(end, events[head->type], arrived.number, &arrived);
}

/* Takes the next frame, or the end of the wire, off what comes. Returns 0 if nothing is there. */
static int receive(struct end *end)
{
	struct frame frame;

	if (!end->started || end->lost || end->closed || (end->in->count == 0 && !end->in->ended))
		return 0;
	if (end->in->count == 0) {
		end->lost = 1;
		feed_session(end, SLC_SESSION_LOST, 0, NULL);
		return 1;
	}
	frame = take_out(end->in, 0);
	take_frame(end, &frame);
	return 1;
}

#endif
