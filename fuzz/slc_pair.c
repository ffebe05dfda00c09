/* slc_pair: two ends of a session in one process. The input says which end does what: the wishes of
 * its owners, the reading of a frame, a timer that fires; and what an adversary does to the wires:
 * cut them, drop, repeat and reorder frames, put in frames of his own, towards either end.
 *
 * Whatever he does, each end keeps what fuzz/slc_end.h requires, and no channel outlives its
 * session. While he does nothing, credit is conserved between the ends, nobody breaks the protocol,
 * and in the end nothing is stuck: all channels end, and both sessions close, without the help of a
 * timer. */
#include "fuzz/slc_end.h"

#define ROUNDS 8 /* in which owners do all they can; two are enough */

struct pair {
	struct end ends[2];
	struct wire wires[2]; /* wires[i] is what ends[i] sends */
	int clean;
};

enum deed { START, WANT, CLOSE, PROBE, FIRE, CUT, INJECT, DROP, SWAP, REPEAT, DEEDS };

/* What the owner of a channel may do, and its timer. */
static const enum slc_channel_event wishes[] = {SLC_CHANNEL_ACCEPT, SLC_CHANNEL_REFUSE,
	SLC_CHANNEL_SEND, SLC_CHANNEL_SEND_ERROR, SLC_CHANNEL_FINISH, SLC_CHANNEL_FINISH_ERROR,
	SLC_CHANNEL_CONSUMED, SLC_CHANNEL_TELL, SLC_CHANNEL_CONCLUDE, SLC_CHANNEL_ABORT,
	SLC_CHANNEL_TIMEOUT};
#define WISHES (sizeof wishes / sizeof *wishes)

static uint32_t window_of(uint8_t byte)
{
	uint32_t window = fuzz_amount(byte);

	return window == 0 ? 1 : window > SLC_CHANNEL_CREDIT_MAX ? SLC_CHANNEL_CREDIT_MAX : window;
}

/* Reads what is on its way, until nothing is. */
static void settle(struct pair *pair)
{
	while (receive(&pair->ends[0]) || receive(&pair->ends[1]))
		;
}

static void start(struct end *end)
{
	end->started = 1;
	feed_session(end, SLC_SESSION_START, 0, NULL);
}

/* The seed: proofs, limits and windows of both, and whether they have greeted already. */
static void begin(struct pair *pair, uint32_t seed)
{
	memset(pair, 0, sizeof *pair);
	pair->clean = 1;
	for (uint32_t i = 0; i < 2; i++) {
		struct end *end = &pair->ends[i];

		slc_session_init(&end->session, seed >> (1 + i) & 1u, 5 - (seed >> 3 * i) / 8 % 6);
		end->out = &pair->wires[i];
		end->in = &pair->wires[1 - i];
		end->clean = &pair->clean;
		end->first_number = 1 + i;
		end->window = window_of((uint8_t)(seed >> (16 + 8 * i)));
	}
	for (uint32_t i = 0; seed % 2 == 0 && i < 2; i++)
		start(&pair->ends[i]);
	if (seed % 2 == 0)
		settle(pair);
}

/* A frame as nobody here would send it, or as anybody could. */
static void inject(struct wire *wire, const uint8_t **data, size_t *size)
{
	uint8_t type = fuzz_byte(data, size), what = fuzz_byte(data, size);
	uint32_t number = fuzz_amount(fuzz_byte(data, size));
	uint32_t length = type >= 128 ? number : type % 16 == HELLO ? SLC_HELLO_SIZE : 4;
	uint8_t *payload;

	if (wire->count >= WIRE_OFFER)
		return;
	payload = put_frame(wire, type % 16, what / 16 % 4, what % 16, length, number)->payload;
	if (type % 16 == HELLO) { /* one that can be read, but for one number perhaps */
		put32(payload, type % 128 < 32 ? 1 : number);
		put32(payload + 4, what % 2);
		put32(payload + 8, PAYLOAD_MAX);
		put32(payload + 12, 15);
		put32(payload + 16, number);
	}
}

/* What an adversary between the ends can do to what comes to this end. */
static void tamper(struct pair *pair, struct end *end, enum deed deed, uint8_t amount)
{
	struct wire *wire = end->in;
	uint32_t at = wire->count ? amount % wire->count : 0;

	pair->clean = 0;
	if (deed == CUT) {
		end->in->ended = end->out->ended = 1;
		end->in->count = 0;
		(void)receive(end);
	} else if (deed == DROP && wire->count > 0) {
		(void)take_out(wire, at);
	} else if (deed == SWAP && wire->count > 1) {
		struct frame frame = take_out(wire, at);

		wire->frames[wire->count++] = frame;
	} else if (deed == REPEAT && wire->count > 0 && wire->count < WIRE_OFFER) {
		wire->frames[wire->count] = wire->frames[at];
		wire->count++;
	}
}

static void wish(struct end *end, uint8_t which, enum slc_channel_event event, uint8_t amount)
{
	uint32_t number = 0, left = which, n = fuzz_amount(amount);

	for (uint32_t i = 1; i < NUMBERS; i++)
		if (end->channels[i].used && (number == 0 || left-- > 0))
			number = i;
	if (number == 0)
		return;
	if (event == SLC_CHANNEL_TIMEOUT)
		n = end->channels[number].m.timer - amount % 2u;
	else if (event == SLC_CHANNEL_REFUSE || event == SLC_CHANNEL_ABORT)
		n = SLC_REASON_CANCELLED;
	else if (event != SLC_CHANNEL_CONSUMED && n > PAYLOAD_MAX)
		n = PAYLOAD_MAX;
	feed_channel(end, number, event, n);
}

static void wish_of_session(struct end *end, enum deed deed, uint8_t amount)
{
	uint32_t timer = end->session.timer - amount % 2u;
	uint32_t reason = amount % 2 ? SLC_REASON_INTERNAL : SLC_REASON_NONE;

	if (deed == START)
		start(end);
	else if (deed == WANT)
		feed_session(end, SLC_SESSION_WANT, 0, NULL);
	else if (deed == CLOSE)
		feed_session(end, SLC_SESSION_CLOSE, reason, NULL);
	else if (deed == PROBE)
		feed_session(end, SLC_SESSION_PROBE, 0, NULL);
	else if (deed == FIRE)
		feed_session(end, SLC_SESSION_TIMEOUT, timer, NULL);
}

/* One step: an end, one of its channels, what happens, and an amount. */
static void step(struct pair *pair, const uint8_t **data, size_t *size)
{
	uint8_t what = fuzz_byte(data, size), amount;
	struct end *end = &pair->ends[what / 128];
	uint32_t deed = what % 32;

	if (deed >= DEEDS + WISHES) {
		(void)receive(end);
		return;
	}
	amount = fuzz_byte(data, size);
	if (deed == INJECT) {
		pair->clean = 0;
		inject(end->in, data, size);
	} else if (deed >= CUT && deed < DEEDS) {
		tamper(pair, end, (enum deed)deed, amount);
	} else if (end->out->count >= WIRE_OFFER) {
		return;
	} else if (deed < DEEDS) {
		wish_of_session(end, (enum deed)deed, amount);
	} else {
		wish(end, what / 32 % 4, wishes[deed - DEEDS], amount);
	}
}

static uint32_t living(const struct end *end)
{
	uint32_t count = 0;

	for (uint32_t i = 1; i < NUMBERS; i++)
		count += end->channels[i].used != 0;
	return count;
}

/* What one end may still send, and what is on its way, is what the other end still expects. */
static void check_credit(const struct pair *pair, uint32_t number)
{
	for (uint32_t i = 0; i < 2; i++) {
		const struct channel *from = &pair->ends[i].channels[number];
		const struct channel *to = &pair->ends[1 - i].channels[number];

		if (!from->used || !to->used || from->reports > 0 || to->reports > 0)
			continue;
		FUZZ_REQUIRE(from->m.send_credit + on_its_way(&pair->wires[i], DATA, number) +
				     on_its_way(&pair->wires[1 - i], CREDIT, number) ==
			     to->m.receive_window);
	}
}

static void check(const struct pair *pair)
{
	for (uint32_t i = 0; i < 2; i++)
		FUZZ_REQUIRE(pair->ends[i].session.channels == living(&pair->ends[i]));
	for (uint32_t number = 1; pair->clean && number < NUMBERS; number++)
		check_credit(pair, number);
}

/* All that the owner of an end can do to come to an end in good order. What does not fit the state
 * of a channel, its machine ignores. */
static void conclude(struct end *end)
{
	static const enum slc_channel_event all[] = {SLC_CHANNEL_ACCEPT, SLC_CHANNEL_CONSUMED,
		SLC_CHANNEL_FINISH, SLC_CHANNEL_FINISH_ERROR, SLC_CHANNEL_CONCLUDE};

	for (uint32_t i = 1; i < NUMBERS; i++)
		for (size_t k = 0; k < sizeof all / sizeof *all && end->channels[i].used; k++)
			feed_channel(end, i, all[k], end->channels[i].m.held);
}

/* When all that came is consumed, every channel that lives can send at least one byte. */
static void check_flow(struct pair *pair)
{
	for (uint32_t i = 0; i < 2 * NUMBERS; i++) {
		struct channel *channel = &pair->ends[i % 2].channels[i / 2];

		if (channel->used)
			feed_channel(
				&pair->ends[i % 2], i / 2, SLC_CHANNEL_CONSUMED, channel->m.held);
	}
	settle(pair);
	for (uint32_t i = 0; i < 2 * NUMBERS; i++) {
		const struct channel *from = &pair->ends[i % 2].channels[i / 2];
		const struct channel *to = &pair->ends[1 - i % 2].channels[i / 2];

		if (from->used && to->used && from->reports == 0 && to->reports == 0)
			FUZZ_REQUIRE(from->m.send_credit > 0);
	}
}

static void finish(struct pair *pair)
{
	for (uint32_t i = 0; i < 2; i++)
		start(&pair->ends[i]);
	settle(pair);
	if (pair->clean)
		check_flow(pair);
	for (int round = 0; pair->clean && round < ROUNDS; round++) {
		settle(pair);
		conclude(&pair->ends[0]);
		conclude(&pair->ends[1]);
		check(pair);
	}
	if (pair->clean) {
		FUZZ_REQUIRE(living(&pair->ends[0]) == 0 && living(&pair->ends[1]) == 0);
		feed_session(&pair->ends[0], SLC_SESSION_CLOSE, 0, NULL);
		settle(pair);
	} else {
		tamper(pair, &pair->ends[0], CUT, 0);
		tamper(pair, &pair->ends[1], CUT, 0);
	}
	for (uint32_t i = 0; i < 2; i++) {
		const struct end *end = &pair->ends[i];

		FUZZ_REQUIRE(slc_session_ended(&end->session) && end->reports == 1);
		FUZZ_REQUIRE(living(end) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t seed = fuzz_seed(&data, &size);
	static struct pair pair; /* too large for a stack, and begun anew each time */

	begin(&pair, seed);
	check(&pair);
	while (size > 0) {
		step(&pair, &data, &size);
		check(&pair);
	}
	finish(&pair);
	return 0;
}
